"""Finds the words that an agent pronounces in its own way, for engines to write as they can."""

import re
from collections.abc import Iterator
from functools import lru_cache

from offhook.agents.pronunciations import Pronunciation

Pronunciations = tuple[Pronunciation, ...]


def parts(text: str, pronunciations: Pronunciations) -> Iterator[tuple[str, Pronunciation | None]]:
    """Yield all of the text in order, the words that have a pronunciation with it; of two that fit, the longer one."""
    if not pronunciations:
        yield text, None
        return
    pattern, by_word = _pattern(pronunciations)
    start = 0
    for found in pattern.finditer(text):
        if found.start() > start:
            yield text[start : found.start()], None
        # Letters that count as equal in a pattern (a dotless i and an i) may be folded otherwise.
        yield found[0], by_word.get(found[0].casefold())
        start = found.end()
    if start < len(text):
        yield text[start:], None


def with_aliases(text: str, pronunciations: Pronunciations) -> str:
    """Write the text as it is to be said, for an engine that takes no sounds."""
    return "".join(how.alias if how and how.alias else part for part, how in parts(text, pronunciations))


@lru_cache(maxsize=256)
def _pattern(pronunciations: Pronunciations) -> tuple[re.Pattern[str], dict[str, Pronunciation]]:
    by_word = {how.word.casefold(): how for how in reversed(pronunciations)}
    words = sorted((re.escape(how.word) for how in pronunciations), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE), by_word
