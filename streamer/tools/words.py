"""Finding passages by their words: BM25 over stems."""

import re
from collections.abc import Sequence

import bm25s
import Stemmer
from bm25s import stopwords

_WORD = re.compile(r"\w+")
_MOST_RANKED = 20

# Snowball's algorithms by the languages that agents speak.
_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}


class WordIndex:
    """An index of texts in a language such as en-US; a query takes less than a millisecond."""

    def __init__(self, texts: Sequence[str], language: str) -> None:
        algorithm = _ALGORITHMS.get(language.partition("-")[0].lower())
        self._stemmer = Stemmer.Stemmer(algorithm) if algorithm else None
        self._stop_words = _stop_words(algorithm)
        self._vocabulary: dict[str, int] = {}
        numbers = [
            [self._vocabulary.setdefault(stem, len(self._vocabulary)) for stem in self._stems(_words(text))]
            for text in texts
        ]
        self._index = bm25s.BM25()
        if self._vocabulary:
            self._index.index((numbers, self._vocabulary), show_progress=False)

    def best(self, query: str) -> list[int]:
        """Return the places of the texts that share words with the query, best first."""
        words = [word for word in _words(query) if word not in self._stop_words]
        numbers = {self._vocabulary[stem] for stem in self._stems(words) if stem in self._vocabulary}
        if not numbers:
            return []
        scores = self._index.get_scores_from_ids(sorted(numbers))
        order = scores.argsort(kind="stable")[::-1][:_MOST_RANKED]
        return [int(number) for number in order if scores[number] > 0]

    def _stems(self, words: list[str]) -> list[str]:
        stems: list[str] = self._stemmer.stemWords(words) if self._stemmer is not None else words
        return stems


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _stop_words(algorithm: str | None) -> frozenset[str]:
    """Return the words of a language that say nothing about what is asked, as far as the library lists them."""
    name = "EN_PLUS" if algorithm == "english" else str(algorithm).upper()
    return frozenset(getattr(stopwords, f"STOPWORDS_{name}", ()))
