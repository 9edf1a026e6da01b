"""The engines that a call hears and speaks with; what it thinks with is in `offhook.models`.

Audio is mu-law, 8000 Hz, mono everywhere: the telephone's own form, so that no path resamples. An engine's failure
is an EngineError; engines never cancel the task that waits for them.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from streamer.speech.pronouncing import Pronunciations


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedWord:
    """One word; milliseconds of the call's audio. One that `is_stable` will not change any more."""

    text: str
    start_ms: int
    end_ms: int
    is_stable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What the recogniser makes of what the caller has said since the last final; empty when it understood no speech.

    Another one with the same `result_id` takes its place: partials grow into the final, and a final that comes again
    corrects it. `words` is empty where the engine tells no times.
    """

    text: str
    is_final: bool
    result_id: str = ""
    words: tuple[RecognisedWord, ...] = ()

    @property
    def stable_text(self) -> str:
        """The words at the beginning that will not change."""
        return " ".join(word.text for word in takewhile(lambda word: word.is_stable, self.words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """What a call asks of its recogniser, which passes over what it lacks.

    Where there are `languages`, it finds out which of them the caller speaks; `vocabularies` are its service's names.
    """

    language: str
    languages: tuple[str, ...] = ()
    preferred_language: str = ""
    vocabularies: tuple[str, ...] = ()


class RecognitionStream(Protocol):
    """One caller being listened to, from the call's first audio to its last. Nothing here blocks or waits but `close`."""

    @property
    def engine(self) -> str:
        """Who recognises, by the name in the price list."""

    @property
    def recognised_bytes(self) -> int:
        """How much audio the engine was given, which is what it bills."""

    def expect(self, phrases: Sequence[str]) -> None:
        """Say what the caller may say next: hints to some recognisers, the whole grammar to others."""

    def feed(self, audio: bytes) -> None:
        """Take the call's next audio, speech or not: 100 ms, or what there is of it when an utterance begins or ends."""

    def start_utterance(self) -> None:
        """Learn that the caller has begun to speak within the last 400 ms; one that has begun does not begin again."""

    def finish_utterance(self) -> None:
        """Ask what the caller has said since the last final; one final follows for each, in order, partials before it."""

    async def close(self) -> None:
        """Stop listening and free what the stream holds."""


class Recogniser(Protocol):
    """Turns speech into text."""

    async def open(
        self,
        *,
        listening: Listening,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> RecognitionStream:
        """Start listening to one caller; raise EngineError.

        The callbacks run on the event loop, in order. After `on_failure` nothing more comes.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How an agent sounds: the name of its synthesiser, that of the voice there, and what it pronounces in its own way."""

    engine: str
    name: str
    language: str = ""
    pronunciations: Pronunciations = ()


@dataclass(slots=True, kw_only=True)
class Order:
    """For whom a text is spoken, and whether it is made ahead: nobody waits for it, yet. That may change meanwhile."""

    organization_id: str = ""
    is_ahead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request is on its way, after so long a wait for a thread and for the service's quota.

    `engine` is billed for so many `characters` of it, unless the service refuses. One `is_standby` that stands in for
    the voice's own at a busy moment.
    """

    engine: str
    waited_ms: int
    characters: int
    is_standby: bool = False


class Synthesiser(Protocol):
    """Turns text into speech."""

    def synthesise(
        self, text: str, *, voice: Voice, order: Order | None = None
    ) -> AsyncIterator[bytes | Sent]:
        """Yield the speech as mu-law in pieces of any length, the first as early as possible; raise EngineError.

        Whoever waits for anything before the request is sent says so, when it is. Services that are asked too often
        answer in the order's order; where there is none, somebody waits.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceChoice:
    """A voice that a call may speak with, and who speaks with it."""

    voice: Voice
    synthesiser: Synthesiser


class VoiceDetector(Protocol):
    """Tells speech from silence and noise, for one caller."""

    def is_voiced(self, chunk: bytes) -> bool:
        """Take the next 160 bytes (20 ms) of mu-law and say whether they hold speech."""
