"""Engines that cost nothing and answer at once, for measuring everything else."""

import asyncio
import math
from array import array
from collections.abc import AsyncIterator, Callable, Sequence

from streamer.media import mulaw
from streamer.speech.ports import (
    ModelEvent,
    ModelRequest,
    ModelUsage,
    Recognition,
    RecognitionStream,
    TextDelta,
)

_RATE_HZ = 8000


class StubRecogniser:
    """Takes every utterance for the word "stub"."""

    async def open(
        self,
        *,
        language: str,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> RecognitionStream:
        del language, on_failure
        return _StubStream(on_recognition)


class _StubStream:
    """Drops the audio and answers in the next round of the loop."""

    def __init__(self, on_recognition: Callable[[Recognition], None]) -> None:
        self._on_recognition = on_recognition

    def expect(self, phrases: Sequence[str]) -> None:
        pass

    def feed(self, audio: bytes) -> None:
        pass

    def finish_utterance(self) -> None:
        final = Recognition(text="stub", is_final=True)
        asyncio.get_running_loop().call_soon(self._on_recognition, final)

    async def close(self) -> None:
        pass


class StubSynthesiser:
    """Says every text as the same `reply_ms` of a buzzing tone, in one piece."""

    def __init__(self, reply_ms: int = 2000) -> None:
        self._speech = _buzz(reply_ms)

    async def synthesise(self, text: str, *, voice: str) -> AsyncIterator[bytes]:
        del text, voice
        yield self._speech


class StubLanguageModel:
    """Answers every request with one sentence."""

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        del request
        yield TextDelta(text="This is the reply of a stub.")
        yield ModelUsage(input_tokens=0, output_tokens=7)


def _buzz(duration_ms: int) -> bytes:
    """Make a 150 Hz voice-like sound whose loudness rises and falls four times a second."""
    samples = array("h")
    for n in range(_RATE_HZ * duration_ms // 1000):
        t = n / _RATE_HZ
        harmonics = sum(math.sin(2 * math.pi * 150 * k * t) / k for k in range(1, 9))
        samples.append(round(3000 * harmonics * (0.6 - 0.4 * math.cos(2 * math.pi * 4 * t))))
    return mulaw.encode(samples.tobytes())
