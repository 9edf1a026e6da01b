"""The voices of a call: one speaks, and where it fails the next one goes on with the same sentence."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeAlias

from offhook.errors import EngineError
from streamer.loop_time import now_s
from streamer.media.mulaw import BYTES_PER_MS, RATE_HZ, SILENCE
from streamer.speech.aws_failures import AwsSpeechError
from streamer.speech.ports import Order, Sent, Voice, VoiceChoice

logger = logging.getLogger(__name__)

FIRST_AUDIO_LIMIT_S = 1.0
"""How long a voice may take for its first audio, all waits included, and later be silent once what it gave is played."""

# All voices are tried twice, the second time after a moment; none is begun after so much silence, so that the caller
# hears something within three seconds.
_ROUNDS = 2
_BETWEEN_ROUNDS_S = 0.25
_LAST_ATTEMPT_S = 1.5
# Who is asked after a failure has so much longer: there is hardly anybody left to hope for.
_LATER = 1.8
# But never so long that all of the silence is more than this: what is said in the sentence's place takes its moment too.
_MOST_SILENCE_S = 2.8
# A voice that failed is the last to be tried for so long: no voice is worth a second of silence before each sentence.
_AVOIDED_S = 30.0

# About 14 characters a second, until the voice has shown its own rate.
_BYTES_PER_CHARACTER = 70 * BYTES_PER_MS
# Of what is thought to be spoken, so much surely is: to hear a word twice is better than never.
_SURELY = 0.9
_TELLING_CHARACTERS = 20
_HARDLY_HEARD_BYTES = 200 * BYTES_PER_MS
_BREATH = bytes((SILENCE,)) * (160 * BYTES_PER_MS)
# A voice that makes nothing but these has fallen silent; no sentence begins with so much of them, or has it within.
_SILENT = bytes((SILENCE, SILENCE ^ 0x80, SILENCE ^ 1, SILENCE ^ 0x81))
_MOST_SILENT_BYTES = 1500 * BYTES_PER_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The first audio of a voice follows, so long after the request was sent, which may have waited before.

    One `is_standby` that sounds plainer than the voice does else.
    """

    voice: Voice
    answered_ms: int
    is_standby: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stumbled:
    """A voice has failed, and another attempt follows with what it has not said; `code` in kebab case."""

    code: str


Part: TypeAlias = bytes | Answered | Stumbled


class Speaker:
    """Says one call's texts with the first of its voices that works. `characters` counts those sent, by engine."""

    def __init__(
        self,
        choices: Sequence[VoiceChoice],
        *,
        organization_id: str = "",
        first_audio_limit_s: float = FIRST_AUDIO_LIMIT_S,
    ) -> None:
        self._choices = tuple(choices)
        self._organization_id = organization_id
        self._limit_s = first_audio_limit_s
        self._avoided_until_s: dict[Voice, float] = {}
        self._bytes_per_character: dict[Voice, float] = {}
        self.characters: Counter[str] = Counter()

    def become(self, choices: Sequence[VoiceChoice]) -> None:
        """Say what comes next with other voices."""
        self._choices = tuple(choices)

    @property
    def voice(self) -> Voice:
        """The voice that the agent has while nothing fails."""
        return self._choices[0].voice

    def order(self, *, is_ahead: bool) -> Order:
        """Return an order of this call's organization."""
        return Order(organization_id=self._organization_id, is_ahead=is_ahead)

    async def speak(self, text: str, order: Order | None = None) -> AsyncGenerator[Part, None]:
        """Yield the speech as mu-law, and what there is to tell of it; raise EngineError when no voice can say it.

        A voice that breaks off within the text is followed by the next from a word that was surely reached.
        """
        failure: EngineError | None = None
        left, played_until_s = text, now_s()
        choices, order = self._in_order(), order or self.order(is_ahead=False)
        for number, choice in enumerate(choices * _ROUNDS):
            if failure is not None:
                if number == len(choices) and left == text:
                    await asyncio.sleep(_BETWEEN_ROUNDS_S)
                if now_s() - played_until_s > _LAST_ATTEMPT_S:
                    break
                yield Stumbled(code=_code(failure))
                if left != text:
                    yield _BREATH
            limit_s = self._limit_s
            if number:
                silent_s = max(0.0, now_s() - played_until_s)
                limit_s = min(limit_s * _LATER, _MOST_SILENCE_S - silent_s)
            attempt = _Attempt(choice, left, order, self.characters, limit_s, played_until_s)
            try:
                async with aclosing(attempt.parts()) as parts:
                    async for part in parts:
                        yield part
                self._learn(attempt)
                return
            except EngineError as error:
                failure = error
                logger.warning("voice failed", extra={"voice": choice.voice.engine, "code": _code(error)})
            self._avoided_until_s[choice.voice] = now_s() + _AVOIDED_S
            left, played_until_s = self._left(attempt), attempt.played_until_s
            if not left or (not failure.retryable and len(choices) == 1):
                break
        if left and failure is not None:
            raise failure

    def _in_order(self) -> tuple[VoiceChoice, ...]:
        at_s = now_s()
        return tuple(sorted(self._choices, key=lambda c: self._avoided_until_s.get(c.voice, 0) > at_s))

    def _left(self, attempt: "_Attempt") -> str:
        rate = self._bytes_per_character.get(attempt.voice, _BYTES_PER_CHARACTER)
        return unspoken(attempt.text, attempt.sounding_bytes, rate)

    def _learn(self, attempt: "_Attempt") -> None:
        if len(attempt.text) >= _TELLING_CHARACTERS and attempt.sounding_bytes:
            self._bytes_per_character[attempt.voice] = attempt.sounding_bytes / len(attempt.text)


