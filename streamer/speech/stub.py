"""Engines that take no time and hold no service: what is measured with them is the streamer alone."""

import math
from collections.abc import AsyncIterator
from functools import cache

from offhook.models.requests import ModelEvent, ModelRequest, TextDelta
from streamer.media.mulaw import RATE_HZ, encode
from streamer.speech.ports import Order, Voice

_TONE_HZ = 440
_LOUDNESS = 6000


class StubSynthesiser:
    """Says everything as the same two seconds of a tone."""

    async def synthesise(
        self, text: str, *, voice: Voice, order: Order | None = None
    ) -> AsyncIterator[bytes]:
        """Yield the tone at once."""
        yield _tone()


class StubLanguageModel:
    """Answers everything with one sentence."""

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Yield the sentence at once."""
        yield TextDelta(text="This is the reply.")


@cache
def _tone() -> bytes:
    samples = (round(_LOUDNESS * math.sin(2 * math.pi * _TONE_HZ * n / RATE_HZ)) for n in range(2 * RATE_HZ))
    return encode(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
