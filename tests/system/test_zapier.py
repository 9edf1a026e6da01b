"""The requests of the Zapier document, sent as they stand there against a whole install."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.callback_receiver import callback_receiver
from tests.support.whole_install import Document, WholeInstall, clean_environment

pytestmark = pytest.mark.timeout(150)

TEXT = (Path(__file__).parents[2] / "docs" / "zapier.md").read_text(encoding="utf-8")
SET_UP, PLACE, POLL, PAGES, READ = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zap:
    """What each step got: the placed call, what the Catch Hook caught, the page of runs, the one run."""

    placed: Document
    placed_again: Document
    caught: Document
    polled: Document
    listed: list[int]
    read: Document


@pytest.fixture(scope="module")
def zap(shared_install: WholeInstall) -> Zap:
    environment = {
        "OFFHOOK_BASE_URL": shared_install.base_url,
        "OFFHOOK_API_KEY": shared_install.first_line["api_key"],
    }
    with callback_receiver() as receiver:
        environment["CATCH_HOOK_URL"] = f"{receiver.url}/hooks/catch/1/abc/"
        placed, placed_again = sent(PLACE, environment), sent(PLACE, environment)
        environment["ORDERED"] = json.dumps(placed)
        caught = receiver.next_delivery()
    assert caught.path == "/hooks/catch/1/abc/"
    return Zap(
        placed=placed,
        placed_again=placed_again,
        caught=caught.document,
        polled=sent(POLL, environment),
        listed=[
            int(line.split()[0])
            for line in printed(PAGES.replace("limit=200", "limit=1"), environment).splitlines()
        ],
        read=sent(READ, environment),
    )


def sent(command: str, environment: dict[str, str]) -> Document:
    answer: Document = json.loads(printed(command, environment))
    return answer


def printed(command: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", SET_UP + command],
        env=clean_environment() | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout


def test_the_call_is_placed_once_however_often_zapier_asks(zap: Zap) -> None:
    assert zap.placed["status"] == "initiated"
    assert zap.placed_again == zap.placed


def test_the_catch_hook_gets_the_finished_run_flat_enough_for_zapier(zap: Zap) -> None:
    assert zap.caught["workflow_run_id"] == zap.placed["workflow_run_id"]
    assert (zap.caught["status"], zap.caught["disposition"]) == ("completed", "confirmed")
    assert zap.caught["initial_context"]["customer_name"] == "Ada"
    assert zap.caught["transcript_url"]


def test_the_poll_gives_an_array_under_the_key_newest_first_each_with_its_id(zap: Zap) -> None:
    ids = [run["id"] for run in zap.polled["items"]]
    assert zap.placed["workflow_run_id"] in ids
    assert ids == sorted(set(ids), reverse=True)
    assert {run["status"] for run in zap.polled["items"]} == {"completed"}


def test_reading_page_by_page_lists_every_run_once(zap: Zap) -> None:
    assert zap.placed["workflow_run_id"] in zap.listed
    assert zap.listed == sorted(set(zap.listed), reverse=True)


def test_one_run_is_what_the_callback_brought(zap: Zap) -> None:
    # Links are minted anew, and the callback that brings the run is still under way itself.
    changing = {"recording_url", "transcript_url", "callback"}
    assert {k: v for k, v in zap.read.items() if k not in changing} == {
        k: v for k, v in zap.caught.items() if k in zap.read and k not in changing
    }


def test_the_table_says_what_the_requests_do() -> None:
    assert "`appointment-reminder`" in TEXT
    assert "/api/v1/public/agent/appointment-reminder" in PLACE
    assert "/api/v1/runs?status=completed&limit=200" in POLL
    assert TEXT.count("/api/v1/runs?status=completed&limit=200") == 2
