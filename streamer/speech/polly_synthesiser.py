"""Amazon Polly as the synthesiser of calls."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from streamer.speech.polly import Polly

DEFAULT_ENGINE = "neural"


class PollySynthesiser:
    """Implements Synthesiser; a voice is Polly's name of it, with another engine than neural after a plus."""

    def __init__(self, polly: Polly) -> None:
        self._polly = polly

    async def synthesise(self, text: str, *, voice: str) -> AsyncIterator[bytes]:
        """Yield the speech as it comes; raise EngineError."""
        name, _, engine = voice.partition("+")
        async with aclosing(self._polly.speak(text, voice=name, engine=engine or DEFAULT_ENGINE)) as pieces:
            async for piece in pieces:
                yield piece
