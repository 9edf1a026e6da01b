"""Numbers as amounts are said: "two hundred and fifty thousand", "three point five", or digit by digit."""

import re

from streamer.call.spoken.digits import digit_runs
from streamer.call.spoken.lexicon import Lexicon

# JSON's readers keep all digits of these.
_MOST_DIGITS = 15
_MOST_DECIMALS = 9

_WRITTEN = re.compile(r"(?<![\w.,])(-?)(\d{1,3}(?:[,.' ]\d{3})+|\d{1,15})(?:([.,])(\d{1,9}))?(?![\w]|[.,]\d)")


def number_in(text: str, tokens: list[str], lexicon: Lexicon) -> float | int | None:
    """Return the number that was said, None where there is none, more than one, or one of too many digits."""
    written = _written(text, lexicon)
    number = written if written is not None else _spoken(tokens, lexicon)
    return None if number is None or abs(number) >= 10**_MOST_DIGITS else number


def _written(text: str, lexicon: Lexicon) -> float | int | None:
    found = list(_WRITTEN.finditer(text))
    if len(found) != 1 or _has_number_words(text, lexicon):
        return None
    sign, whole, mark, decimals = found[0].groups()
    if mark and mark != lexicon.words.decimal_mark and len(decimals) == 3:
        # "1.234" is a thousand where a comma stands before decimals; "3.5" is written by machines everywhere.
        whole, decimals = whole + decimals, None
    value = re.sub(r"\D", "", whole)
    number: float | int = float(f"{value}.{decimals}") if decimals else int(value)
    return -number if sign else number


def _has_number_words(text: str, lexicon: Lexicon) -> bool:
    words = text.lower().split()
    return any(word in lexicon.words.scales or (word,) in lexicon.small for word in words)


def _spoken(tokens: list[str], lexicon: Lexicon) -> float | int | None:
    tokens = _parted([word for word in tokens if word != "-"], lexicon)
    start = next((at for at in range(len(tokens)) if _begins(tokens, at, lexicon)), None)
    if start is None:
        return None
    end, whole = _dictated(tokens, lexicon) or _amount(tokens, start, lexicon)
    end, value = _with_fraction(tokens, end, whole, lexicon)
    if any(_begins(tokens, at, lexicon) for at in range(end, len(tokens))):
        return None
    is_negative = start > 0 and tokens[start - 1] in lexicon.words.minus
    return -value if is_negative else value


def _parted(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """Part numbers that a language writes in one word: zweihundertfünfzig."""
    parting = lexicon.words.parting
    if parting is None:
        return tokens
    return [part for token in tokens for part in parting.sub(r" \1 ", token).split()]


def _begins(tokens: list[str], at: int, lexicon: Lexicon) -> bool:
    token, words = tokens[at], lexicon.words
    if token in words.one_ and at + 1 < len(tokens) and tokens[at + 1] in words.scales:
        return True
    is_number = token.isdecimal() or token in words.scales or token in words.hundreds
    return is_number or lexicon.longest(lexicon.small, tokens, at)[0] > 0


def _dictated(tokens: list[str], lexicon: Lexicon) -> tuple[int, int] | None:
    """Return where digits that were said one by one, or in pairs as years are, end, and what they are."""
    if not lexicon.words.scales.keys().isdisjoint(tokens) or not lexicon.words.hundreds.keys().isdisjoint(
        tokens
    ):
        return None
    run = next(iter(digit_runs(tokens, lexicon)), None)
    if run is None or not 2 <= len(run.digits) <= _MOST_DIGITS:
        return None
    return run.end, int(run.digits)


def _amount(tokens: list[str], at: int, lexicon: Lexicon) -> tuple[int, int]:
    """Return where the whole number that begins here ends, and what it is: each scale multiplies what is before it."""
    total, current = 0, 0
    while at < len(tokens):
        length, value, scale = _part(tokens, at, lexicon)
        if not length:
            break
        if scale >= 1000:
            total, current = total + max(1, current) * scale, 0
        elif scale:
            current = max(1, current) * scale
        elif current % 100 and value:
            break
        else:
            current += value
        at += length
    return at, total + current


def _part(tokens: list[str], at: int, lexicon: Lexicon) -> tuple[int, int, int]:
    """Return how many tokens the next part of a number takes, and what it adds, or else by what it multiplies."""
    token, words = tokens[at], lexicon.words
    if token in words.scales:
        return 1, 0, words.scales[token]
    if token in words.hundreds:
        return 1, words.hundreds[token], 0
    if token.isdecimal() and len(token) <= _MOST_DIGITS:
        return 1, int(token), 0
    length, value = lexicon.longest(lexicon.small, tokens, at)
    if length:
        return length, int(value or 0), 0
    follows = at + 1 < len(tokens) and _begins(tokens, at + 1, lexicon)
    return (1, 0, 0) if follows and (token in words.linking or token in words.one_) else (0, 0, 0)


def _with_fraction(tokens: list[str], at: int, whole: int, lexicon: Lexicon) -> tuple[int, float | int]:
    """Return where the number ends with what follows its whole part, and what it is then."""
    words = lexicon.words
    for wording, part in words.halves.items():
        if tokens[at : at + len(wording.split())] == wording.split():
            return at + len(wording.split()), whole + part
    if at < len(tokens) and tokens[at] in words.points:
        run = next((run for run in digit_runs(tokens[at + 1 :], lexicon) if run.start == 0), None)
        if run is not None:
            return at + 1 + run.end, float(f"{whole}.{run.digits[:_MOST_DECIMALS]}")
    return at, whole
