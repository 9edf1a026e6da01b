"""Amazon Polly as the synthesiser of calls."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace

from offhook.agents.engines import POLLY, SYNTHESISERS
from streamer.loop_time import now_s
from streamer.speech.aws_failures import AwsSpeechError, Failure
from streamer.speech.polly.client import SERVICE, Polly, to_ssml
from streamer.speech.ports import Order, Sent, Voice
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

    async def synthesise(
        self, text: str, *, voice: Voice, order: Order | None = None
    ) -> AsyncIterator[bytes | Sent]:
        """Yield the speech as it comes; raise AwsSpeechError."""
        order = order or Order()
        name, chosen = SYNTHESISERS[POLLY].told_apart(voice.name)
        began_s = now_s()
        engines = _engines(name, chosen)
        for number, engine in enumerate(engines, 1):
            try:
                async with aclosing(self._say(text, name, engine, voice, order, began_s)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, Sent):
                            yield replace(piece, is_standby=engine != chosen)
                        else:
                            yield piece
                return
            except AwsSpeechError as error:
                # Only before any audio: the service throttles requests, not answers.
                if error.failure is not Failure.THROTTLED or number == len(engines):
                    raise

    async def _say(
        self, text: str, name: str, engine: str, voice: Voice, order: Order, began_s: float
    ) -> AsyncGenerator[bytes | Sent, None]:
        rate = self._rates.get(engine)
        if rate is not None and not await rate.wait(PATIENCE_S, order):
            raise AwsSpeechError(Failure.THROTTLED, service=SERVICE)
        is_marked_up = any(how for _, how in parts(text, voice.pronunciations))
        try:
            written = to_ssml(text, voice.pronunciations) if is_marked_up else text
            # Markup is not billed.
            async for part in self._ask(written, name, engine, began_s, len(text), is_ssml=is_marked_up):
                yield part
        except AwsSpeechError as error:
            if not is_marked_up or error.reason != "InvalidSsmlException":
                raise
            # Sounds that the voice's language lacks: better said as it can than not at all.
            plain = with_aliases(text, voice.pronunciations)
            async for part in self._ask(plain, name, engine, began_s, len(plain), is_ssml=False):
                yield part

    async def _ask(
        self, text: str, name: str, engine: str, began_s: float, characters: int, *, is_ssml: bool
    ) -> AsyncGenerator[bytes | Sent, None]:
        speech = self._polly.speak(text, voice=name, engine=engine, is_ssml=is_ssml)
        async with aclosing(speech) as pieces:
            async for piece in pieces:
                if piece:
                    yield piece
                else:
                    waited_ms = round((now_s() - began_s) * 1000)
                    yield Sent(engine=f"polly-{engine}", waited_ms=waited_ms, characters=characters)


def _engines(voice: str, chosen: str) -> list[str]:
    has = SYNTHESISERS[POLLY].voices[voice].variants
    return [chosen, *(engine for engine in _STANDBYS if engine in has and engine != chosen)]
