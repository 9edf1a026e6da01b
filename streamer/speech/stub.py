"""Engines that take no time and hold no service: what is measured with them is the streamer alone."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from functools import cache

from offhook.models.requests import ModelEvent, ModelRequest, TextDelta
from streamer.media.mulaw import RATE_HZ, encode
from streamer.speech.ports import Listening, Order, Recognition, Voice

_TONE_HZ = 440
_LOUDNESS = 6000


class StubRecogniser:
    """Recognises every utterance as the same word."""

    async def open(
        self,
        *,
        listening: Listening,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> "StubRecognition":
        """Start listening to one caller."""
        return StubRecognition(on_recognition)


class StubRecognition:
    """One caller who always says the same."""

    engine = "stub"
    recognised_bytes = 0

    def __init__(self, on_recognition: Callable[[Recognition], None]) -> None:
        self._on_recognition = on_recognition
        self._loop = asyncio.get_running_loop()

    def expect(self, phrases: Sequence[str]) -> None:
        """Expect nothing in particular."""

    def feed(self, audio: bytes) -> None:
        """Hear nothing in particular."""

    def start_utterance(self) -> None:
        """Hear nothing now either."""

    def finish_utterance(self) -> None:
        """Answer at once, but not before the caller of this function has returned."""
        self._loop.call_soon(self._on_recognition, Recognition(text="stub", is_final=True))

    async def close(self) -> None:
        """Hold nothing, free nothing."""


class StubSynthesiser:
    """Says everything as the same tone, made once for the process."""

    def __init__(self, *, reply_ms: int = 2000) -> None:
        self._reply_ms = reply_ms

    async def synthesise(
        self, text: str, *, voice: Voice, order: Order | None = None
    ) -> AsyncIterator[bytes]:
        """Yield the tone at once."""
        yield _tone(self._reply_ms)


class StubLanguageModel:
    """Answers everything with one sentence."""

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Yield the sentence at once."""
        yield TextDelta(text="This is the reply.")


@cache
def _tone(duration_ms: int) -> bytes:
    samples = (
        round(_LOUDNESS * math.sin(2 * math.pi * _TONE_HZ * n / RATE_HZ))
        for n in range(duration_ms * RATE_HZ // 1000)
    )
    return encode(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
