"""What recognisers make of values that people say, and what it is taken for; nothing is taken for a value that is none."""

from collections.abc import Mapping
from typing import Any

import pytest

from offhook.json_types import JsonValue
from offhook.workflows import Capture
from streamer.call.spoken.dialogue import Dialogue, Draft
from streamer.call.spoken.kind import Kind, Reading
from streamer.call.spoken.kinds import kind_of
from tests.support.tables import each_of

Forms = Mapping[str, Mapping[Any, tuple[str, ...]]]
"""By language, what is meant, and how it is said."""

TODAY = "2026-03-02"
"""A Monday."""

PHONES: Forms = {
    "en-US": {
        "+14155550100": (
            "four one five, five five five, oh one oh oh",
            "415-555-0100",
            "(415) 555-0100",
            "415.555.0100",
            "four one five triple five zero one double zero",
            "my number is four fifteen five fifty five zero one zero zero",
            "it's 415 and then 555 0100 please",
            "plus one four one five five five five zero one zero zero",
            "+1 415 555 0100",
            "one four one five five five five oh one hundred",
            "uh four one five um five five five er zero one zero zero",
            "yes it's four one five five five five oh one oh oh thanks",
            "you can reach me at 415 555 0100",
            "four one five five five five oh one oh one no sorry oh one oh oh",
            "four one five five five five zero one zero zero extension twelve",
            "Four. One. Five. Five. Five. Five. Zero. One. Zero. Zero.",
        ),
        "+18005551234": ("eight hundred five five five twelve thirty four", "1-800-555-1234"),
        "+442079460000": (
            "plus four four two oh seven nine four six oh oh oh oh",
            "zero one one four four 20 7946 0000",
        ),
    },
    "de-DE": {
        "+49301234567": (
            "null drei null eins zwei drei vier fünf sechs sieben",
            "null dreißig zwölf vierunddreißig sechsundfünfzig sieben",
            "meine nummer ist 030 1234567",
            "plus neunundvierzig dreißig eins zwei drei vier fünf sechs sieben",
        ),
        "+491711234567": ("null eins sieben eins eins zwei drei vier fünf sechs sieben",),
    },
    "es-ES": {
        "+34612345678": (
            "seis uno dos tres cuatro cinco seis siete ocho",
            "mi número es seiscientos doce treinta y cuatro cincuenta y seis setenta y ocho",
            "seis doce, treinta y cuatro, cincuenta y seis, setenta y ocho",
            "612 34 56 78",
        ),
    },
    "fr-FR": {
        "+33612345678": (
            "zéro six douze trente-quatre cinquante-six soixante-dix-huit",
            "c'est le 06 12 34 56 78",
            "zéro six, douze, trente quatre, cinquante six, soixante dix huit",
        ),
        "+33142689290": ("zéro un quarante-deux soixante-huit quatre-vingt-douze quatre-vingt-dix",),
    },
}
EMAILS: Forms = {
    "en-US": {
        "john.smith@gmail.com": (
            "john dot smith at gmail dot com",
            "John.Smith@Gmail.com",
            "it's john.smith@gmail.com.",
            "j o h n dot s m i t h at gmail dot com",
            "J-O-H-N dot S-M-I-T-H at gmail.com",
            "j. o. h. n. dot smith at g mail dot com",
            "my email address is john dot smith at gmail dot com please",
            "yes my e-mail is john point smith at sign gmail dot com thanks",
            "john period smith at gmail dotcom",
        ),
        "john-smith@gmail.com": ("j o h n dash smith at gmail dot com", "john hyphen smith at gmail dot com"),
        "john_smith1984@yahoo.co.uk": ("john underscore smith nineteen eighty four at yahoo dot co dot uk",),
        "bob@acme-corp.com": (
            "b as in bravo o b at acme dash corp dot com",
            "b for boy o b as in bravo at acme dash corp dot com",
        ),
        "lloyd@aol.com": ("double l o y d at aol dot com", "l l o y d at a o l dot com"),
        "mary+news@example.io": ("mary plus news at example dot io",),
        "anna21@web.de": (
            "anna twenty one at web dot de",
            "anna two one at web dot d e",
            "anna twenty-one at web dot de",
        ),
        "info@example.org": ("info at example dot org and that's it",),
        "kaylee@msn.com": ("kay lee at msn dot com", "k a y l e e at m s n dot com"),
        "wu@live.com": ("double u u at live dot com",),
        "ann@hotmail.com": ("bob at gmail dot com no wait ann at hotmail dot com",),
    },
    "de-DE": {
        "hans.mueller@web.de": (
            "hans punkt müller at web punkt de",
            "hans punkt m u e l l e r ät web punkt de",
        ),
        "max_mustermann@gmx.de": ("max unterstrich mustermann at gmx punkt de",),
    },
    "es-ES": {
        "juan_perez@gmail.com": (
            "juan guion bajo perez arroba gmail punto com",
            "mi correo es juan guión bajo pérez arroba gmail punto com",
        )
    },
    "fr-FR": {"jean-dupont@orange.fr": ("jean tiret dupont arobase orange point fr",)},
}
NAMES: Forms = {
    "en-US": {
        "John Smith": (
            "john smith",
            "my name is john smith",
            "It's John Smith.",
            "this is john smith",
            "yeah the name is john smith",
            "j o h n smith",
        ),
        "John Smyth": ("john smith with a y", "John Smyth, that's S M Y T H", "john smith s m y t h"),
        "Smith": ("s m i t h", "S-M-I-T-H", "s as in sam m i t h"),
        "Mary-Jane O'Brien": ("mary hyphen jane o'brien", "Mary-Jane O'Brien"),
        "Ludwig van der Berg": ("ludwig van der berg",),
        "Ronald MacArthur": ("Ronald MacArthur",),
        "McDonald": ("mcdonald",),
        "Bob Jones": ("bob b o b jones j o n e s",),
    },
    "de-DE": {"Jürgen von Ansbach": ("mein name ist jürgen von ansbach", "ich heiße jürgen von ansbach")},
    "es-ES": {"María de la Cruz": ("me llamo maría de la cruz",)},
    "fr-FR": {"Jean-Luc Dupont": ("je m'appelle jean-luc dupont", "c'est jean-luc dupont")},
}
NUMBERS: Forms = {
    "en-US": {
        42: ("forty two", "42", "forty-two", "uh forty two please", "four two"),
        250_000: ("two hundred and fifty thousand", "two hundred fifty thousand", "250,000"),
        3.5: ("three point five", "3.5", "three and a half"),
        -5: ("minus five", "negative five", "-5"),
        1984: ("nineteen eighty four", "one thousand nine hundred and eighty four", "1,984"),
        101: ("a hundred and one", "one hundred one", "one oh one"),
        1_234_567: ("one million two hundred thirty four thousand five hundred sixty seven",),
        2_000_000: ("2 million",),
        0: ("zero",),
    },
    "de-DE": {
        253: ("zweihundertdreiundfünfzig",),
        25_311: ("fünfundzwanzigtausend dreihundertelf",),
        3.5: ("drei komma fünf", "3,5"),
        1234.5: ("1.234,5",),
    },
    "es-ES": {
        253: ("doscientos cincuenta y tres",),
        2026: ("dos mil veintiséis",),
        3.5: ("tres coma cinco",),
        21: ("veintiuno",),
    },
    "fr-FR": {
        99: ("quatre-vingt-dix-neuf", "nonante neuf"),
        250: ("deux cent cinquante",),
        71: ("soixante et onze", "septante et un"),
        3.5: ("trois virgule cinq",),
    },
}
DATES: Forms = {
    "en-US": {
        "2026-05-03": (
            "the third of may",
            "may third",
            "May 3rd",
            "may the third",
            "5/3/2026",
            "2026-05-03",
            "sunday may third",
            "3 May",
            "may 3, 2026",
            "may third twenty twenty six",
        ),
        "2027-05-03": (
            "may the third twenty twenty seven",
            "May 3, 2027",
            "the third of may two thousand and twenty seven",
        ),
        "1984-05-22": (
            "may twenty second nineteen eighty four",
            "5/22/1984",
            "5/22/84",
            "the twenty-second of May 1984",
        ),
        "2026-03-02": ("today",),
        "2026-03-03": ("tomorrow", "tuesday", "how about tomorrow"),
        "2026-03-04": ("the day after tomorrow", "wednesday please", "in two days"),
        "2026-03-05": ("in three days", "this thursday"),
        "2026-03-09": ("in a week", "monday", "next monday", "a week from today"),
        "2026-03-13": ("next friday", "friday next week", "friday the thirteenth"),
        "2026-03-15": ("the fifteenth", "on the 15th"),
        "2028-02-29": ("february twenty ninth",),
        "2026-05-04": ("may third, no, the fourth", "may third no wait may fourth"),
    },
    "en-GB": {"2026-03-05": ("5/3/2026", "the fifth of march")},
    "de-DE": {
        "2026-05-03": ("am dritten mai", "3.5.2026", "3. Mai", "der dritte mai zweitausendsechsundzwanzig"),
        "2026-03-03": ("morgen",),
        "2026-12-21": ("am einundzwanzigsten dezember",),
        "2026-03-13": ("nächsten freitag",),
    },
    "es-ES": {
        "2026-05-03": ("el tres de mayo", "3 de mayo"),
        "2026-03-04": ("pasado mañana",),
        "2027-06-01": ("el primero de junio de dos mil veintisiete",),
    },
    "fr-FR": {
        "2026-05-03": ("le trois mai",),
        "2026-03-04": ("après-demain",),
        "2027-06-01": ("le premier juin deux mille vingt-sept",),
        "2026-03-13": ("vendredi prochain",),
    },
}
ADDRESSES: Forms = {
    "en-US": {
        "1221 Main Street, Springfield, Illinois 62701": (
            "1221 Main Street, Springfield, Illinois 62701",
            "twelve twenty one main street, springfield, illinois six two seven oh one",
        ),
        "42 West 21st Street Apartment 5B New York 10011": (
            "i live at forty two west twenty first street apartment five b new york one zero zero one one",
        ),
        "221B Baker Street": ("221b baker street",),
    },
    "de-DE": {
        "Berliner Straße 12, 10115 Berlin": ("Berliner Straße 12, 10115 Berlin",),
        "Hauptstraße 12 10115 Berlin": ("hauptstraße zwölf eins null eins eins fünf berlin",),
    },
    "es-ES": {"Calle Mayor 12 28013 Madrid": ("calle mayor doce veintiocho cero trece madrid",)},
    "fr-FR": {"12 Rue de la Paix 75001 Paris": ("douze rue de la paix soixante-quinze zéro zéro un paris",)},
}
CORPUS: Mapping[str, Forms] = {
    "phone": PHONES,
    "email": EMAILS,
    "name": NAMES,
    "number": NUMBERS,
    "date": DATES,
    "address": ADDRESSES,
}
FORMS = [
    (type_, language, said, meant)
    for type_, languages in CORPUS.items()
    for language, values in languages.items()
    for meant, wordings in values.items()
    for said in wordings
]
OTHERS = {
    "phone": (
        "hello",
        "what for",
        "I'd rather not",
        "nine one",
        "four one five five five five zero one zero zero nine nine",
    ),
    "email": ("hello there", "why do you need that", "john at", "at gmail dot com", "john dot smith"),
    "name": ("I want to talk to an agent", "what", "can you help me", "yes", "who is this", "j"),
    "number": ("hello", "two or three", "a lot", "none of them"),
    "date": (
        "hello",
        "may",
        "february thirtieth",
        "the thirty first of april",
        "whenever you like",
        "in the morning",
    ),
    "address": ("hello there", "main street", "five", "near the station"),
}


