"""Whether the caller says yes or no to what was said back, and what they say otherwise."""

import re
from collections.abc import Sequence
from enum import Enum
from itertools import takewhile

from streamer.call.spoken.lexicon import Lexicon, contains
from streamer.call.spoken.tokens import MOST_CHARACTERS, has_any, words_of


class Answer(Enum):
    """What an utterance says to a question that asks for yes or no; UNSURE says that it holds neither, or both."""

    YES = 1
    NO = 2
    UNSURE = 3


def answer_of(text: str, lexica: Sequence[Lexicon]) -> Answer:
    """Tell yes from no; a yes with a "but" or a "not" beside it is none."""
    tokens = words_of(text)
    for lexicon in lexica:
        words = lexicon.words
        if contains(tokens, words.no) or contains(tokens, words.but):
            return Answer.NO
        if contains(tokens, words.yes) or has_any(tokens, words.positives):
            return Answer.YES
    return Answer.UNSURE


def is_bare(text: str, lexica: Sequence[Lexicon]) -> bool:
    """Say whether an utterance is nothing but a yes or a no, and words that go with them."""
    tokens = words_of(text)
    return any(
        all(
            token in words.yes or token in words.no or token in words.fillers or token in words.beside
            for token in tokens
        )
        for words in (lexicon.words for lexicon in lexica)
    )


def waits(text: str, lexica: Sequence[Lexicon]) -> bool:
    """Say whether the caller asks for a moment."""
    return (
        any(has_any(words_of(text), lexicon.words.waiting) for lexicon in lexica) and len(words_of(text)) <= 8
    )


def declines(text: str, lexica: Sequence[Lexicon]) -> bool:
    """Say whether the caller has no such value, or does not want to tell it."""
    tokens = words_of(text)
    is_refused = any(has_any(tokens, lexicon.words.declining) for lexicon in lexica)
    return is_refused or (is_bare(text, lexica) and answer_of(text, lexica) is Answer.NO)


def without_no(text: str, lexica: Sequence[Lexicon]) -> str:
    """Return what a caller says after "no" or "that's wrong"."""
    said = text.split()
    nos = frozenset[str]().union(*(lexicon.words.no for lexicon in lexica))
    passed_over = nos.union(*(lexicon.words.beside | lexicon.words.fillers for lexicon in lexica))
    known = takewhile(passed_over.issuperset, map(words_of, said))
    ends = [place for place, words in enumerate(known, 1) if not nos.isdisjoint(words)]
    return " ".join(said[ends[-1] if ends else 0 :])


def parted_at_correction(text: str, lexica: Sequence[Lexicon]) -> tuple[str, str]:
    """Return what was said before and after the last words by which callers correct themselves, "" after where none are."""
    wordings = sorted(
        (wording for lexicon in lexica for wording in lexicon.words.restart), key=len, reverse=True
    )
    pattern = r"(?<!\w)(?:" + "|".join(map(re.escape, wordings)) + r")(?!\w)[\s,.]*"
    found = list(re.finditer(pattern, text[:MOST_CHARACTERS], re.IGNORECASE))
    return (text[: found[-1].start()], text[found[-1].end() :]) if found else (text, "")


def yes_and_no(lexica: Sequence[Lexicon]) -> tuple[str, ...]:
    """Return the words that a recogniser should expect after a value was said back."""
    return tuple(dict.fromkeys(wording for lexicon in lexica for wording in lexicon.words.answers))
