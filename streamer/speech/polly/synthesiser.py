"""Amazon Polly as the synthesiser of calls."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from offhook.agents.engines import POLLY, SYNTHESISERS
from streamer.speech.polly.client import Polly


class PollySynthesiser:
    """Implements Synthesiser; a voice is Polly's name of it, with an engine after a plus that is not its usual one."""

    def __init__(self, polly: Polly) -> None:
        self._polly = polly

    async def synthesise(self, text: str, *, voice: str) -> AsyncIterator[bytes]:
        """Yield the speech as it comes; raise EngineError."""
        name, engine = SYNTHESISERS[POLLY].told_apart(voice)
        async with aclosing(self._polly.speak(text, voice=name, engine=engine)) as pieces:
            async for piece in pieces:
                yield piece