def kind(type_: str, language: str, **capture: JsonValue) -> Kind:
    asked = Capture.model_validate({"variable": "value", "type": type_} | capture)
    return kind_of(asked, (language,), TODAY)


def test_the_corpus_is_large() -> None:
    assert len(FORMS) >= 150


@each_of(FORMS)
def test_a_value_is_understood(type_: str, language: str, said: str, meant: JsonValue) -> None:
    reading = _heard(type_, language, said)
    assert reading.value == meant
    assert type(reading.value) is type(meant)


def _heard(type_: str, language: str, said: str) -> Reading:
    """Return what a caller is understood to say when they are asked."""
    dialogue = Dialogue(kind(type_, language).setting.capture, languages=(language,), today=TODAY)
    step = dialogue.hear(Draft(), said)
    assert step is not None
    reading = dialogue.reading(step.draft)
    assert reading is not None
    return reading


@each_of([(type_, said) for type_, lines in OTHERS.items() for said in lines])
def test_what_is_no_value_is_none(type_: str, said: str) -> None:
    reading = kind(type_, "en-US").read(said)
    assert reading is None or reading.value is None


@each_of(FORMS)
def test_the_plain_form_of_a_value_reads_as_the_same(
    type_: str, language: str, said: str, meant: JsonValue
) -> None:
    reading = _heard(type_, language, said)
    again = kind(type_, language).read(reading.written)
    assert again is not None
    assert (again.value, again.written) == (meant, reading.written)


