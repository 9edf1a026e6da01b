"""What a kind of value is: how it is read from an utterance, corrected, keyed in, and said back."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

from offhook.json_types import JsonObject, JsonValue
from offhook.workflows import Capture
from streamer.call.spoken.lexicon import Lexicon, lexica_of
from streamer.call.spoken.tokens import MOST_CHARACTERS, tokens_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was understood of a value so far.

    `written` is its plain form, which reads as the same; `value` is None while it is not whole. `spoken` is how it is
    said back. `is_whole` says that nothing can follow, `is_begun` that more must; `is_unfit` that it is whole and may not be. `parts` are those of an
    address.
    """

    written: str
    value: JsonValue = None
    spoken: str = ""
    is_whole: bool = False
    is_begun: bool = False
    is_unfit: bool = False
    parts: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a value is said: what the node asks for, in which languages, and on which day (`2026-05-03`)."""

    capture: Capture
    languages: tuple[str, ...]
    today: str

    @property
    def region(self) -> str:
        """The country whose ways of writing numbers and dates are meant, in two letters."""
        named = self.capture.region or self.languages[0].partition("-")[2]
        return named.upper() if len(named) == 2 else _REGIONS.get(self.lexica[0].language, "US")

    @property
    def lexica(self) -> tuple[Lexicon, ...]:
        """The words of the languages, the agent's own first."""
        return lexica_of(self.languages)


_REGIONS = {"en": "US", "de": "DE", "es": "ES", "fr": "FR"}


class Kind(ABC):
    """One kind of value, as one node asks for it; `is_relative` says that its words mean another value on another day."""

    is_relative = False
    keeps_hyphens = False
    keeps_commas = False

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def read(self, text: str) -> Reading | None:
        """Return what of such a value was said, in the language that makes most of it; None for nothing of it."""
        text = text[:MOST_CHARACTERS]
        tokens = self._tokens(text)
        readings = [self.read_in(lexicon, tokens, text) for lexicon in self.setting.lexica]
        known = [reading for reading in readings if reading is not None]
        return next((reading for reading in known if reading.value is not None), next(iter(known), None))

    def _tokens(self, text: str) -> list[str]:
        return tokens_of(text, keeps_hyphens=self.keeps_hyphens, keeps_commas=self.keeps_commas)

    @abstractmethod
    def read_in(self, lexicon: Lexicon, tokens: list[str], text: str) -> Reading | None:
        """Return what of such a value was said in this language."""

    def corrected(self, before: Reading, text: str) -> Reading | None:
        """Return the value with what the caller says is wrong with it mended; None where it can't be told."""
        tokens = self._tokens(text)
        for lexicon in self.setting.lexica:
            written = self.corrected_in(lexicon, before, tokens)
            reading = self.read(written) if written else None
            if reading is not None and reading.value is not None:
                return reading
        return None

    def corrected_in(self, lexicon: Lexicon, before: Reading, tokens: list[str]) -> str | None:
        """Return the plain form with what is wrong mended; None where it can't be told."""
        return None

    def keyed(self, keys: str) -> str:
        """Return the plain form of what was keyed in, digits alone."""
        return keys

    def expected(self, lexicon: Lexicon) -> Sequence[str]:
        """Return wordings that a recogniser with a small grammar can tell apart."""
        return ()
