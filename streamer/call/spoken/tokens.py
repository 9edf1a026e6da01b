"""An utterance as tokens: lower-case words, runs of digits, single letters, and the marks that a recogniser has written."""

import re
from collections.abc import Iterable

MOST_CHARACTERS = 500
"""What is read of one value: more is no value that anybody says."""

# A recogniser's punctuation of sentences is nobody's mark; what stands within a word may be.
_END_MARKS = re.compile(r"[.,;:!?\u2026]+(?=\s|$)|[()\"\u201c\u201d\u00ab\u00bb]")
# Letters that were spelled out, as recognisers write them: "J-O-H-N", "J.O.H.N".
_SPELLED = re.compile(r"(?<![^\W_])(?:[^\W\d_][-.]){2,40}[^\W\d_](?![^\W_])")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_EMAIL_WORD = re.compile(r"\be[- ]mail\b", re.IGNORECASE)
_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*|\d+|[^\s\w]|_")
_ORDINAL = re.compile(r"(?<!\w)(\d{1,2})(?:st|nd|rd|th)\b")


def tokens_of(text: str, *, keeps_hyphens: bool = False, keeps_commas: bool = False) -> list[str]:
    """Split what was said, in lower case; "twenty-one" is two words, whose hyphen may be a mark of its own."""
    plain = text[:MOST_CHARACTERS].replace("\u2019", "'")
    plain = _END_MARKS.sub(lambda found: " , " if keeps_commas and found[0] == "," else " ", plain)
    plain = _EMAIL_WORD.sub("email", plain)
    plain = plain if keeps_hyphens else _HYPHEN.sub(" ", plain)
    plain = _ORDINAL.sub(r"\1.", _SPELLED.sub(lambda found: re.sub(r"[-.]", " ", found[0]), plain.lower()))
    return _TOKEN.findall(plain)


def words_of(text: str) -> list[str]:
    """Return the tokens that are words or digits."""
    return [token for token in tokens_of(text) if token[0].isalnum()]


def find(tokens: list[str], wording: str) -> int:
    """Return where a wording begins among the tokens, or -1."""
    words = wording.split()
    return next(
        (at for at in range(len(tokens) - len(words) + 1) if tokens[at : at + len(words)] == words), -1
    )


def without_lead_in(tokens: list[str], lead_ins: tuple[str, ...], fillers: frozenset[str]) -> list[str]:
    """Return the tokens after what only leads to the value, such as "yes, my name is"."""
    rest, longest = tokens, sorted((wording.split() for wording in lead_ins), key=len, reverse=True)
    while True:
        lead_in = next((words for words in longest if rest[: len(words)] == words), None)
        if lead_in is not None:
            rest = rest[len(lead_in) :]
        elif rest and rest[0] in fillers:
            rest = rest[1:]
        else:
            return rest


def has_any(tokens: list[str], wordings: Iterable[str]) -> bool:
    """Say whether one of these wordings is among the tokens."""
    return any(find(tokens, wording) >= 0 for wording in wordings)
