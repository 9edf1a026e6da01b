"""Names of people, capitalised; what is spelled takes the place of the word that it spells."""

import re
from difflib import SequenceMatcher

from streamer.call.spoken.email import mended_letters
from streamer.call.spoken.kind import Kind, Reading
from streamer.call.spoken.lexicon import Lexicon, contains
from streamer.call.spoken.prompts import prompts_in
from streamer.call.spoken.spelling import Piece, pieces_of
from streamer.call.spoken.tokens import tokens_of, without_lead_in

_MOST_WORDS = 6
_MOST_CHARACTERS = 80
_NAME = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*(?: [^\W\d_]+(?:['-][^\W\d_]+)*)*")
# A word is what was spelled after it when they are so much alike; other spelled letters are a name of their own.
_ALIKE = 0.6


class Name(Kind):
    """A person's name."""

    keeps_hyphens = True

    def read_in(self, lexicon: Lexicon, tokens: list[str], text: str) -> Reading | None:
        rest = without_lead_in(tokens, lexicon.words.lead_ins, lexicon.words.fillers)
        while rest and rest[-1] in lexicon.words.fillers and len(rest) > 1:
            rest = rest[:-1]
        at = next((place for place, token in enumerate(rest) if token in lexicon.words.with_), None)
        if at is not None:
            named = mended_letters(" ".join(rest[:at]), rest, lexicon)
            rest = tokens_of(named, keeps_hyphens=True) if named else rest
        words, spelled = _words(pieces_of(rest, lexicon), lexicon)
        written = " ".join(_capitalised(words, text, lexicon))
        if (
            not written
            or len(words) > _MOST_WORDS
            or len(written) > _MOST_CHARACTERS
            or not _NAME.fullmatch(written)
        ):
            return None
        # Whoever says more than a name has not said one; letters alone are none of these words.
        if contains(
            (word for word in words if word not in spelled and len(word) > 1), lexicon.words.no_names
        ):
            return None
        is_letter = len(written) == 1
        return Reading(
            written=written,
            value=None if is_letter else written,
            spoken=_spoken(written, spelled, lexicon),
            is_begun=is_letter or (bool(rest) and len(rest[-1]) == 1),
        )

    def corrected_in(self, lexicon: Lexicon, before: Reading, tokens: list[str]) -> str | None:
        rest = without_lead_in(tokens, lexicon.words.lead_ins, lexicon.words.fillers | lexicon.words.no)
        mended = mended_letters(before.written, rest, lexicon)
        if mended is not None:
            return mended
        words, spelled = _words(pieces_of(rest, lexicon), lexicon)
        if len(words) != 1 or not (spelled or " " in before.written):
            return None
        return _in_place_of_likest(before.written, words[0])


def _words(pieces: list[Piece], lexicon: Lexicon) -> tuple[list[str], set[str]]:
    """Return the words of a name, and which of them were spelled; a hyphen joins the words beside it."""
    words: list[str] = []
    spelled: set[str] = set()
    run, joins = "", False
    for piece in [*pieces, Piece("")]:
        if piece.is_spelled or (run and piece.is_mark and piece.text in ("-", "'")):
            run += piece.text
            continue
        if run:
            _add_spelled(words, spelled, run.strip("-'"), joins=joins)
            run, joins = "", False
        if piece.is_mark:
            joins = piece.text in ("-", "'") and bool(words)
            words[-1:] = [words[-1] + piece.text] if joins else words[-1:]
        elif piece.text:
            words[-1 if joins else len(words) :] = [words[-1] + piece.text] if joins else [piece.text]
            joins = False
    return words, spelled


def _add_spelled(words: list[str], spelled: set[str], run: str, *, joins: bool) -> None:
    """Add what was spelled: to the word before a hyphen, in the place of the words that it spells, or by itself."""
    if joins:
        words[-1] += run
    elif words and _likeness(words[-1], run) >= _ALIKE:
        words[-1] = run
    elif len(words) > 1 and _likeness("".join(words[-2:]), run) >= _ALIKE:
        words[-2:] = [run]
    elif run:
        words.append(run)
    spelled.add(words[-1] if words else run)


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio() if other else 1.0


def _in_place_of_likest(written: str, word: str) -> str | None:
    """Put a word in the place of the one that is most like it, if they are alike."""
    words = written.split()
    likest = max(range(len(words)), key=lambda at: _likeness(words[at].lower(), word))
    if _likeness(words[likest].lower(), word) < _ALIKE:
        return None
    return " ".join([*words[:likest], word, *words[likest + 1 :]])


def _capitalised(words: list[str], text: str, lexicon: Lexicon) -> list[str]:
    """Write each word as a name; one that the recogniser has written with capitals within keeps them."""
    as_written = {
        word.lower(): word for word in re.findall(r"[\w'-]+", text) if re.search(r"[a-z][A-Z]", word)
    }
    return [
        as_written.get(word) or (word if at and word in lexicon.words.particles else _capital(word))
        for at, word in enumerate(words)
    ]


def _capital(word: str) -> str:
    parts = re.split(r"(?<=[-'])", word)
    return "".join(
        part[:2].title() + part[2:].title() if part.startswith("mc") and len(part) > 4 else part.capitalize()
        for part in parts
    )


def _spoken(written: str, spelled: set[str], lexicon: Lexicon) -> str:
    """Say the name, and spell what was spelled."""
    shown = [word for word in written.split() if word.lower() in spelled and len(word) > 1]
    return ", ".join([written, *(prompts_in(lexicon.language).spelled(word.upper()) for word in shown)])
