"""Finding texts by their words."""

import pytest

from streamer.tools.words import WordIndex

TEXTS = (
    "Opening hours\nWe open at nine and close at five on weekdays.",
    "Parking\nGuests park behind the house; the gate opens by itself.",
    "Cancelling\nAn appointment is cancelled for free until the evening before.",
)


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("when do you open", 0),
        ("where can a guest leave the car, is there parking", 1),
        ("I want to cancel my appointments", 2),
        ("CLOSED?", 0),
    ],
)
def test_words_are_found_in_any_form(query: str, best: int) -> None:
    assert WordIndex(TEXTS, "en-US").best(query)[0] == best


def test_a_query_that_shares_no_word_finds_nothing() -> None:
    index = WordIndex(TEXTS, "en-US")
    assert index.best("zebra") == index.best("?!") == index.best("") == []


def test_nothing_is_found_in_nothing() -> None:
    assert WordIndex([], "en-US").best("open") == WordIndex(["?!"], "en-US").best("open") == []


def test_languages_have_stems_of_their_own_and_unknown_ones_none() -> None:
    german = ("Die Öffnungszeiten", "Unsere Preise")
    assert WordIndex(german, "de-DE").best("der Preis") == [1]
    assert WordIndex(german, "xx").best("preise") == [1]
    norwegian = ("Åpningstidene våre", "Prisene for en natt")
    assert WordIndex(norwegian, "nb-NO").best("hva er prisen for en natt") == [1]
