"""The numbers that choose what happens at the simulated carrier: complete, and documented as they are."""

from itertools import chain
from pathlib import Path

import pytest

from local.people.lines import read_line
from local.people.magic_numbers import MAGIC_NUMBERS, number_of_fault, script_for
from local.people.scripts import CallerScript, DialReply, Pickup, Reports, StreamFault
from offhook.dialable import is_dialable
from offhook.errors import InvalidInputError

_DOCUMENT = Path(__file__).parents[2] / "docs" / "simulated-carrier.md"


def test_no_two_numbers_share_an_ending_or_a_name() -> None:
    assert len({magic.ending for magic in MAGIC_NUMBERS}) == len(MAGIC_NUMBERS)
    assert len({magic.name for magic in MAGIC_NUMBERS}) == len(MAGIC_NUMBERS)


def test_every_fault_has_a_number() -> None:
    scripts = [magic.script for magic in MAGIC_NUMBERS]
    assert {script.pickup for script in scripts} == set(Pickup)
    assert {script.dial_reply for script in scripts} == set(DialReply)
    assert {script.reports for script in scripts} == set(Reports)
    assert {script.stream_fault for script in scripts} == {None, *StreamFault}


def test_a_fault_is_the_number_that_has_it_happen() -> None:
    for magic in MAGIC_NUMBERS:
        number = number_of_fault(magic.name)
        assert is_dialable(number)
        assert script_for(number) is magic.script
    with pytest.raises(InvalidInputError, match="no fault meteor"):
        number_of_fault("meteor")


def test_every_line_of_every_person_can_be_read() -> None:
    lines = list(chain.from_iterable(magic.script.lines for magic in MAGIC_NUMBERS))
    assert len([read_line(line) for line in lines]) == len(lines) > 10


def test_the_ending_counts_in_a_sip_address_too_and_any_other_number_says_yes() -> None:
    assert script_for("sip:+15555550105@desk.test").pickup is Pickup.BUSY
    assert script_for("+12025550143") == CallerScript(lines=("yes, that works",))


def test_the_documented_table_is_the_one_in_the_code() -> None:
    rows = [f"| `{magic.number}` | `{magic.name}` | {magic.what} |" for magic in MAGIC_NUMBERS]
    table = "\n".join(["| number | `--fault` | what happens |", "|---|---|---|", *rows])
    assert table in _DOCUMENT.read_text(encoding="utf-8")