def test_parts_of_an_address_are_told_where_they_are_sure() -> None:
    reading = kind("address", "en-US").read("twelve main street, springfield, 62701")
    assert reading is not None
    assert reading.parts == {"house_number": "12", "street": "Main Street", "postal_code": "62701"}
    reading = kind("address", "de-DE").read("hauptstraße 12, 10115 berlin")
    assert reading is not None
    assert reading.parts == {"house_number": "12", "street": "Hauptstraße", "postal_code": "10115"}
    reading = kind("address", "en-US").read("5 somewhere or other")
    assert reading is not None
    assert "street" not in reading.parts


@pytest.mark.parametrize(
    ("type_", "language", "said", "spoken"),
    [
        ("phone", "en-US", "4155550100", "4 1 5, 5 5 5, 0 1 0 0"),
        ("phone", "en-US", "+442079460000", "plus 4 4, 2 0, 7 9 4 6, 0 0 0 0"),
        (
            "email",
            "en-US",
            "john.smith1984@gmail.com",
            "j o h, n, dot, s m i, t h, 1 9 8, 4, at gmail dot com",
        ),
        ("email", "en-US", "bob@acme-corp.com", "b o b, at a c m, e, dash, c o r, p dot com"),
        ("email", "de-DE", "max@gmx.de", "m a x, ät gmx Punkt de"),
        ("name", "en-US", "john smyth s m y t h", "John Smyth, S M Y, T H"),
        ("name", "en-US", "john smith", "John Smith"),
        ("date", "en-US", "may third", "Sunday, May 3rd, 2026"),
        ("date", "de-DE", "dritter mai", "Sonntag, 3. Mai 2026"),
        ("date", "es-ES", "tres de mayo", "el domingo 3 de mayo de 2026"),
        ("date", "fr-FR", "premier mai", "le vendredi 1er mai 2026"),
        ("number", "de-DE", "drei komma fünf", "3,5"),
        ("address", "en-US", "1221 main street 62701", "1 2 2 1 Main Street, 6 2 7 0 1"),
    ],
)
def test_values_are_said_back_for_the_ear(type_: str, language: str, said: str, spoken: str) -> None:
    reading = kind(type_, language).read(said)
    assert reading is not None
    assert reading.spoken == spoken


@pytest.mark.parametrize(
    ("type_", "language", "before", "said", "after"),
    [
        ("phone", "en-US", "4155550100", "the last digit is seven", "+14155550107"),
        ("phone", "en-US", "4155550100", "the last two digits are seven eight", "+14155550178"),
        ("phone", "en-US", "4155550100", "the third digit is six", "+14165550100"),
        ("phone", "en-US", "4155550100", "it ends in oh one nine nine", "+14155550199"),
        ("phone", "en-US", "4155550100", "the area code is six two eight", "+16285550100"),
        ("phone", "en-US", "4155550123", "it's 124", "+14155550124"),
        ("phone", "en-US", "4155550123", "nine not four", "+19155550123"),
        ("phone", "en-US", "4155550123", "not four, nine", "+19155550123"),
        ("phone", "de-DE", "0301234567", "am ende acht", "+49301234568"),
        ("email", "en-US", "john.smith@gmail.com", "smith with a y", "john.smyth@gmail.com"),
        ("email", "en-US", "mat@gmail.com", "mat with two t's", "matt@gmail.com"),
        ("email", "en-US", "mat@gmail.com", "mat with a double t", "matt@gmail.com"),
        ("email", "en-US", "john.smith@gmail.com", "dash not dot", "john-smith@gmail.com"),
        ("email", "en-US", "john@gmail.com", "at hotmail dot com", "john@hotmail.com"),
        ("email", "en-US", "john@gmail.com", "dot org", "john@gmail.org"),
        ("email", "en-US", "john@gmail.com", "it's j o n", "jon@gmail.com"),
        ("name", "en-US", "John Smith", "smith with a y", "John Smyth"),
        ("name", "en-US", "John Smith", "it's s m y t h", "John Smyth"),
        ("name", "en-US", "John Smith", "it's smythe", "John Smythe"),
        ("date", "en-US", "2026-05-03", "the fourth", "2026-05-04"),
        ("date", "en-US", "2026-05-03", "june", "2026-06-03"),
        ("date", "en-US", "2026-05-03", "twenty twenty seven", "2027-05-03"),
        ("date", "de-DE", "2026-05-03", "am vierten", "2026-05-04"),
        ("number", "en-US", "4271", "the last digit is five", 4275),
        ("address", "en-US", "12 Main Street 62701", "number fourteen", "14 Main Street 62701"),
        (
            "address",
            "en-US",
            "12 Main Street 62701",
            "the zip is six two seven oh two",
            "12 Main Street 62702",
        ),
    ],
)
def test_a_value_is_mended(type_: str, language: str, before: str, said: str, after: JsonValue) -> None:
    asked = kind(type_, language)
    reading = asked.read(before)
    assert reading is not None
    mended = asked.corrected(reading, said)
    assert mended is not None
    assert mended.value == after


