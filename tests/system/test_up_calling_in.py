"""Faults and Agent Streams as a user sees them: `offhook call --fault` and `--form` against a whole install."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.client.calling_in import CALLED_NUMBER
from local.client.carrier import CarrierClient
from local.install.state import LocalState
from local.people.magic_numbers import MAGIC_NUMBERS, number_of_fault
from offhook.errors import OffhookError
from tests.support.peers import listening, replies
from tests.support.whole_install import Outcome, WholeInstall, offhook

pytestmark = pytest.mark.timeout(150)

_FORMS = ("a", "b", "c")
_SILENT_STREAM = ("--form", "b", "--fault", "never-starts")
_DROPPED = ("--form", "c", "--fault", "drops-socket", "--json")
_CDR_ONLY = ("--fault", "cdr-only", "--follow", "--json")
_REFUSED = ("--fault", "dial-400")
_NOBODY = ("--form", "b", "--fault", "confirms", "--agent", "00000000-0000-4000-8000-000000000000")


def _hangs_up(form: str) -> tuple[str, ...]:
    return ("--form", form, "--fault", "hangs-up", "--json")


@pytest.fixture(scope="module")
def outcomes(shared_install: WholeInstall) -> dict[tuple[str, ...], Outcome]:
    """Return what became of all the commands: at once, but for the last, whose report the carrier's pace may refuse."""
    commands = [
        *map(_hangs_up, _FORMS),
        _SILENT_STREAM,
        _DROPPED,
        _REFUSED,
        _NOBODY,
    ]
    with ThreadPoolExecutor(len(commands)) as threads:
        found = threads.map(lambda command: shared_install.offhook("call", *command), commands)
        outcomes = dict(zip(commands, found, strict=True))
    return outcomes | {_CDR_ONLY: shared_install.offhook("call", *_CDR_ONLY)}


def _documents(outcome: Outcome) -> list[dict[str, Any]]:
    assert (outcome.status, outcome.err) == (0, "")
    return [json.loads(line) for line in outcome.out.splitlines()]


@pytest.mark.parametrize("form", _FORMS)
def test_somebody_calls_in_over_an_agent_stream(outcomes: dict[tuple[str, ...], Outcome], form: str) -> None:
    first, *events, run = _documents(outcomes[_hangs_up(form)])
    assert first == {"workflow_run_id": run["id"], "form": form}
    assert run["name"].startswith("WR-AGS-")
    assert (run["direction"], run["end_reason"]) == ("inbound", "user_hangup")
    assert run["telephony"]["caller_number"] == number_of_fault("hangs-up")
    assert run["telephony"]["called_number"] == CALLED_NUMBER
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_a_stream_that_drops_is_opened_again_and_the_run_goes_on(
    outcomes: dict[tuple[str, ...], Outcome],
) -> None:
    _, *events, run = _documents(outcomes[_DROPPED])
    assert (run["status"], run["disposition"]) == ("completed", "rescheduled")
    assert [event["data"]["epoch"] for event in events if event["type"] == "takeover"] == [1, 2]


def test_a_call_of_which_only_the_cdr_tells_is_settled(outcomes: dict[tuple[str, ...], Outcome]) -> None:
    assert _documents(outcomes[_CDR_ONLY])[-1]["status"] == "no_answer"


@pytest.mark.parametrize(
    ("command", "words"),
    [(_SILENT_STREAM, "closed with 4408"), (_NOBODY, "closed with 1008"), (_REFUSED, "status 400")],
)
def test_what_went_wrong_is_one_sentence(
    outcomes: dict[tuple[str, ...], Outcome], command: tuple[str, ...], words: str
) -> None:
    outcome = outcomes[command]
    assert (outcome.status, outcome.out) == (1, "")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


def test_the_faults_are_listed(tmp_path: Path) -> None:
    listed = offhook("call", "--faults", cwd=tmp_path)
    assert listed.status == 0
    assert all(magic.name in listed.out and magic.number in listed.out for magic in MAGIC_NUMBERS)


@pytest.mark.parametrize(
    "arguments",
    [
        ("+15555550100", "--fault", "busy"),
        ("--fault", "meteor"),
        ("--form", "d", "--fault", "busy"),
        ("--form", "a", "--fault", "busy", "--test"),
    ],
)
def test_a_fault_or_a_form_that_makes_no_sense_exits_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    outcome = offhook("call", *arguments, cwd=tmp_path)
    assert (outcome.status, outcome.out) == (2, "")
    assert "Error: " in outcome.err


def test_without_an_install_here_nobody_can_call_in(tmp_path: Path) -> None:
    outcome = offhook("call", "+15555550100", "--form", "a", cwd=tmp_path, env={"OFFHOOK_API_KEY": "dg_k"})
    assert outcome.status == 1
    assert "needs the simulated carrier of an install on this machine" in outcome.err


def test_a_carrier_that_answers_no_json_is_one_sentence() -> None:
    with listening(replies("HTTP/1.1 500 Oh\nContent-Length: 2\nConnection: close\n\nNo")) as peer:
        state = LocalState(
            base_url="",
            api_key="",
            agent_uuid="",
            trigger_path="",
            cloudonix_domain="",
            cloudonix_token="t",
            carrier_url=peer.url,
        )
        with CarrierClient(state, "d") as carrier, pytest.raises(OffhookError, match="it answered 500"):
            carrier.show("t")