class _Attempt:
    """One voice's attempt at a text; `sounding_bytes` is how far it came, `played_until_s` when that has been played."""

    def __init__(
        self,
        choice: VoiceChoice,
        text: str,
        order: Order,
        characters: Counter[str],
        limit_s: float,
        played_until_s: float,
    ) -> None:
        self.text = text
        self.voice = choice.voice
        self.played_until_s = played_until_s
        self._speech = choice.synthesiser.synthesise(text, voice=choice.voice, order=order)
        self._characters = characters
        self._limit_s = limit_s
        self._began_s = now_s()
        self._sent: Sent | None = None
        self._is_counted = False
        self._given_bytes = 0
        self._silent_bytes = 0

    @property
    def sounding_bytes(self) -> int:
        return max(0, self._given_bytes - self._silent_bytes)

    async def parts(self) -> AsyncGenerator[bytes | Answered, None]:
        """Yield its answer, then its audio from the first sound on; raise EngineError."""
        held = b""
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                self._listen(piece)
                held += piece
                is_silent = self._silent_bytes > _MOST_SILENT_BYTES
                if self._given_bytes == 0 and not is_silent:
                    if len(held) == self._silent_bytes:
                        continue  # no sound yet: if there comes none, another voice begins in time
                    yield self._answered()
                self._given_bytes += len(held)
                if is_silent:
                    raise self._silence()
                self.played_until_s = max(self.played_until_s, now_s()) + len(held) / RATE_HZ
                yield held
                held = b""
        if self._given_bytes == 0 and any(map(str.isalnum, self.text)):
            raise self._silence()

    def _silence(self) -> EngineError:
        return EngineError("The synthesiser says nothing.", engine=self.voice.engine)

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        try:
            while (part := await self._next()) is not None:
                if isinstance(part, Sent):
                    self._sent = part
                elif part:
                    self._sent = self._sent or self._sent_at_once()
                    self._count()
                    yield part
        except AwsSpeechError:
            self._sent = None  # refused, or never taken: nobody is billed for it
            raise
        finally:
            # Who is asked, and then given up, bills all of it.
            self._count()
            if isinstance(self._speech, AsyncGenerator):
                await self._speech.aclose()

    async def _next(self) -> bytes | Sent | None:
        until_s = max(self._began_s, self.played_until_s) + self._limit_s
        try:
            async with asyncio.timeout(until_s - now_s()):
                return await anext(self._speech, None)
        except TimeoutError as error:
            raise EngineError("The synthesiser does not answer in time.", engine=self.voice.engine) from error

    def _listen(self, piece: bytes) -> None:
        silent_bytes = len(piece) - len(piece.rstrip(_SILENT))
        self._silent_bytes = silent_bytes + (self._silent_bytes if silent_bytes == len(piece) else 0)

    def _sent_at_once(self) -> Sent:
        return Sent(engine=self.voice.engine, waited_ms=0, characters=len(self.text))

    def _count(self) -> None:
        if self._sent is not None and not self._is_counted:
            self._is_counted = True
            self._characters[self._sent.engine] += self._sent.characters

    def _answered(self) -> Answered:
        sent = self._sent or self._sent_at_once()
        took_s = now_s() - (self._began_s + sent.waited_ms / 1000)
        return Answered(
            voice=self.voice,
            answered_ms=max(0, round(took_s * 1000)),
            is_standby=sent.is_standby,
        )


def unspoken(text: str, spoken_bytes: int, bytes_per_character: float) -> str:
    """Return what is left of a text after so much speech, from a word that was surely reached; all of it after hardly any."""
    if spoken_bytes < _HARDLY_HEARD_BYTES:
        return text
    spoken = int(spoken_bytes / bytes_per_character * _SURELY)
    return "" if spoken >= len(text) else text[text.rfind(" ", 0, spoken + 1) + 1 :]


def _code(error: EngineError) -> str:
    if isinstance(error, AwsSpeechError):
        return f"synthesiser-{error.failure}"
    return "synthesiser-stalled" if isinstance(error.__cause__, TimeoutError) else "synthesiser-failed"
