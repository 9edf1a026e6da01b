"""What a language's file lists, and how the numbers below a hundred are made from fewer words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count


def listed(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def wordings(text: str) -> tuple[str, ...]:
    """Return the wordings of a text, which are separated by commas."""
    return tuple(wording.strip() for wording in text.split(","))


def paired(text: str) -> dict[str, str]:
    """Return what each wording of a text stands for: the last word of its entry."""
    entries = (wording.rpartition(" ") for wording in wordings(text))
    return {wording: meaning for wording, _, meaning in entries}


def numbered(text: str, *, first: int = 0, step: int = 1) -> dict[str, int]:
    """Number the wordings of a text in which a slash stands between those of the same number."""
    return {
        wording.strip(): number
        for number, entry in zip(count(first, step), text.split(","), strict=False)
        for wording in entry.split("/")
    }


def with_tens(
    ones: Mapping[str, int], tens: Mapping[str, int], join: Callable[[str, str, int], tuple[str, ...]]
) -> dict[str, int]:
    """Return these numbers and those that `join` makes of a ten, a one and its value, in one wording or more."""
    made = {
        wording: ten + one
        for ten_word, ten in tens.items()
        for one_word, one in ones.items()
        if 0 < one < 10
        for wording in join(ten_word, one_word, one)
    }
    return {**made, **ones, **tens}


@dataclass(frozen=True, kw_only=True)
class Words:
    """A language's words; wordings of several words hold single spaces.

    `small` are the numbers from 0 to 99, `hundreds` whole hundreds that are words of their own, `scales` what multiplies,
    `linking` what stands within numbers,
    `parting` what parts those that are written in one word. `points` stand before decimals, of which `decimal_mark` is the written form.
    `letters` are names of letters, `spelled_by` what stands between a letter and a word that begins with it. `lead_ins` stand before
    a value, and are none of it. `months` count from 1, `weekdays` from 0 for Monday, `days` are those relative to today.
    """

    small: Mapping[str, int]
    hundreds: Mapping[str, int] = field(default_factory=dict)
    scales: Mapping[str, int]
    linking: frozenset[str]
    parting: re.Pattern[str] | None = None
    points: frozenset[str]
    minus: frozenset[str]
    halves: Mapping[str, float]
    decimal_mark: str
    multiples: Mapping[str, int]
    marks: Mapping[str, str]
    letters: Mapping[str, str]
    spelled_by: tuple[str, ...]
    capital: frozenset[str]
    extension: frozenset[str]
    lead_ins: tuple[str, ...]
    fillers: frozenset[str]
    no_names: frozenset[str]
    particles: frozenset[str]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    ordinals: Mapping[str, int]
    days: Mapping[str, int]
    next_: frozenset[str]
    last_: frozenset[str]
    this_: frozenset[str]
    week_on: tuple[str, ...]
    units: Mapping[str, int]
    in_: frozenset[str]
    one_: frozenset[str]
    yes: frozenset[str]
    no: frozenset[str]
    but: frozenset[str]
    positives: tuple[str, ...] = ()
    beside: frozenset[str]
    answers: tuple[str, ...]
    restart: tuple[str, ...]
    instead: tuple[str, ...]
    waiting: tuple[str, ...]
    declining: tuple[str, ...]
    end_of: tuple[str, ...]
    beginning_of: tuple[str, ...]
    positions: Mapping[str, int]
    with_: frozenset[str]
    streets: frozenset[str]
    house_number: frozenset[str]
    postal_code: frozenset[str]
