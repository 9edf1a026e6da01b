"""Digits as they are dictated: one by one, in pairs, doubled, or written by the recogniser already."""

from collections.abc import Iterator
from dataclasses import dataclass

from streamer.call.spoken.lexicon import Lexicon
from streamer.call.spoken.tokens import find

# Marks that recognisers write between the digits of one number.
_BETWEEN = frozenset("-./()\u2013")


@dataclass(frozen=True, slots=True)
class Run:
    """Digits without another word between them, and where they stand among the tokens."""

    digits: str
    start: int
    end: int


def digit_runs(tokens: list[str], lexicon: Lexicon) -> list[Run]:
    """Return the runs of digits in an utterance; marks and fillers do not part them."""
    runs: list[Run] = []
    for run in _pieces(tokens, lexicon):
        if runs and _belong_together(tokens[runs[-1].end : run.start], lexicon):
            runs[-1] = Run(runs[-1].digits + run.digits, runs[-1].start, run.end)
        else:
            runs.append(run)
    return runs


def dictated(tokens: list[str], lexicon: Lexicon) -> str:
    """Return the digits that were meant: the longest run, in which "no, five six" takes back as many before it."""
    for wording in sorted(lexicon.words.restart, key=len, reverse=True):
        at = find(tokens, wording)
        if at > 0:
            return _taken_back(tokens[:at], tokens[at + len(wording.split()) :], lexicon)
    return max((run.digits for run in digit_runs(tokens, lexicon)), key=len, default="")


def _taken_back(before: list[str], after: list[str], lexicon: Lexicon) -> str:
    first, second = dictated(before, lexicon), digit_runs(after, lexicon)
    if not second:
        return first
    digits = second[0].digits
    return digits if len(digits) >= len(first) else first[: len(first) - len(digits)] + digits


def _pieces(tokens: list[str], lexicon: Lexicon) -> Iterator[Run]:
    at = 0
    while at < len(tokens):
        length, digits = _piece(tokens, at, lexicon)
        if length:
            yield Run(digits, at, at + length)
        at += length or 1


def _piece(tokens: list[str], at: int, lexicon: Lexicon) -> tuple[int, str]:
    """Return the digits that begin here, and how many tokens they are."""
    token, words = tokens[at], lexicon.words
    if token.isdecimal():
        return 1, token
    if token in words.multiples and at + 1 < len(tokens):
        length, digits = _piece(tokens, at + 1, lexicon)
        return (length + 1, digits * words.multiples[token]) if len(digits) == 1 else (0, "")
    length, value = lexicon.longest(lexicon.small, tokens, at)
    if token in words.hundreds:
        more, small = lexicon.longest(lexicon.small, tokens, at + 1)
        return 1 + more, str(words.hundreds[token] + int(small or 0))
    if not length:
        return 0, ""
    scale = words.scales.get(tokens[at + length], 0) if at + length < len(tokens) else 0
    if value and scale in (100, 1000):
        return length + 1, str(int(value) * scale)
    return length, str(value)


def _belong_together(between: list[str], lexicon: Lexicon) -> bool:
    return all(token in _BETWEEN or token in lexicon.words.fillers for token in between)


def grouped(digits: str, *, of: int = 3) -> list[str]:
    """Cut digits into groups for the ear, the last of which may be longer by one."""
    groups = [digits[at : at + of] for at in range(0, len(digits), of)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups
