"""Amazon Transcribe as the recogniser of a call: the whole call in one stream, which is opened again when it is lost."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from time import monotonic

from offhook.agents.engines import RECOGNISERS, TRANSCRIBE
from streamer.media.mulaw import BYTES_PER_MS, decode
from streamer.speech.aws_failures import AwsSpeechError, Failure
from streamer.speech.ports import Listening, Recognition, RecognitionStream
from streamer.speech.transcribe.committing import Committing
from streamer.speech.transcribe.options import TranscribeOptions
from streamer.speech.transcribe.results import TranscribeResult
from streamer.speech.transcribe.stream import SERVICE, TranscribeStream
from streamer.speech.transcribe.transports import Transcriber

logger = logging.getLogger(__name__)

# The end of a voice is told so long after it.
_PAUSE_MS = 200
_PIECE_BYTES = 100 * BYTES_PER_MS
# What a new stream hears again: the longest utterance that there can be.
_MOST_REPLAYED_BYTES = 30_000 * BYTES_PER_MS
# How long is waited before each attempt to open a lost stream again; any result begins the row anew.
_REOPEN_AFTER_S = (0.0, 0.2, 0.5, 1.0)


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
        return _TranscribedCall(stream, lambda: self._transcriber.open(options), on_recognition, on_failure)


class _TranscribedCall:
    """One caller's stream. Owns one task, begun here and ended by `close`.

    Words are placed on the call's clock, whichever stream has told them: `_offset_ms` is where the present one began.
    """

    def __init__(
        self,
        stream: TranscribeStream,
        reopen: Callable[[], Awaitable[TranscribeStream]],
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._stream = stream
        self._reopen = reopen
        self._on_recognition = on_recognition
        self._on_failure = on_failure
        self._loop = asyncio.get_running_loop()
        self._committing = Committing()
        self._fed_bytes = 0
        self._offset_ms = 0
        self._replay = bytearray()
        self._unsent = bytearray()
        self._is_heard = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._failures = 0
        self.recognised_bytes = 0
        self._task = self._loop.create_task(self._run())

    def expect(self, phrases: Sequence[str]) -> None:
        """Transcribe takes no hints but vocabularies, which are made beforehand."""

    def feed(self, audio: bytes) -> None:
        """See the port; kept until its words are known, for the stream that takes the place of a lost one."""
        self._fed_bytes += len(audio)
        self._unsent += audio
        self._replay += audio
        del self._replay[:-_MOST_REPLAYED_BYTES]
        self._is_heard.set()

    def start_utterance(self) -> None:
        """Transcribe finds out for itself where words are."""

    def finish_utterance(self) -> None:
        """See the port."""
        self._committing.ask(self._fed_bytes // BYTES_PER_MS - _PAUSE_MS, _now_ms())
        self._loop.call_soon(self._answer)

    async def close(self) -> None:
        """See the port."""
        self._stop()
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._stream.close()

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._send())
                    tasks.create_task(self._read())
            except* AwsSpeechError as errors:
                error = errors.exceptions[0]
            await self._stream.close()
            if not await self._opened_again(error):
                return

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
            self._failures = 0
            for corrected in self._committing.take(_later(result, self._offset_ms), _now_ms()):
                self._on_recognition(corrected)
            self._answer()
            if (partial := self._committing.partial()) is not None:
                self._on_recognition(partial)
        raise AwsSpeechError(Failure.LOST, service=SERVICE, reason="the stream ended")

    async def _opened_again(self, error: BaseException) -> bool:
        """Put a new stream in the place of the lost one, and have it hear again what has no words yet."""
        while isinstance(error, AwsSpeechError) and error.retryable and self._failures < len(_REOPEN_AFTER_S):
            logger.warning("recogniser lost, opened again", extra={"reason": error.reason})
            await asyncio.sleep(_REOPEN_AFTER_S[self._failures])
            self._failures += 1
            try:
                self._stream = await self._reopen()
            except AwsSpeechError as again:
                error = again
                continue
            self._hear_again()
            return True
        self._stop()
        self._on_failure(
            error if isinstance(error, Exception) else AwsSpeechError(Failure.LOST, service=SERVICE)
        )
        return False

    def _hear_again(self) -> None:
        self._committing.restart(_now_ms())
        self._offset_ms = (self._fed_bytes - len(self._replay)) // BYTES_PER_MS
        self._unsent = bytearray(self._replay)
        self._is_heard.set()
        self._answer()

    def _answer(self) -> None:
        """Answer what can be answered, and look again when the next answer is due."""
        self._stop()
        for final in self._committing.answers(_now_ms()):
            self._forget_heard()
            self._on_recognition(final)
        if self._committing.is_asked:
            wait_ms = max(0, self._committing.due_ms(_now_ms()) - _now_ms())
            self._timer = self._loop.call_later(wait_ms / 1000, self._answer)

    def _forget_heard(self) -> None:
        kept = self._fed_bytes - max(0, self._committing.taken_ms) * BYTES_PER_MS
        del self._replay[: max(0, len(self._replay) - max(0, kept))]

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _later(result: TranscribeResult, offset_ms: int) -> TranscribeResult:
    """Place a result on the call's clock."""
    items = tuple(
        replace(item, start_ms=item.start_ms + offset_ms, end_ms=item.end_ms + offset_ms)
        for item in result.items
    )
    return replace(
        result, start_ms=result.start_ms + offset_ms, end_ms=result.end_ms + offset_ms, items=items
    )


def _spelled(language: str) -> str:
    """Spell a language as the service does; it takes no other."""
    return RECOGNISERS[TRANSCRIBE].spelling(language) or language


def _now_ms() -> int:
    return int(monotonic() * 1000)
