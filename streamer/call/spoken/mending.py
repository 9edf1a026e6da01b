"""Digits mended by what the caller says about them: "the last one is seven", "six, not five", "it's five six"."""

from streamer.call.spoken.digits import digit_runs
from streamer.call.spoken.lexicon import Lexicon
from streamer.call.spoken.tokens import find, has_any


def mended_digits(digits: str, tokens: list[str], lexicon: Lexicon, *, guesses: bool = True) -> str | None:
    """Return the digits with the caller's in their place; None where that can't be told for sure."""
    words, runs = lexicon.words, digit_runs(tokens, lexicon)
    said = runs[-1].digits if runs else ""
    if not said or len(said) >= len(digits):
        return None
    mended = _in_place_of(digits, tokens, lexicon) or _at_position(digits, tokens, lexicon)
    if mended is not None:
        return mended
    if has_any(tokens, words.end_of):
        return digits[: -len(said)] + said
    if has_any(tokens, words.beginning_of):
        return said + digits[len(said) :]
    return _in_likeliest_place(digits, said) if guesses else None


def _in_place_of(digits: str, tokens: list[str], lexicon: Lexicon) -> str | None:
    """Mend "six, not five" and "not five, six", where what is wrong stands in one place."""
    at = max((find(tokens, wording) for wording in lexicon.words.instead), default=-1)
    runs = digit_runs(tokens, lexicon) if at >= 0 else []
    if len(runs) == 2:
        right, wrong = (run.digits for run in runs)
    elif len(runs) == 1 and runs[0].start > at and len(runs[0].digits) % 2 == 0:
        half = len(runs[0].digits) // 2
        wrong, right = runs[0].digits[:half], runs[0].digits[half:]
    else:
        return None
    return digits.replace(wrong, right) if digits.count(wrong) == 1 else None


def _at_position(digits: str, tokens: list[str], lexicon: Lexicon) -> str | None:
    """Mend "the third digit is seven"."""
    for word, number in lexicon.words.positions.items():
        at = find(tokens, word)
        runs = digit_runs(tokens[at + 1 :], lexicon) if at >= 0 else []
        if runs and len(runs[-1].digits) == 1 and number <= len(digits):
            return digits[: number - 1] + runs[-1].digits + digits[number:]
    return None


def _in_likeliest_place(digits: str, said: str) -> str | None:
    """Put digits where the fewest change, if there is one such place and some of them stand there already."""
    places = range(len(digits) - len(said) + 1)
    changed = [sum(a != b for a, b in zip(said, digits[at:], strict=False)) for at in places]
    fewest = min(changed)
    if fewest in (0, len(said)) or changed.count(fewest) > 1:
        return None
    at = changed.index(fewest)
    return digits[:at] + said + digits[at + len(said) :]
