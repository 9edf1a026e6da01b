"""What `offhook campaign` shows: the bar, the table of outcomes, and the line that is written over."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from local.client.campaigns import Progress
from local.client.terminal import StatusLine
from local.commands.campaign import read_rules
from local.commands.campaign_lines import Marks, bar_line, outcome_lines
from local.people.magic_numbers import MAGIC_NUMBERS, script_for
from local.people.scripts import DialReply, Pickup, Reports
from offhook.json_types import JsonObject

DOCUMENT: JsonObject = {
    "status": "running",
    "paused_reason": None,
    "contacts": 30,
    "new": 8,
    "waiting": 3,
    "canceled": 0,
    "dialling": 2,
    "talking": 4,
    "duplicates": 1,
    "done": {"confirmed": 9, "busy": 2, "do_not_call": 1},
    "attempts": 21,
    "cost_usd": 0,
    "call_seconds": 125,
    "estimated_end_at": None,
}
RUNNING = Progress.read(DOCUMENT)
BLOCKS = Marks(full="█", empty="░")
PEOPLE = Path(__file__).parents[2] / "docs" / "campaign.csv"


class Screen(io.StringIO):
    """A terminal, or a file."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def test_the_bar_tells_how_many_are_done_and_what_the_others_are_at() -> None:
    assert (
        bar_line(RUNNING, BLOCKS)
        == f"{'█' * 10}{'░' * 14} 13 of 30  4 talking, 2 dialling, 3 to be called again"
    )


def test_the_bar_tells_why_a_campaign_rests_what_it_cost_and_when_it_will_be_over() -> None:
    progress = Progress.read(
        DOCUMENT
        | {"status": "paused", "paused_reason": "quota-exceeded", "talking": 0, "dialling": 0, "waiting": 0}
        | {"cost_usd": 1.2345, "estimated_end_at": "2026-11-20T12:00:00Z"}
    )
    assert progress.estimated_end_at is not None
    told = f"paused (quota-exceeded), $1.23, over at {progress.estimated_end_at.astimezone():%H:%M}"
    assert bar_line(progress, BLOCKS).endswith(f"13 of 30  {told}")


@pytest.mark.parametrize(
    ("part", "whole", "drawn"),
    [(0, 0, "...."), (0, 9, "...."), (1, 900, "#..."), (899, 900, "###."), (9, 9, "####")],
)
def test_only_nothing_is_empty_and_only_all_of_it_is_full(part: int, whole: int, drawn: str) -> None:
    assert Marks.for_encoding("ascii").bar(part, whole, 4) == drawn


@pytest.mark.parametrize(
    ("encoding", "full"), [("utf-8", "█"), ("ascii", "#"), (None, "#"), ("klingon", "#")]
)
def test_blocks_are_drawn_where_they_can_be_written(encoding: str | None, full: str) -> None:
    assert Marks.for_encoding(encoding).full == full


def test_the_table_has_each_outcome_and_each_contact_once() -> None:
    *rows, empty, total = outcome_lines(RUNNING, BLOCKS)
    assert [row.split("  ")[0] for row in rows] == [
        "outcome",
        "confirmed",
        "busy",
        "do_not_call",
        "(listed twice)",
        "(being called)",
        "(to be called again)",
        "(not called yet)",
    ]
    assert sum(int(cell) for row in rows for cell in row.split() if cell.isdecimal()) == 30
    assert rows[1].endswith("█" * 6)
    assert (empty, total) == ("", "30 contacts, 21 calls, 2:05 talked")
    assert outcome_lines(replace(RUNNING, cost_usd=0.5), BLOCKS)[-1].endswith("2:05 talked, $0.5000")


def test_a_terminal_has_one_line_that_is_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "12")
    screen = Screen(is_terminal=True)
    line = StatusLine(screen)
    for text in ("one\033[2J", "one\033[2J", "much longer than it"):
        line.show(text)
    line.end()
    assert screen.getvalue() == "\r\033[Kone [2J\r\033[Kmuch longer\n"


def test_a_file_has_a_new_line_now_and_then_where_something_has_changed() -> None:
    now, screen = [0.0], Screen(is_terminal=False)
    line = StatusLine(screen, pause_s=10, clock=lambda: now[0])
    for now[0], text in ((0, "a"), (5, "b"), (10, "a"), (20, "c"), (29, "d"), (30, "d")):
        line.show(text)
    line.end()
    assert screen.getvalue() == "a\nc\nd\n"


def test_retries_are_outcome_times_and_minutes() -> None:
    assert read_rules(["busy=2:15", "voicemail=1:0"]) == {
        "busy": {"times": 2, "after_minutes": 15},
        "voicemail": {"times": 1, "after_minutes": 0},
    }


@pytest.mark.parametrize("text", ["busy", "busy=2", "busy=:5", "asleep=2:5", "busy=two:5", "busy=2:-5", ""])
def test_other_retries_make_no_sense(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="such as busy=2:15"):
        read_rules([text])


def test_the_file_of_the_demonstration_has_thirty_people_of_all_kinds() -> None:
    with PEOPLE.open(newline="", encoding="utf-8") as file:
        people = list(csv.DictReader(file))
    scripts = [script_for(person["phone_number"]) for person in people]
    assert len(people) == len({person["phone_number"] for person in people}) == 30
    assert all(
        person["customer_name"] and person["appointment_day"] and person["time_zone"] for person in people
    )
    assert {script.pickup for script in scripts} == set(Pickup)
    # But those of whom nobody is told: they are given up after minutes.
    assert {script.reports for script in scripts} == {*Reports} - {Reports.NONE}
    assert {DialReply.TOO_MANY, DialReply.REFUSES, DialReply.WORKS} <= {
        script.dial_reply for script in scripts
    }
    told = {
        magic.name for magic in MAGIC_NUMBERS if magic.number in {person["phone_number"] for person in people}
    }
    assert {"voicemail", "screening", "menu", "not-in-service", "do-not-call", "busy-once", "dtmf"} <= told
