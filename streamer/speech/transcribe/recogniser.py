"""Amazon Transcribe as the recogniser of a call: the whole call in one stream."""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic

from offhook.agents.engines import RECOGNISERS, TRANSCRIBE
from streamer.media.mulaw import BYTES_PER_MS, decode
from streamer.speech.aws_failures import AwsSpeechError, Failure
from streamer.speech.ports import Listening, Recognition, RecognitionStream
from streamer.speech.transcribe.committing import PAUSE_MS, Committing
from streamer.speech.transcribe.muteness import Muteness
from streamer.speech.transcribe.options import TranscribeOptions
from streamer.speech.transcribe.stream import SERVICE, TranscribeStream
from streamer.speech.transcribe.transports import Transcriber

_PIECE_BYTES = 100 * BYTES_PER_MS


class TranscribeRecogniser:
    """Implements Recogniser."""

    def __init__(self, transcriber: Transcriber) -> None:
        self._transcriber = transcriber

    async def open(
        self,
        *,
        listening: Listening,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> RecognitionStream:
        """Open a stream for one caller; raise EngineError."""
        options = TranscribeOptions(
            language=_spelled(listening.language),
            language_options=tuple(map(_spelled, listening.languages)),
            preferred_language=_spelled(listening.preferred_language),
            vocabularies=listening.vocabularies,
        )
        stream = await self._transcriber.open(options)
        return _TranscribedCall(stream, on_recognition, on_failure)


class _TranscribedCall:
    """One stream of a caller. Owns one task, begun here and ended by `close`."""

    def __init__(
        self,
        stream: TranscribeStream,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._stream = stream
        self._on_recognition = on_recognition
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._committing = Committing()
        self._muteness = Muteness(_now_ms())
        self._fed_bytes = 0
        self._voice_from_ms = 0
        self._unsent = bytearray()
        self._is_heard = asyncio.Event()
        self._answering: asyncio.TimerHandle | None = None
        self._watching: asyncio.TimerHandle | None = None
        self._is_over = False
        self.engine = TRANSCRIBE
        self.recognised_bytes = 0
        self._task = self._loop.create_task(self._run())

    def expect(self, phrases: Sequence[str]) -> None:
        """Transcribe takes no hints but vocabularies, which are made beforehand."""

    def feed(self, audio: bytes) -> None:
        """See the port."""
        self._fed_bytes += len(audio)
        if not self._is_over:
            self._unsent += audio
            self._is_heard.set()

    def start_utterance(self) -> None:
        """Transcribe finds out for itself where words are; from now on there must be some."""
        self._voice_from_ms = self._fed_bytes // BYTES_PER_MS
        self._muteness.voice_begins(_now_ms())
        self._watch()

    def finish_utterance(self) -> None:
        """See the port."""
        voice_end_ms = self._fed_bytes // BYTES_PER_MS - PAUSE_MS
        self._committing.ask(voice_end_ms, _now_ms())
        self._muteness.voice_ends(voice_end_ms - max(self._voice_from_ms, self._committing.told_ms))
        self._loop.call_soon(self._answer)

    async def close(self) -> None:
        """See the port."""
        self._end()
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._stream.close()

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send())
                tasks.create_task(self._read())
        except* AwsSpeechError as errors:
            self._fail(errors.exceptions[0])

    async def _send(self) -> None:
        while True:
            await self._is_heard.wait()
            self._is_heard.clear()
            while self._unsent:
                piece = bytes(self._unsent[:_PIECE_BYTES])
                del self._unsent[:_PIECE_BYTES]
                self.recognised_bytes += len(piece)
                await self._stream.send(decode(piece))

    async def _read(self) -> None:
        async for result in self._stream.results():
            self._muteness.told(_now_ms())
            for corrected in self._committing.take(result, _now_ms()):
                self._on_recognition(corrected)
            self._answer()
            if (partial := self._committing.partial()) is not None:
                self._on_recognition(partial)
        raise AwsSpeechError(Failure.LOST, service=SERVICE, reason="the stream ended")

    def _answer(self) -> None:
        """Answer what can be answered, and look again when the next answer is due."""
        if self._answering is not None:
            self._answering.cancel()
        while not self._is_over and self._committing.is_asked:
            wait_ms = self._committing.due_ms(_now_ms()) - _now_ms()
            if wait_ms > 0:
                self._answering = self._loop.call_later(wait_ms / 1000, self._answer)
                return
            if self._muteness.due_ms is not None and not self._committing.is_covered:
                # So much voice has words: either they come, or the stream is mute.
                return
            if self._muteness.is_mute:
                self._fail(AwsSpeechError(Failure.STALLED, service=SERVICE))
                return
            self._muteness.answered()
            self._on_recognition(self._committing.answer())

    def _watch(self) -> None:
        """Give the stream up when it has become mute, and look again when it may have."""
        if self._watching is not None:
            self._watching.cancel()
        due_ms = self._muteness.due_ms
        if self._is_over or due_ms is None:
            return
        if due_ms <= _now_ms():
            # Not an error of the service: it says nothing. Another one may be better.
            self._fail(TimeoutError())
        else:
            self._watching = self._loop.call_later((due_ms - _now_ms()) / 1000, self._watch)

    def _fail(self, error: Exception) -> None:
        if not self._is_over:
            self._end()
            self._on_failure(error)

    def _end(self) -> None:
        self._is_over = True
        self._unsent.clear()
        for timer in (self._answering, self._watching):
            if timer is not None:
                timer.cancel()


def _spelled(language: str) -> str:
    """Spell a language as the service does; it takes no other."""
    return RECOGNISERS[TRANSCRIBE].spelling(language) or language


def _now_ms() -> int:
    return int(monotonic() * 1000)
