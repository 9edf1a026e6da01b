"""A telephone number that a caller keys in and confirms by word, over real audio and the install's own front door."""

import pytest

from tests.support.capturing_agents import call_for_a_number
from tests.support.whole_install import Document, WholeInstall

pytestmark = pytest.mark.timeout(150)


@pytest.fixture(scope="module")
def run(shared_install: WholeInstall) -> Document:
    return call_for_a_number(shared_install, "+15555550140")


def test_a_number_is_keyed_in_said_back_and_confirmed_by_word(
    shared_install: WholeInstall, run: Document
) -> None:
    assert (run["status"], run["disposition"], run["failure"]) == ("completed", "captured", None)
    assert run["gathered_context"] == {"value": "+14155550100"}
    events = shared_install.events(run["id"])
    said = [event["data"]["text"] for event in events if event["type"] == "transcript"]
    assert "I have 4 1 5, 5 5 5, 0 1 0 0." in said
    assert [event["data"]["is_read_back"] for event in events if event["type"] == "capture"] == [True]


@pytest.mark.usefixtures("run")
def test_what_a_caller_says_stands_in_no_log_line(shared_install: WholeInstall) -> None:
    for trace in ("4155550100", "5 5 5", "0 1 0 0"):
        assert trace not in shared_install.stderr