@pytest.mark.parametrize(
    ("type_", "before", "said"),
    [
        ("phone", "4155550100", "it's five six"),
        ("phone", "4155550100", "six not five"),
        ("phone", "4155550100", "that is silly"),
        ("email", "lili.smith@gmail.com", "with a y"),
        ("name", "John Smith", "bartholomew"),
        ("address", "12 Main Street 62701", "14 Oak Avenue"),
    ],
)
def test_what_can_not_be_told_for_sure_is_not_guessed(type_: str, before: str, said: str) -> None:
    asked = kind(type_, "en-US")
    reading = asked.read(before)
    assert reading is not None
    assert asked.corrected(reading, said) is None


def test_bounds_of_numbers_and_dates_are_kept() -> None:
    for capture, said in (
        ({"maximum": 10}, "eleven"),
        ({"minimum": 1}, "zero"),
        ({"whole": True}, "three point five"),
    ):
        reading = kind("number", "en-US", **capture).read(said)
        assert reading is not None
        assert (reading.value, reading.is_unfit) == (None, True)
    for bounds, said in (
        ({"period": "future"}, "yesterday"),
        ({"period": "past"}, "tomorrow"),
        ({"not_before": "2026-04-01"}, "today"),
        ({"not_after": "2026-04-01"}, "may third"),
        ({"not_before": "20260401"}, "today"),
        ({"not_after": "2026-W14-3"}, "may third"),
    ):
        reading = kind("date", "en-US", **bounds).read(said)
        assert reading is not None
        assert (reading.value, reading.is_unfit) == (None, True)


def test_hundreds_that_are_words_of_their_own_begin_a_telephone_number() -> None:
    reading = kind("phone", "es-ES").read("seiscientos")
    assert reading is not None
    assert (reading.written, reading.value, reading.is_begun) == ("600", None, True)


def test_digits_without_end_are_no_number() -> None:
    for said in ("1" + ",000" * 110 + ".5", "1" + ",000" * 2000, "hundred " * 60, "9" * 5000):
        assert kind("number", "en-US").read(said) is None


def test_a_birthday_is_in_the_past() -> None:
    birthday = kind("date", "en-US", period="past")
    for said, meant in (("may third", "2025-05-03"), ("5/3/27", "1927-05-03"), ("friday", "2026-02-27")):
        reading = birthday.read(said)
        assert reading is not None
        assert reading.value == meant
