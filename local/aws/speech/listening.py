"""An ear that listens: the offline recogniser, with its utterances found by the voice in them."""

import asyncio
from collections import deque
from collections.abc import Sequence

from local.aws.speech.words import CHUNK_MS, Utterance, Word
from offhook.errors import EngineError
from streamer.media import mulaw
from streamer.media.mulaw import CHUNK_BYTES
from streamer.speech.embedded.offline import OfflineRecogniser
from streamer.speech.ports import Listening, Recognition, RecognitionStream
from streamer.speech.voice import WebRtcVoiceDetector

_SILENCE_CHUNKS = 25
_FEWEST_VOICED_CHUNKS = 6


class OfflineEar:
    """Hears the given phrases. Their words' times are spread over the voice that was heard, by their letters."""

    def __init__(self, recogniser: OfflineRecogniser, phrases: Sequence[str]) -> None:
        self._recogniser = recogniser
        self._phrases = phrases
        self._stream: RecognitionStream | None = None
        self._finder = _UtteranceFinder()
        self._asked: deque[tuple[int, int]] = deque()
        self._heard: list[Utterance] = []
        self._answered = asyncio.Event()
        self._failure: Exception | None = None

    async def hear(self, pcm: bytes) -> Sequence[Utterance]:
        stream = await self._opened()
        audio = mulaw.encode(pcm)
        stream.feed(audio)
        for span in self._finder.feed(audio):
            self._ask(stream, span)
        return self._take()

    async def finish(self) -> Sequence[Utterance]:
        stream = await self._opened()
        if (span := self._finder.finish()) is not None:
            self._ask(stream, span)
        while self._asked and self._failure is None:
            self._answered.clear()
            await self._answered.wait()  # the recogniser fails by itself when it does not answer
        return self._take()

    async def close(self) -> None:
        if self._stream is not None:
            await self._stream.close()

    async def _opened(self) -> RecognitionStream:
        if self._stream is None:
            self._stream = await self._recogniser.open(
                listening=Listening(language="en-US"),
                on_recognition=self._on_recognition,
                on_failure=self._on_failure,
            )
            self._stream.expect(self._phrases)
            # It hears all that is between two questions.
            self._stream.start_utterance()
        return self._stream

    def _ask(self, stream: RecognitionStream, span: tuple[int, int]) -> None:
        self._asked.append(span)
        stream.finish_utterance()
        stream.start_utterance()

    def _take(self) -> Sequence[Utterance]:
        if self._failure is not None:
            raise EngineError("The offline recogniser failed.", engine="offline") from self._failure
        heard, self._heard = self._heard, []
        return heard

    def _on_recognition(self, recognition: Recognition) -> None:
        if recognition.is_final:
            span = self._asked.popleft()
            if recognition.text:
                self._heard.append(Utterance(words=spread(recognition.text.split(), *span)))
            self._answered.set()

    def _on_failure(self, error: Exception) -> None:
        self._failure = error
        self._answered.set()


class _UtteranceFinder:
    """Finds where utterances begin and end, in milliseconds of the stream."""

    def __init__(self) -> None:
        self._is_voiced = WebRtcVoiceDetector().is_voiced
        self._rest = b""
        self._clock_ms = self._start_ms = self._end_ms = 0
        self._voiced_chunks = 0

    def feed(self, audio: bytes) -> Sequence[tuple[int, int]]:
        held = self._rest + audio
        whole = len(held) - len(held) % CHUNK_BYTES
        self._rest = held[whole:]
        spans = (
            self._feed_chunk(held[start : start + CHUNK_BYTES]) for start in range(0, whole, CHUNK_BYTES)
        )
        return [span for span in spans if span is not None]

    def finish(self) -> tuple[int, int] | None:
        is_utterance = self._voiced_chunks >= _FEWEST_VOICED_CHUNKS
        self._voiced_chunks = 0
        return (self._start_ms, self._end_ms) if is_utterance else None

    def _feed_chunk(self, chunk: bytes) -> tuple[int, int] | None:
        self._clock_ms += CHUNK_MS
        if self._is_voiced(chunk):
            if not self._voiced_chunks:
                self._start_ms = self._clock_ms - CHUNK_MS
            self._voiced_chunks += 1
            self._end_ms = self._clock_ms
        elif self._voiced_chunks and self._clock_ms - self._end_ms >= _SILENCE_CHUNKS * CHUNK_MS:
            return self.finish()
        return None


def spread(words: Sequence[str], start_ms: int, end_ms: int) -> tuple[Word, ...]:
    """Give each word its share of the time."""
    letters, told, out = sum(map(len, words)), 0, []
    for word in words:
        begin = start_ms + (end_ms - start_ms) * told // letters
        told += len(word)
        out.append(Word(text=word, start_ms=begin, end_ms=start_ms + (end_ms - start_ms) * told // letters))
    return tuple(out)
