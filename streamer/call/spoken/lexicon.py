"""The words of one language in which values are said: numbers, letters, marks, days and months, yes and no."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

from streamer.call.spoken import english, french, german, spanish
from streamer.call.spoken.words import Words

V = TypeVar("V")
_MODULES = {"en": english.WORDS, "de": german.WORDS, "es": spanish.WORDS, "fr": french.WORDS}


@dataclass(frozen=True)
class Lexicon:
    """A language's words, looked up; `language` is its code, `words` what its file lists."""

    language: str
    words: Words

    @cached_property
    def small(self) -> Mapping[tuple[str, ...], int]:
        """The numbers from 0 to 99, each by all its wordings."""
        return _by_words(self.words.small)

    @cached_property
    def digits(self) -> Mapping[str, str]:
        """The words of single digits."""
        return {words[0]: str(value) for words, value in self.small.items() if len(words) == 1 and value < 10}

    @cached_property
    def marks(self) -> Mapping[tuple[str, ...], str]:
        """The words of the marks in an e-mail address."""
        return _by_words(self.words.marks)

    @cached_property
    def ordinals(self) -> Mapping[tuple[str, ...], int]:
        """The words that count the days of a month."""
        return _by_words(self.words.ordinals)

    def longest(self, table: Mapping[tuple[str, ...], V], tokens: list[str], at: int) -> tuple[int, V | None]:
        """Return how many tokens from `at` the longest entry of the table takes, and what it stands for."""
        for length in range(min(4, len(tokens) - at), 0, -1):
            found = table.get(tuple(tokens[at : at + length]))
            if found is not None:
                return length, found
        return 0, None


@lru_cache(maxsize=64)  # Few combinations, and one look at each step of a call.
def lexica_of(languages: tuple[str, ...]) -> tuple[Lexicon, ...]:
    """Return the lexica of languages given by their tags, the first first, and English for those without."""
    known = [tag.partition("-")[0].lower() for tag in languages]
    named = [name for name in known if name in _MODULES]
    return tuple(_lexicon(name) for name in dict.fromkeys(named or ["en"]))


@lru_cache
def _lexicon(name: str) -> Lexicon:
    return Lexicon(language=name, words=_MODULES[name])


def _by_words(meanings: Mapping[str, V]) -> Mapping[tuple[str, ...], V]:
    return {tuple(wording.split()): meaning for wording, meaning in meanings.items()}


def contains(tokens: Iterable[str], words: Iterable[str]) -> bool:
    """Say whether one of these words is among the tokens."""
    return not frozenset(words).isdisjoint(tokens)
