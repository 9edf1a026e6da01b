"""E-mail addresses, kept in lower case: a recogniser's capitals say nothing."""

import re
import unicodedata

from streamer.call.spoken.kind import Kind, Reading
from streamer.call.spoken.lexicon import Lexicon
from streamer.call.spoken.prompts import prompts_in
from streamer.call.spoken.spelling import Piece, pieces_of
from streamer.call.spoken.tokens import find, without_lead_in
from streamer.call.spoken.words import listed, wordings

_WRITTEN = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_LOCAL = re.compile(r"[\w+'-]+(?:\.[\w+'-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_MOST_LOCAL = 64  # RFC 5321, 4.5.3.1.1
# After these no other label follows, as `.uk` does after `.co`.
_LAST_LABELS = listed("com net org edu gov io de fr es uk info biz me us it nl ch at eu app dev")
_PROVIDERS = listed(
    "gmail yahoo hotmail outlook icloud aol gmx web proton protonmail live msn orange free t-online"
)
# Letters that sound alike, or are two spellings of one sound.
_ALIKE = [pair.split() for pair in wordings("i y, c k, s z, f ph, v w, e a, d t, m n, b p, i ie, s c")]


class Email(Kind):
    """An e-mail address."""

    keeps_hyphens = True

    def read_in(self, lexicon: Lexicon, tokens: list[str], text: str) -> Reading | None:
        written = _WRITTEN.search(text)
        if written is not None:
            return self._reading(written[0].lower(), lexicon)
        rest = without_lead_in(tokens, lexicon.words.lead_ins, lexicon.words.fillers)
        pieces = pieces_of(rest, lexicon)
        at = max((place for place, piece in enumerate(pieces) if piece.text == "@"), default=None)
        if at is None:
            is_address = any(piece.is_spelled or piece.is_mark for piece in pieces) or len(pieces) == 1
            return (
                self._reading("".join(piece.text for piece in pieces), lexicon)
                if pieces and is_address
                else None
            )
        local = _plain("".join(piece.text for piece in pieces[:at]))
        return self._reading(f"{local}@{_domain(pieces[at + 1 :])}", lexicon)

    def _reading(self, written: str, lexicon: Lexicon) -> Reading:
        local, at, domain = written.partition("@")
        spoken = _spoken(local, domain, lexicon)
        if not _LOCAL.fullmatch(local) or len(local) > _MOST_LOCAL or not _DOMAIN.fullmatch(domain):
            return Reading(
                written=written,
                spoken=spoken,
                is_begun=not (local and at and "." in domain and not domain.endswith(".")),
            )
        return Reading(
            written=written, value=written, spoken=spoken, is_whole=domain.rpartition(".")[2] in _LAST_LABELS
        )

    def corrected_in(self, lexicon: Lexicon, before: Reading, tokens: list[str]) -> str | None:
        local, _, domain = before.written.partition("@")
        rest = without_lead_in(tokens, lexicon.words.lead_ins, lexicon.words.fillers | lexicon.words.no)
        return (
            _without(local, domain, rest, lexicon)
            or mended_letters(before.written, rest, lexicon)
            or self._replaced(local, domain, rest, lexicon)
        )

    def _replaced(self, local: str, domain: str, tokens: list[str], lexicon: Lexicon) -> str | None:
        """Put what was said in the place of the part it is: what follows an "at", or letters alone."""
        pieces = pieces_of(tokens, lexicon)
        texts = [piece.text for piece in pieces]
        if not pieces:
            return None
        if texts[0] == "@":
            return f"{local}@{_domain(pieces[1:])}"
        if texts[0] == ".":
            return f"{local}@{domain.rpartition('.')[0]}{''.join(texts)}"
        if "@" not in texts and all(piece.is_spelled or piece.is_mark for piece in pieces):
            return f"{''.join(texts)}@{domain}"
        return None


def _plain(text: str) -> str:
    """Write a text in the letters that addresses have."""
    umlauts = text.translate(_UMLAUTS)
    return "".join(char for char in unicodedata.normalize("NFKD", umlauts) if not unicodedata.combining(char))


def _domain(pieces: list[Piece]) -> str:
    """Join the domain, which ends where no dot and no letter leads on."""
    labels, was_letter = "", False
    for piece in pieces:
        is_letter = piece.is_spelled and len(piece.text) == 1
        has_ended = "." in labels and not labels.endswith((".", "-")) and not (was_letter and is_letter)
        if has_ended and not piece.text.startswith((".", "-")):
            break
        labels += _plain(piece.text)
        was_letter = is_letter
    return labels


def _without(local: str, domain: str, tokens: list[str], lexicon: Lexicon) -> str | None:
    """Mend "dash, not dot", "at gmail, not hotmail", where what is wrong stands in one place, or once in the local part."""
    for wording in lexicon.words.instead:
        at = find(tokens, wording)
        if at > 0:
            right, wrong = (
                "".join(piece.text for piece in pieces_of(part, lexicon))
                for part in (tokens[:at], tokens[at + len(wording.split()) :])
            )
            if local.count(wrong) == 1:
                return f"{local.replace(wrong, right)}@{domain}"
            written = f"{local}@{domain}"
            return written.replace(wrong, right) if written.count(wrong) == 1 else None
    return None


def mended_letters(written: str, tokens: list[str], lexicon: Lexicon) -> str | None:
    """Mend "Smith with a y", "with two t's": in the word that is named, or in the one place where that makes another."""
    at = next((place for place, token in enumerate(tokens) if token in lexicon.words.with_), -1)
    if at < 0 or at + 1 == len(tokens):
        return None
    named = next(
        (token for token in reversed(tokens[:at]) if len(token) > 1 and token in written.lower()), ""
    )
    after = [token.removesuffix("'s") for token in tokens[at + 1 :] if token not in lexicon.words.one_]
    letters = [piece.text for piece in pieces_of(after, lexicon) if piece.is_spelled]
    scope = named or written.lower()
    found = {made for letter in letters[-1:] for made in _variants(scope, letter, after, lexicon)}
    return written.lower().replace(scope, found.pop()) if len(found) == 1 else None


def _variants(word: str, letter: str, after: list[str], lexicon: Lexicon) -> set[str]:
    """Return what a word becomes by this letter: in the place of one that sounds alike, or doubled."""
    is_double = len(letter) == 2 or any(lexicon.small.get((token,)) == 2 for token in after)
    if is_double:
        one = letter[-1]
        return {
            word[:at] + one + word[at:] for at, char in enumerate(word) if char == one and one * 2 not in word
        }
    pairs = [pair if pair[1] == letter else pair[::-1] for pair in _ALIKE if letter in pair]
    return {
        word[:at] + letter + word[at + len(other) :]
        for other, _ in pairs
        for at in range(len(word))
        if word.startswith(other, at)
    }


def _spoken(local: str, domain: str, lexicon: Lexicon) -> str:
    """Spell the local part; a provider whom everybody knows is said as a word, another spelled too."""
    prompts = prompts_in(lexicon.language)
    labels = domain.split(".") if domain else []
    if not labels:
        return prompts.spelled(local)
    name, *rest = labels
    first = name if name in _PROVIDERS else prompts.spelled(name)
    before = f"{prompts.spelled(local)}, " if local else ""
    return f"{before}{prompts.marks['@']} " + f" {prompts.marks['.']} ".join([first, *rest])
