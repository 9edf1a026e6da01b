"""Amazon Polly as the synthesiser of calls."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing

from offhook.agents.engines import POLLY, SYNTHESISERS
from streamer.speech.aws_failures import AwsSpeechError, Failure
from streamer.speech.polly.client import SERVICE, Polly, to_ssml
from streamer.speech.ports import Sent, Voice
from streamer.speech.pronouncing import parts, with_aliases
from streamer.speech.shared_rate import SharedRate

PATIENCE_S = 0.3
"""How long a sentence waits for its engine's turn before another engine of the voice says it."""

# What another engine of the same voice costs in sound is little beside a voice that is another person's.
_STANDBYS = ("neural", "standard")


class PollySynthesiser:
    """Implements Synthesiser; a voice is Polly's name of it, with an engine after a plus that is not its usual one.

    An engine whose quota is used up is stood in for by another that the voice has.
    """

    def __init__(self, polly: Polly, rates: Mapping[str, SharedRate] | None = None) -> None:
        self._polly = polly
        self._rates = rates or {}

    async def synthesise(self, text: str, *, voice: Voice) -> AsyncIterator[bytes | Sent]:
        """Yield the speech as it comes; raise AwsSpeechError."""
        name, chosen = SYNTHESISERS[POLLY].told_apart(voice.name)
        began_s = asyncio.get_running_loop().time()
        engines = _engines(name, chosen)
        for number, engine in enumerate(engines, 1):
            try:
                async with aclosing(self._say(text, name, engine, voice, began_s)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except AwsSpeechError as error:
                # Only before any audio: the service throttles requests, not answers.
                if error.failure is not Failure.THROTTLED or number == len(engines):
                    raise

    async def _say(
        self, text: str, name: str, engine: str, voice: Voice, began_s: float
    ) -> AsyncGenerator[bytes | Sent, None]:
        rate = self._rates.get(engine)
        if rate is not None and not await rate.wait(PATIENCE_S):
            raise AwsSpeechError(Failure.THROTTLED, service=SERVICE)
        is_marked_up = any(how for _, how in parts(text, voice.pronunciations))
        try:
            written = to_ssml(text, voice.pronunciations) if is_marked_up else text
            async for part in self._ask(written, name, engine, began_s, is_ssml=is_marked_up):
                yield part
        except AwsSpeechError as error:
            if not is_marked_up or error.reason != "InvalidSsmlException":
                raise
            # Sounds that the voice's language lacks: better said as it can than not at all.
            plain = with_aliases(text, voice.pronunciations)
            async for part in self._ask(plain, name, engine, began_s, is_ssml=False):
                yield part

    async def _ask(
        self, text: str, name: str, engine: str, began_s: float, *, is_ssml: bool
    ) -> AsyncGenerator[bytes | Sent, None]:
        loop, waited_ms = asyncio.get_running_loop(), 0

        def note_sent() -> None:
            nonlocal waited_ms
            waited_ms = round((loop.time() - began_s) * 1000)

        is_told = False
        speech = self._polly.speak(text, voice=name, engine=engine, is_ssml=is_ssml, on_sent=note_sent)
        async with aclosing(speech) as pieces:
            async for piece in pieces:
                if not is_told:
                    is_told = True
                    yield Sent(engine=f"polly-{engine}", waited_ms=waited_ms)
                yield piece


def _engines(voice: str, chosen: str) -> list[str]:
    has = SYNTHESISERS[POLLY].voices[voice].variants
    return [chosen, *(engine for engine in _STANDBYS if engine in has and engine != chosen)]
