"""Letters as they are spelled: "j o h n", "b as in bravo", "double l", "dash", "nineteen"."""

from dataclasses import dataclass

from streamer.call.spoken.digits import digit_runs
from streamer.call.spoken.lexicon import Lexicon
from streamer.call.spoken.words import listed

_NATO = {
    word: word[0]
    for word in listed(
        "alpha bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa quebec "
        "romeo sierra tango uniform victor whiskey xray yankee zulu"
    )
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters, and whether they were spelled one by one or said as a word; marks are neither."""

    text: str
    is_spelled: bool = False
    is_mark: bool = False


def pieces_of(tokens: list[str], lexicon: Lexicon) -> list[Piece]:
    """Return what was spelled and said as characters, in order."""
    pieces: list[Piece] = []
    at = 0
    tokens = [token for place, token in enumerate(tokens) if not _is_within_number(tokens, place, lexicon)]
    while at < len(tokens):
        length, piece = _next(tokens, at, lexicon)
        if piece is not None:
            pieces.append(piece)
        at += length
    return pieces


def _is_within_number(tokens: list[str], at: int, lexicon: Lexicon) -> bool:
    """Say whether this is the hyphen of "twenty-one"."""
    beside = tokens[at - 1 : at] + tokens[at + 1 : at + 2]
    return tokens[at] == "-" and all((word,) in lexicon.small for word in beside)


def _next(tokens: list[str], at: int, lexicon: Lexicon) -> tuple[int, Piece | None]:
    words, token = lexicon.words, tokens[at]
    if token in words.capital:
        return 1, None
    if token in words.multiples and at + 1 < len(tokens) and not _is_double_letter(tokens, at, lexicon):
        length, piece = _next(tokens, at + 1, lexicon)
        if piece is not None and len(piece.text) == 1:
            return 1 + length, Piece(piece.text * words.multiples[token], is_spelled=True)
    length, mark = lexicon.longest(lexicon.marks, tokens, at)
    if length:
        return length, Piece(str(mark), is_mark=True)
    letter_length, letter = _letter(tokens, at, lexicon)
    if letter:
        return letter_length, Piece(letter, is_spelled=True)
    run = next(iter(digit_runs(tokens[at : at + 8], lexicon)), None)
    if run is not None and run.start == 0:
        return run.end, Piece(run.digits, is_spelled=True)
    return 1, Piece(token, is_mark=not token[0].isalnum())


def _is_double_letter(tokens: list[str], at: int, lexicon: Lexicon) -> bool:
    """Say whether this is a letter's name, "double u"."""
    return " ".join(tokens[at : at + 2]) in lexicon.words.letters


def _letter(tokens: list[str], at: int, lexicon: Lexicon) -> tuple[int, str]:
    """Return the letter that begins here, and how many tokens say it."""
    names = lexicon.words.letters
    two, token = " ".join(tokens[at : at + 2]), tokens[at]
    if at + 1 < len(tokens) and two in names:
        return 2, names[two]
    is_single = len(token) == 1 and token.isalpha()
    if is_single or (token in names and _is_among_letters(tokens, at)):
        letter = token if is_single else names[token]
        return 1 + _as_in(tokens, at + 1, letter, lexicon), letter
    if token in _NATO and _is_among_alphabet(tokens, at):
        return 1, _NATO[token]
    return 0, ""


def _as_in(tokens: list[str], at: int, letter: str, lexicon: Lexicon) -> int:
    """Return how many tokens only say which letter it is: "as in bravo", of which nothing is meant."""
    for wording in lexicon.words.spelled_by:
        words = wording.split()
        after = at + len(words)
        if tokens[at:after] == words and after < len(tokens) and tokens[after].startswith(letter):
            return len(words) + 1
    return 0


def _is_among_letters(tokens: list[str], at: int) -> bool:
    return any(
        len(token) == 1 and token.isalpha()
        for token in tokens[max(0, at - 1) : at + 2]
        if token != tokens[at]
    )


def _is_among_alphabet(tokens: list[str], at: int) -> bool:
    return sum(token in _NATO for token in tokens[max(0, at - 2) : at + 3]) >= 3
