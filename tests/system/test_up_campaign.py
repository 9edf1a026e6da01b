"""`offhook campaign` against a whole install: a file of people called, watched, left to itself, steered, and exported."""

import csv
import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import wait_for
from tests.support.whole_install import CALL_LIMIT_S, OFFHOOK, Document, WholeInstall, clean_environment

pytestmark = pytest.mark.timeout(150)

BUSY_ONCE, DECLINES, REFUSED, HANGS_UP, NO_ANSWER = (
    f"+1555555{ending}" for ending in ("0152", "0150", "0132", "0104", "0106")
)


def people(install: WholeInstall, name: str, *rows: str) -> str:
    """Write a file of people, and return its name."""
    (install.home / name).write_text("\n".join(["phone_number,customer_name,time_zone", *rows, ""]))
    return name


def named(install: WholeInstall, name: str) -> list[Document]:
    """Return the campaigns of this name, the newest first: others share the install."""
    found: list[Document] = install.http.get("/api/v1/campaigns?limit=200").json()["items"]
    return [each for each in found if each["name"] == name]


def newest(install: WholeInstall, name: str) -> Document:
    return named(install, name)[0]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Have commands hear Ctrl-C, which those of a shell's background would ignore from their parents on."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.long
def test_the_people_of_a_file_are_called_and_the_table_tells_how_that_went(
    shared_install: WholeInstall,
) -> None:
    zone = "America/New_York"
    file = people(
        shared_install,
        "people.csv",
        f"{BUSY_ONCE},Karen,{zone}",
        f"{DECLINES},Jean,{zone}",
        f"{REFUSED},Evelyn,{zone}",
        f"{HANGS_UP},Barbara,{zone}",
        f"nobody,Nobody,{zone}",
    )
    ran = shared_install.offhook("campaign", "run", file, "--retry", "busy=1:0", "--name", "Evening calls")
    assert ran.status == 0, ran.err
    assert "4 contacts of people.csv" in ran.out
    assert re.search(r"1 row is left out:\n  row 5: .+", ran.out)
    assert "calling hours are not kept" in ran.out
    assert re.search(r"^confirmed +1 ", ran.out, re.MULTILINE), ran.out
    assert re.search(r"^busy +1 ", ran.out, re.MULTILINE), ran.out
    campaign = newest(shared_install, "Evening calls")
    assert campaign["status"] == "completed"
    assert campaign["respects_calling_hours"] is False
    shown = json.loads(shared_install.offhook("campaign", "show", "--json").out)
    # Karen was busy and then answered, Jean declined twice, nobody else is called twice.
    assert (shown["contacts"], shown["attempts"], sum(shown["done"].values())) == (4, 6, 4)

    exported = shared_install.offhook("campaign", "export", campaign["id"], "--to", "evening.csv")
    assert exported.out == "4 contacts are in evening.csv.\n"
    with (shared_install.home / "evening.csv").open(encoding="utf-8-sig", newline="") as content:
        rows = {row["phone_number"]: row for row in csv.DictReader(content)}
    assert (rows[BUSY_ONCE]["disposition"], rows[BUSY_ONCE]["attempts"]) == ("confirmed", "2")
    assert (rows[DECLINES]["customer_name"], rows[DECLINES]["attempts"]) == ("Jean", "2")
    again = shared_install.offhook("campaign", "export", "--to", "evening.csv")
    assert (again.status, "already" in again.err) == (1, True)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_the_campaign_running_and_says_how_to_go_on(shared_install: WholeInstall) -> None:
    file = people(shared_install, "slow.csv", f"{NO_ANSWER},Margaret,America/Chicago")
    with subprocess.Popen(
        [OFFHOOK, "campaign", "run", file, "--retry", "no_answer=1:60"],
        cwd=shared_install.home,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout is not None
        wait_for_line(command.stdout.readline, " 0 of 1 ")
        command.send_signal(signal.SIGINT)
        _, said = command.communicate(timeout=CALL_LIMIT_S)
    campaign_id = str(newest(shared_install, file)["id"])
    assert command.returncode == 130
    assert f"offhook campaign pause {campaign_id}" in said
    assert "Traceback" not in said
    assert newest(shared_install, file)["status"] == "running"

    paused = shared_install.offhook("campaign", "pause", campaign_id)
    assert paused.out == f"{campaign_id} is paused: offhook campaign resume {campaign_id} goes on.\n"
    assert newest(shared_install, file)["status"] == "paused"
    listed = shared_install.offhook("campaign", "list", "--status", "paused")
    assert campaign_id in listed.out
    assert shared_install.offhook("campaign", "resume", campaign_id).status == 0
    assert newest(shared_install, file)["status"] == "running"
    assert shared_install.offhook("campaign", "cancel", campaign_id).status == 0
    wait_for(lambda: newest(shared_install, file)["status"] == "canceled", CALL_LIMIT_S)
    late = shared_install.offhook("campaign", "resume", campaign_id)
    assert (late.status, late.out, late.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("phone_number\nnobody\n", r"nobody was called. There is nobody to call. +row 1: \S+"),
        ("name\nAda\n", r"nobody was called. .*phone_number"),
        ("", r"nobody was called. \S+"),
    ],
)
def test_a_file_with_nobody_in_it_calls_nobody_and_says_why(
    shared_install: WholeInstall, content: str, words: str
) -> None:
    file = f"{len(content)}.csv"
    (shared_install.home / file).write_text(content)
    ran = shared_install.offhook("campaign", "run", file)
    assert (ran.status, ran.out) == (1, "")
    assert re.search(words, ran.err, re.DOTALL), ran.err
    # An empty file is refused before there is a campaign.
    assert [each["status"] for each in named(shared_install, file)] == ["draft"] * bool(content)


def test_a_command_line_that_makes_no_sense_exits_2(shared_install: WholeInstall, tmp_path: Path) -> None:
    assert shared_install.offhook("campaign", "run", str(tmp_path / "nothing.csv")).status == 2
    file = people(shared_install, "one.csv", f"{NO_ANSWER},Margaret,America/Chicago")
    assert shared_install.offhook("campaign", "run", file, "--retry", "asleep=1:1").status == 2


def wait_for_line(readline: object, words: str) -> None:
    """Read lines until one has these words."""
    assert callable(readline)
    while words not in (line := readline()):
        assert line, f"it ended without {words!r}"
