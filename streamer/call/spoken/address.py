"""Postal addresses: the text as it was said, with numbers in digits, and the parts that are sure."""

import re

from offhook.json_types import JsonObject
from streamer.call.spoken.digits import digit_runs
from streamer.call.spoken.english import ending
from streamer.call.spoken.kind import Kind, Reading
from streamer.call.spoken.lexicon import Lexicon, contains
from streamer.call.spoken.tokens import without_lead_in

_MOST_WORDS = 30
_POSTAL_CODES = {
    "US": r"\b\d{5}(?:-\d{4})?\b",
    "CA": r"\b[a-z]\d[a-z] ?\d[a-z]\d\b",
    "GB": r"\b[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b",
    "AU": r"\b\d{4}\b",
    "AT": r"\b\d{4}\b",
    "CH": r"\b\d{4}\b",
    "NL": r"\b\d{4} ?[a-z]{2}\b",
}
_HOUSE_LETTERS = frozenset("abcdefgh")
# Countries that write the house's number before the street.
_NUMBER_FIRST = frozenset({"US", "CA", "GB", "AU", "NZ", "IE", "FR", "LU"})


class Address(Kind):
    """A street with a number, and what else was said."""

    keeps_commas = True

    def read_in(self, lexicon: Lexicon, tokens: list[str], text: str) -> Reading | None:
        rest = without_lead_in(tokens, lexicon.words.lead_ins, lexicon.words.fillers)
        words = self._parted(_with_digits(rest, lexicon))
        while words and words[-1] in lexicon.words.fillers:
            words = words[:-1]
        is_address = any(word[0].isdecimal() for word in words) and any(word[0].isalpha() for word in words)
        if not 2 <= len(words) <= _MOST_WORDS or not is_address:
            is_begun = contains(words, lexicon.words.streets) or (len(words) == 1 and words[0].isdecimal())
            return (
                Reading(written=" ".join(words), spoken=" ".join(words), is_begun=True) if is_begun else None
            )
        written = _capitalised(words, lexicon)
        parts = self._parts(written, lexicon)
        return Reading(
            written=written,
            value=written,
            spoken=_spoken(written),
            parts=parts,
            is_begun="postal_code" not in parts,
        )

    def _parted(self, words: list[str]) -> list[str]:
        """Part the number of a house from a postal code that was dictated right after it."""
        if self.setting.region in _NUMBER_FIRST or self.setting.region in _POSTAL_CODES:
            return words
        return [
            part
            for word in words
            for part in ([word[:-5], word[-5:]] if word.isdecimal() and 5 < len(word) < 10 else [word])
        ]

    def _parts(self, written: str, lexicon: Lexicon) -> JsonObject:
        """Return what of an address is told by its form alone."""
        pattern = _POSTAL_CODES.get(self.setting.region, r"\b\d{5}\b")
        codes = list(re.finditer(pattern, written, re.IGNORECASE))
        parts: JsonObject = {}
        if codes and codes[-1].start() > 0:
            parts["postal_code"] = codes[-1][0].upper()
        street = written[: codes[-1].start()] if "postal_code" in parts else written
        if self.setting.region in _NUMBER_FIRST:
            found = re.match(r"(\d{1,6}[A-Z]?) ([^\d,]+|\D*\d{1,3}(?:st|nd|rd|th)[^\d,]+)", street)
        else:
            found = re.match(r"()([^\d,]+?) (\d{1,5} ?[a-z]?)\b", street, re.IGNORECASE)
        if found is not None:
            number = found[1] or found[3]
            parts["house_number"] = number
            name = _street(found[2].strip(" ,"), lexicon)
            if name:
                parts["street"] = name
        return parts

    def corrected_in(self, lexicon: Lexicon, before: Reading, tokens: list[str]) -> str | None:
        """Put a number that was said alone in the place of the postal code that it is named as, or of the house's."""
        rest = [
            token for token in tokens if token not in lexicon.words.no and token not in lexicon.words.fillers
        ]
        runs = digit_runs(rest, lexicon)
        if len(runs) != 1 or runs[0].end != len(rest):
            return None
        named = [token for token in rest[: runs[0].start] if token not in ("it", "is", "it's", "the", "code")]
        part = "postal_code" if contains(named, lexicon.words.postal_code) else "house_number"
        old = before.parts.get(part)
        if not isinstance(old, str) or (
            named and not contains(named, lexicon.words.postal_code | lexicon.words.house_number)
        ):
            return None
        return re.sub(rf"\b{re.escape(old)}\b", runs[0].digits, before.written, count=1)


def _with_digits(tokens: list[str], lexicon: Lexicon) -> list[str]:
    """Write numbers in digits, and "twenty first" as 21st where that is how it is written."""
    words: list[str] = []
    at = 0
    runs = {run.start: run for run in digit_runs(tokens, lexicon)}
    while at < len(tokens):
        length, ordinal = lexicon.longest(lexicon.ordinals, tokens, at)
        if length and lexicon.language == "en":
            words.append(f"{ordinal}{ending(int(ordinal or 0))}")
            at += length
        elif at in runs and not (tokens[at] in lexicon.words.one_ and len(runs[at].digits) == 1):
            at, digits = runs[at].end, runs[at].digits
            # A recogniser's "21st" has come as digits and a mark.
            is_ordinal = lexicon.language == "en" and tokens[at : at + 1] == ["."]
            words.append(f"{digits}{ending(int(digits))}" if is_ordinal else digits)
        else:
            _add(words, tokens[at])
            at += 1
    return words


def _add(words: list[str], word: str) -> None:
    """Add a word; the letter of a house and a comma belong to what is before them."""
    if words and (word == "," or (word in _HOUSE_LETTERS and words[-1].isdecimal())):
        words[-1] += word.upper()
    elif word[0].isalnum() or word in "-'":
        words.append(word)


def _capitalised(words: list[str], lexicon: Lexicon) -> str:
    small = lexicon.words.particles | lexicon.words.linking | lexicon.words.in_
    named = [word if at and word in small else word[:1].upper() + word[1:] for at, word in enumerate(words)]
    return re.sub(r" ([-']) ", r"\1", " ".join(named))


def _street(name: str, lexicon: Lexicon) -> str:
    """Return the street, which ends at the word for one; empty where no word says that it is one."""
    words = name.split()
    ends = [
        at
        for at, word in enumerate(words)
        if word.lower() in lexicon.words.streets
        or word.lower().endswith(("straße", "strasse", "weg", "platz", "gasse"))
    ]
    if not ends:
        return ""
    return name if ends[0] == 0 else " ".join(words[: ends[0] + 1])


def _spoken(written: str) -> str:
    """Say long numbers digit by digit, which is how house numbers and postal codes are checked."""
    parted = re.sub(r"(?<=\w) (?=\d{3,}\b)", ", ", written)
    return re.sub(r"\b\d{3,}\b", lambda found: " ".join(found[0]), parted)
