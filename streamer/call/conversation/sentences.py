"""Where a sentence ends: not at an abbreviation, an initial or a number, by the language's own words."""

import re
from collections.abc import Mapping

MAX_SENTENCES = 500
"""Pieces that one text is cut into at most; the last one keeps the rest."""

MAX_SENTENCE_CHARACTERS = 400
"""A longer sentence is said in pieces: half a minute of speech is made at once, and heard or lost at once."""

LONGEST_END = 8
"""Characters of the marks that end a sentence: it may be longer by them than what it is cut at."""

_LONGEST_ABBREVIATION = 24

# The end of a sentence in most scripts, what closes behind it, and the space; those of the East need no space.
_END = re.compile(
    r"[.!?\u2026\u0964\u061f]{1,4}[\"'\u201d\u2019\u00bb)\]]{0,3}(?=\s)|[\u3002\uff01\uff1f]{1,4}[\u300d\u300f\uff09]{0,3}"
)
_MARK = re.compile(r"[.!?\u2026\u0964\u061f\u3002\uff01\uff1f]")
_ENDS_WITHOUT_SPACE = "\u3002\uff01\uff1f"
_FOLLOWING = re.compile(r"\s*(\S)")
_LAST_WORD = re.compile(r"[^\s\"'(\[\u00ab\u201c\u201e]{1,24}\Z")
# "J. R. Smith", "U.S. dollars", "e.g. this".
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+", re.UNICODE)
_ORDINAL = re.compile(r"[0-9]{1,4}\.")

_ABBREVIATIONS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "mr mrs ms mx dr prof rev hon capt cmdr col gen lt maj sgt sr jr st vs etc approx appt apt ave blvd hwy dept"
        " inc ltd co corp mt ft",
        "de": "dr prof hr fr frl st str bzw evtl ggf inkl exkl mio mrd usw etc vgl zzgl",
        "fr": "mm mme mmes mlle dr pr st ste bd env etc",
        "es": "sr sra sres sras srta dr dra prof ud uds vd vds avda etc",
        "it": "sig sigg dott prof avv ing ecc",
        "pt": "sr sra srs dr dra prof profa etc",
        "nl": "dhr mevr mw dr prof ir ing bijv enz evt incl excl",
    }.items()
}
# Words of their own, too, so that only a number that follows shows what they are: "No. 7", "Sat. 5".
_ABBREVIATIONS_BEFORE_NUMBERS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "no nos fig vol tel ext max min est rd ln jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed"
        " thu thur thurs fri sat sun",
        "de": "nr tel art abs max min ca jan feb mär apr jun jul aug sep sept okt nov dez mo di mi do fr sa so",
        "fr": "no art tél av vol janv févr juil sept oct nov déc",
        "es": "núm tel pág art ene feb mar abr jun jul ago sept oct nov dic",
        "it": "num tel pag art gen feb mar apr mag giu lug ago set ott nov dic",
        "pt": "núm tel pág art jan fev mar abr mai jun jul ago set out nov dez",
        "nl": "nr tel art ca jan feb mrt apr jun jul aug sep okt nov dec",
    }.items()
}
# Where numbers that count something in order are written with a full stop.
_LANGUAGES_WITH_ORDINALS = frozenset(
    {"de", "da", "nb", "no", "nn", "fi", "cs", "sk", "pl", "hu", "tr", "et", "lv", "sl", "hr"}
)


def sentences(text: str, language: str) -> list[str]:
    """Cut a whole text into sentences, without the spaces between; `language` is a tag such as en-US."""
    found: list[str] = []
    rest = text.strip()
    while rest and len(found) < MAX_SENTENCES - 1:
        first, following = first_sentence(rest, language)
        if not first:
            break
        found.append(first)
        rest = following
    return [*found, rest] if rest else found


def may_end(text: str, most: int = MAX_SENTENCE_CHARACTERS) -> bool:
    """Say, at little cost, whether a text that grows by the word may hold a whole sentence, or as much as is said at once."""
    return len(text) > most or _MARK.search(text) is not None


def first_sentence(text: str, language: str, most: int = MAX_SENTENCE_CHARACTERS) -> tuple[str, str]:
    """Return the first sentence of a text that may go on, and what follows; "" where its end is not certain yet.

    Of one that has more than `most` characters, as much as can be said in one breath.
    """
    language = language.partition("-")[0].lower()
    for end in _END.finditer(text, 0, most + LONGEST_END):
        following = _FOLLOWING.match(text, end.end())
        is_certain = following is not None or end[0][0] in _ENDS_WITHOUT_SPACE
        if is_certain and not _goes_on(text, end, following[1] if following else "", language):
            return text[: end.end()].strip(), text[end.end() :].lstrip()
    return _cut(text, most) if len(text) > most + LONGEST_END else ("", text)


def _goes_on(text: str, end: re.Match[str], following: str, language: str) -> bool:
    if following.islower():
        return True
    if end[0] != ".":
        return False
    found = _LAST_WORD.search(text, max(0, end.start() - _LONGEST_ABBREVIATION), end.end())
    word = found[0] if found else ""
    if _INITIALS.fullmatch(word):
        # "So do I." ends; no other single letter does.
        return not (language == "en" and word == "I.")
    if _ORDINAL.fullmatch(word):
        # "On 3. May", where a language writes it so, and the numbers of a list.
        is_in_list = (
            not text[: end.end() - len(word)].rstrip(" \t").rstrip("\n")
            or text[end.end() - len(word) - 1] == "\n"
        )
        return is_in_list or language in _LANGUAGES_WITH_ORDINALS
    abbreviation = word.rstrip(".").lower()
    return abbreviation in _ABBREVIATIONS.get(language, frozenset()) or (
        following.isdecimal() and abbreviation in _ABBREVIATIONS_BEFORE_NUMBERS.get(language, frozenset())
    )


def _cut(text: str, most: int) -> tuple[str, str]:
    """Cut a sentence that is too long where a breath may be taken, else where a word ends, else anywhere."""
    start = text[:most]
    place = max(start.rfind(mark) for mark in (", ", "; ", ": ")) + 1 or start.rfind(" ")
    place = place if place > most // 2 else start.rfind(" ")
    place = place if place > 0 else most
    return text[:place].strip(), text[place:].lstrip()
