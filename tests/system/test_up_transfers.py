"""Transfers in a whole install: the streamer, the carrier's rooms and dials, and the people whom they ring."""

from typing import Any

import httpx
import pytest

from tests.support.processes import wait_for
from tests.support.whole_install import CALL_LIMIT_S, Document, WholeInstall

CALLER = "+15555550107"  # Presses 2, says thursday, presses 1.
SILENT = "+15555550102"
BUSY, COLLEAGUE = "+15555550105", "+15555550108"


def switchboard(path: str, **transfer: Any) -> Document:
    """Return a workflow in which the key 2 leads to a transfer, and thursday or the key 1 to the end of it."""
    nodes: list[tuple[str, str, Document]] = [
        ("menu", "startCall", {"say": "Hello. Press two for a colleague."}),
        (
            "desk",
            "agentNode",
            {"transfer": {"message": "One moment please.", "timeout_seconds": 10} | transfer},
        ),
        ("note", "agentNode", {"say": "When shall they call you back?"}),
        ("bye", "endCall", {"say": "Goodbye.", "disposition": "call_back"}),
        ("api", "trigger", {"trigger_path": path, "enabled": True}),
    ]
    edges: list[tuple[str, str, Document]] = [
        ("menu", "desk", {"dtmf": "2"}),
        ("desk", "note", {"when": "transfer_failed"}),
        ("note", "bye", {"phrases": ["thursday"], "dtmf": "1"}),
    ]
    return {
        "nodes": [{"id": id_, "type": type_, "data": {"name": id_} | data} for id_, type_, data in nodes],
        "edges": [
            {"id": f"{source}-{target}", "source": source, "target": target, "data": data}
            for source, target, data in edges
        ],
    }


def call(install: WholeInstall, path: str, **transfer: Any) -> int:
    """Have an agent with this transfer call; return the run's id."""
    body = {"name": path, "workflow_definition": switchboard(path, **transfer)}
    made = install.http.post("/api/v1/agents", json=body)
    assert made.status_code == 201, made.text
    replies: list[httpx.Response] = []

    def is_placed() -> bool:
        # The carrier's pace may refuse it for some seconds.
        replies.append(install.http.post(f"/api/v1/public/agent/test/{path}", json={"phone_number": CALLER}))
        assert replies[-1].status_code in (200, 429), replies[-1].text
        return replies[-1].is_success

    wait_for(is_placed, CALL_LIMIT_S)
    run_id: int = replies[-1].json()["workflow_run_id"]
    return run_id


def told(install: WholeInstall, run_id: int, type_: str) -> list[Document]:
    return [event["data"] for event in install.events(run_id) if event["type"] == type_]


def put_through(install: WholeInstall) -> int:
    """Have the demo agent call somebody whom an operator puts through; return the run's id."""
    run_id = install.call(SILENT, customer_name="Ada")
    install.wait_for_event(run_id, lambda event: event["type"] == "transcript")
    body = {"to": COLLEAGUE, "mode": "warm", "summary": "Ada waits.", "say": "A colleague takes over."}
    reply = install.http.post(f"/api/v1/streaming-sessions/sess_{run_id}/transfer", json=body)
    assert reply.status_code == 200, reply.text
    return run_id


@pytest.fixture(scope="module")
def run_ids(shared_install: WholeInstall) -> dict[str, int]:
    """Return the runs of all these calls, by the paths of their triggers: two or three beside each other.

    With all four, the carrier's pace would refuse the legs to the other people.
    """
    run_ids: dict[str, int] = {}
    for mode, summary in (("cold", ""), ("warm", "A caller wants to talk to you.")):
        pair = {
            f"put-through-{mode}": call(
                shared_install, f"put-through-{mode}", to=COLLEAGUE, mode=mode, summary=summary
            ),
            f"busy-{mode}": call(shared_install, f"busy-{mode}", to=BUSY, mode=mode),
        }
        if mode == "cold":
            pair["operator"] = put_through(shared_install)
        for run_id in pair.values():
            shared_install.wait_until_over(run_id)
        run_ids |= pair
    return run_ids


@pytest.mark.parametrize("mode", ["cold", "warm"])
def test_a_caller_is_put_through_to_a_colleague(
    shared_install: WholeInstall, run_ids: dict[str, int], mode: str
) -> None:
    run_id = run_ids[f"put-through-{mode}"]
    run = shared_install.wait_until_over(run_id)
    states = ["started", "answered", "completed"] if mode == "warm" else ["started", "completed"]
    transfers = told(shared_install, run_id, "transfer")
    assert [(event["state"], event["reason"]) for event in transfers] == [(state, None) for state in states]
    assert (run["status"], run["disposition"], run["end_reason"]) == (
        "completed",
        "transferred",
        "transferred",
    )


@pytest.mark.parametrize("mode", ["cold", "warm"])
def test_a_caller_whose_colleague_is_busy_talks_on_with_the_agent(
    shared_install: WholeInstall, run_ids: dict[str, int], mode: str
) -> None:
    run_id = run_ids[f"busy-{mode}"]
    run = shared_install.wait_until_over(run_id)
    transfers = told(shared_install, run_id, "transfer")
    assert [(event["state"], event["reason"]) for event in transfers] == [
        ("started", None),
        ("failed", "busy"),
    ]
    assert (run["status"], run["disposition"]) == ("completed", "call_back")
    said = [line["text"] for line in told(shared_install, run_id, "transcript") if line["speaker"] == "agent"]
    assert said[-2:] == ["When shall they call you back?", "Goodbye."]
    assert "I am sorry, nobody can take your call at the moment." in said


def test_an_operator_puts_a_caller_through_to_a_colleague(
    shared_install: WholeInstall, run_ids: dict[str, int]
) -> None:
    run_id = run_ids["operator"]
    run = shared_install.wait_until_over(run_id)
    transfers = told(shared_install, run_id, "transfer")
    assert [event["state"] for event in transfers] == ["started", "answered", "completed"]
    assert all(event["command_id"] for event in transfers)
    assert (run["disposition"], run["end_reason"]) == ("transferred", "transferred")
    assert COLLEAGUE not in str(shared_install.events(run_id)) + shared_install.stderr
