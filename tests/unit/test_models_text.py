"""A reply's text on its way: joined to what is worth a wake-up, without what the model only thinks."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.json_types import JsonObject
from offhook.models.arguments import arguments_of
from offhook.models.joining import Joiner
from offhook.models.thoughts import Unthought

TAGGED = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<thinking>", "</thinking>", "<", ">", "<b>", "hm", " ", "Yes.", "</"]
    ),
    max_size=12,
)


def unthought(*pieces: str) -> str:
    spoken = Unthought()
    return "".join([*map(spoken.add, pieces), spoken.rest()])


def joined(*pieces: str, every_s: float = 0.01) -> list[str]:
    joiner = Joiner()
    passed = [joiner.add(piece, 100 + number * every_s) for number, piece in enumerate(pieces)]
    return [text for text in (*passed, joiner.rest()) if text]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes.", "Yes."),
        ("<think>Hm.</think>Yes.", "Yes."),
        ("<thinking>The caller wants Monday.</thinking> Yes.", " Yes."),
        ("One moment. <thinking>book()</thinking>", "One moment. "),
        ("A<think>b</think>C<think>d</think>E", "ACE"),
        ("<think>It never ends", ""),
        ("2 < 3 and <b>bold</b>", "2 < 3 and <b>bold</b>"),
        ("It is <", "It is <"),
    ],
)
def test_what_stands_between_tags_of_thinking_is_not_said(text: str, said: str) -> None:
    assert unthought(text) == said
    assert unthought(*text) == said


@pytest.mark.fuzz
@given(TAGGED)
def test_what_is_said_does_not_depend_on_the_pieces_it_comes_in(pieces: list[str]) -> None:
    assert unthought(*pieces) == unthought("".join(pieces)) == unthought(*"".join(pieces))


def test_text_passes_by_the_sentence_and_the_first_of_each_at_once() -> None:
    assert joined("We", " are", " open", ".", " On", " Sun", "day", " too", "!") == [
        "We",
        " are open.",
        " On",
        " Sunday too!",
    ]


def test_slow_text_passes_in_time() -> None:
    assert joined("We", " are", " open", " now", every_s=0.3) == ["We", " are", " open", " now"]


def test_a_number_does_not_hold_up_what_follows() -> None:
    assert joined("It", " is", " 3", ".", "30", " then") == ["It", " is 3.", "30", " then"]


@pytest.mark.fuzz
@given(st.lists(st.text(max_size=5)))
def test_nothing_is_lost_and_nothing_waits_long(pieces: list[str]) -> None:
    assert "".join(joined(*pieces)) == "".join(pieces)
    assert all(len(text) < 170 for text in accumulate(joined(*pieces), lambda _, text: text))


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("", {}),
        ('{"day": "monday"}', {"day": "monday"}),
        ('{"day": "mon', None),
        ("[]", None),
        ("null", None),
        ('{"price": NaN}', None),
        ('{"price": 1e999}', None),
        ('{"name": "Ada \\ud83d"}', None),
        ({"day": "monday"}, {"day": "monday"}),
        ({"day": ["\ud83d"]}, None),
        ("[" * 10_000, None),
        ('{"a": "' + "x" * 60_000 + '"}', None),
    ],
)
def test_arguments_are_an_object_or_none(text: str | JsonObject, arguments: object) -> None:
    assert arguments_of(text) == arguments
