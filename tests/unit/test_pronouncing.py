"""Words that an agent pronounces in its own way: which are found, and what becomes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.agents.pronunciations import Pronunciation
from streamer.speech.pronouncing import parts, with_aliases

SQL = Pronunciation(word="SQL", alias="sequel")
SERVER = Pronunciation(word="SQL Server", alias="the database")
NGUYEN = Pronunciation(word="Nguyen", ipa="nwiən")
PLUS = Pronunciation(word="C++", alias="C plus plus")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ask SQL, sql and Sql.", "Ask sequel, sequel and sequel."),
        ("MySQL and SQLs are others.", "MySQL and SQLs are others."),
        ("An SQL Server has SQL.", "An the database has sequel."),
        ("We write C++.", "We write C plus plus."),
        ("Nguyen says it as it can.", "Nguyen says it as it can."),
        ("", ""),
    ],
)
def test_an_engine_that_takes_no_sounds_is_told_what_to_say(text: str, said: str) -> None:
    assert with_aliases(text, (SQL, SERVER, NGUYEN, PLUS)) == said


def test_letters_that_fold_otherwise_do_no_harm() -> None:
    ways = (Pronunciation(word="hi", alias="hello"),)
    for text in ("h\u0131", "H\u0130", "HI"):
        assert with_aliases(text, ways) in (text, "hello")


def test_of_two_ways_for_a_word_the_first_counts() -> None:
    assert with_aliases("sql", (SQL, Pronunciation(word="sql", alias="ess queue ell"))) == "sequel"


@pytest.mark.fuzz
@given(
    st.text(alphabet="aAbi +.\u00e9\u0131\u0130", max_size=40),
    st.lists(st.text("aAbi +.\u0130", min_size=1, max_size=4), max_size=5),
)
def test_nothing_of_a_text_is_lost_and_only_whole_words_are_found(text: str, words: list[str]) -> None:
    ways = tuple(Pronunciation(word=word, alias="x") for word in words)
    found = list(parts(text, ways))
    assert "".join(part for part, _ in found) == text
    for part, how in found:
        assert how is None or part.casefold() == how.word.casefold()
