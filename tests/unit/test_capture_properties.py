"""Any value, said in any of many ways, is understood as that value; and whatever is said, nothing is kept that was not confirmed."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from offhook.workflows import Capture
from streamer.call.spoken.dialogue import Dialogue, Draft
from streamer.call.spoken.kinds import KINDS, kind_of

pytestmark = pytest.mark.fuzz

TODAY = "2026-03-02"
_DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_ONES = [
    *_DIGITS,
    *[
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ],
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_MARKS = {".": "dot", "-": "dash", "_": "underscore"}
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]


def _read(type_: str, said: str) -> object:
    reading = kind_of(Capture.model_validate({"variable": "value", "type": type_}), ("en-US",), TODAY).read(
        said
    )
    return None if reading is None else reading.value


@st.composite
def dictated(draw: st.DrawFn, digits: str) -> str:
    """Draw a way of saying digits: one by one, doubled, in figures, with pauses and fillers between."""
    said: list[str] = []
    at = 0
    while at < len(digits):
        if at + 1 < len(digits) and digits[at] == digits[at + 1] and draw(st.booleans()):
            said.append(f"double {_DIGITS[int(digits[at])]}")
            at += 2
            continue
        ways = [_DIGITS[int(digits[at])], digits[at], *(["oh"] if digits[at] == "0" else [])]
        said.append(draw(st.sampled_from(ways)) + draw(st.sampled_from(["", "", ",", " uh"])))
        at += 1
    return (
        draw(st.sampled_from(["", "it's ", "yes my number is "]))
        + " ".join(said)
        + draw(st.sampled_from(["", ".", " please"]))
    )


@given(st.data(), st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{6}", fullmatch=True))
def test_any_number_of_ten_digits_is_understood(data: st.DataObject, digits: str) -> None:
    assume(digits.isascii())
    assert _read("phone", data.draw(dictated(digits))) == f"+1{digits}"


def _cardinal(value: int) -> str:
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10 - 2] + (f" {_ONES[value % 10]}" if value % 10 else "")
    for scale, word in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= scale:
            rest = value % scale
            joined = " and " if 0 < rest < 100 else " "
            return f"{_cardinal(value // scale)} {word}" + (f"{joined}{_cardinal(rest)}" if rest else "")
    raise AssertionError(value)


@given(st.integers(0, 999_999_999))
def test_any_amount_is_understood(value: int) -> None:
    assert _read("number", _cardinal(value)) == value
    assert _read("number", f"{value:,}") == value


@given(
    st.lists(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=2, max_size=10),
    st.sampled_from([*_MARKS]),
    st.lists(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=2, max_size=10),
    st.sampled_from(["gmail.com", "web.de", "example.co.uk"]),
)
def test_any_address_is_understood_by_its_letters(
    first: list[str], mark: str, second: list[str], domain: str
) -> None:
    said = f"{' '.join(first)} {_MARKS[mark]} {' '.join(second)} at {domain.replace('.', ' dot ')}"
    assert _read("email", said) == f"{''.join(first)}{mark}{''.join(second)}@{domain}"


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_any_day_is_understood_with_its_year(day: date) -> None:
    month = _MONTHS[day.month - 1]
    for said in (
        f"{month} {day.day} {day.year}",
        f"the {day.day}th of {month} {day.year}",
        f"{day.month}/{day.day}/{day.year}",
        f"{month.title()} {day.day}, {day.year}",
        day.isoformat(),
    ):
        assert _read("date", said) == day.isoformat()


@given(
    st.sampled_from([*KINDS]),
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(
                [
                    "yes",
                    "no",
                    "four one five",
                    "555 0100",
                    "415 555 0100",
                    "john smith",
                    "john at gmail dot com",
                    "may third",
                    "forty two",
                    "12 main street",
                    "no the last digit is seven",
                    "smith with a y",
                    "wait a second",
                ]
            ),
        ),
        max_size=12,
    ),
)
def test_nothing_is_kept_that_the_caller_has_not_said_yes_to(type_: str, lines: list[str]) -> None:
    capture = Capture.model_validate({"variable": "value", "type": type_, "attempts": 10})
    dialogue, draft = Dialogue(capture, languages=("en-US",), today=TODAY), Draft()
    for line in lines:
        before = draft
        step = dialogue.hear(draft, line) or dialogue.miss(draft)
        draft = step.draft
        if step.gathered is not None:
            assert before.is_read_back
            reading = dialogue.kind.read(before.heard)
            assert reading is not None
            assert step.gathered["value"] == reading.value
            return
        if step.is_over:
            return


@given(
    st.sampled_from([*KINDS]),
    st.text(max_size=3000),
    st.sampled_from(["en-US", "de-DE", "es-ES", "fr-FR", "ja-JP"]),
)
def test_whatever_is_heard_is_read_without_a_failure(type_: str, heard: str, language: str) -> None:
    capture = Capture.model_validate({"variable": "value", "type": type_})
    dialogue = Dialogue(capture, languages=(language,), today=TODAY)
    step = dialogue.hear(Draft(), heard)
    if step is not None:
        dialogue.hear(step.draft, heard)
        dialogue.spoken(step.draft)
