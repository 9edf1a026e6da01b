"""Promised call-backs: when they are meant, what a call writes down of them, and what its log adds up to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.runs.call_backs import call_back_at
from offhook.runs.log.events import PromiseEvent
from offhook.runs.log.projections import promise
from offhook.runs.model import Promise, PromiseStatus
from offhook.workflows import workflow_problems
from streamer.call import commands, events
from streamer.call.offered_tools import OfferedTool
from tests.support.calls import ScriptedCall
from tests.support.makers import make_event

SAID_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday; it is 13:00 in Madrid."""


def meant(day: str = "", time: str = "", zone: str = "Europe/Madrid", minutes: float | None = None) -> str:
    instant = call_back_at(day=day, time_=time, time_zone=zone, in_minutes=minutes, said_at=SAID_AT)
    return instant.strftime("%m-%d %H:%M")


@pytest.mark.parametrize(
    ("when", "instant"),
    [
        ({"day": "2026-12-01", "time": "15:30"}, "12-01 14:30"),
        ({"time": "15:30"}, "11-20 14:30"),
        # What is over today is meant for tomorrow.
        ({"time": "9"}, "11-21 08:00"),
        ({"time": "9 am"}, "11-21 08:00"),
        ({"time": "12 p.m."}, "11-21 11:00"),
        ({"time": "12 am"}, "11-20 23:00"),
        ({"time": "3 PM"}, "11-20 14:00"),
        ({"time": "15.30 Uhr"}, "11-20 14:30"),
        ({"time": "15h30"}, "11-20 14:30"),
        ({"minutes": 90}, "11-20 13:30"),
        ({"day": "2026-12-01", "time": "15:30", "zone": "America/New_York"}, "12-01 20:30"),
    ],
)
def test_an_instant_is_meant_where_its_time_zone_is(when: dict[str, Any], instant: str) -> None:
    assert meant(**when) == instant


@pytest.mark.parametrize(
    "when",
    [
        {"day": "2026-11-20", "time": "12:59"},
        {"day": "2027-02-19", "time": "9"},
        {"day": "tomorrow", "time": "9"},
        {"day": "2026-11-31", "time": "9"},
        {"day": "0001-01-01", "time": "0:10"},
        {"day": "9999-12-31", "time": "23", "zone": "America/New_York"},
        {"time": "25"},
        {"time": "13 pm"},
        {"time": "0 am"},
        {"time": "9:60"},
        {"time": "soon"},
        {"time": ""},
        {"time": "9", "zone": "Atlantis/Capital"},
        {"minutes": 0},
        {"minutes": -5},
        {"minutes": 90 * 24 * 60 + 1},
        {"minutes": 1e300},
        {"minutes": float("nan")},
    ],
)
def test_what_names_no_instant_to_call_at_is_refused_in_a_sentence(when: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        meant(**when)
    assert refused.value.detail.endswith(".")


def promised(**fields: Any) -> JsonObject:
    said = {"day": "", "time": "", "time_zone": "UTC", "in_minutes": None, "reason": "", "offset_ms": 0}
    return {**said, **fields}


def test_of_several_promises_the_latest_counts() -> None:
    log = [
        make_event(1, "promise", SAID_AT, **promised(in_minutes=5)),
        make_event(2, "promise", SAID_AT + timedelta(minutes=1), **promised(in_minutes=60, reason="Busy.")),
    ]
    assert promise(log) == Promise(at=SAID_AT + timedelta(minutes=61), reason="Busy.")
    assert promise([]) is None


def test_a_promise_for_no_instant_has_failed() -> None:
    kept = promise([make_event(1, "promise", SAID_AT, **promised(time="one of these days", reason="Busy."))])
    assert kept == Promise(at=None, reason="Busy.", status=PromiseStatus.FAILED, failure="no-such-time")


DESK: JsonObject = {
    "nodes": [
        {"id": "desk", "type": "startCall", "data": {"name": "Desk", "say": "Hello.", "prompt": "Talk."}},
        {
            "id": "later",
            "type": "endCall",
            "data": {
                "name": "Later",
                "say": "Until then.",
                "call_back": {
                    "day": "{{when}}",
                    "time": "10:15",
                    "time_zone": "Europe/Madrid",
                    "reason": "Asked {{gathered_context.to}}",
                },
            },
        },
    ],
    "edges": [
        {"id": "e1", "source": "desk", "target": "later", "data": {"phrases": ["later"]}},
    ],
}
CALL_BACK = OfferedTool(
    uuid="t1",
    name="call_back",
    description="Have them called back.",
    is_idempotent=True,
    call_back_zone="Europe/Madrid",
)


def test_a_node_promises_a_call_back_when_the_call_comes_to_it() -> None:
    call = ScriptedCall(DESK, context={"when": "2026-12-01"})
    call.wait_for_silence()
    assert call.records(PromiseEvent) == []
    call.speak("later")
    [said] = call.records(PromiseEvent)
    assert (said["day"], said["time"], said["time_zone"]) == ("2026-12-01", "10:15", "Europe/Madrid")
    assert (said["in_minutes"], said["reason"]) == (None, "Asked")


@pytest.mark.parametrize("is_error", [False, True])
def test_a_tool_promises_a_call_back_once_it_has_agreed(is_error: bool) -> None:
    call = ScriptedCall(DESK, tools={"desk": (CALL_BACK,)})
    call.wait_for_silence()
    call.speak("call me tomorrow at ten")
    request = [c for c in call.done if isinstance(c, commands.AskModel)][-1].request
    arguments: JsonObject = {"day": "2026-12-01", "time": "10:00", "reason": "Busy."}
    call.tell(events.ModelChose(request=request, tool="call_back", arguments=arguments))
    call.tell(events.ModelFinished(request=request))
    [order] = [c for c in call.done if isinstance(c, commands.CallTools)]
    assert call.records(PromiseEvent) == []
    answer = events.ToolAnswered(call_id=order.calls[0].call_id, text="Noted.", is_error=is_error)
    call.tell(answer)
    # An answer that comes twice is one.
    call.tell(answer)
    told = [(said["day"], said["time"], said["reason"]) for said in call.records(PromiseEvent)]
    assert told == ([] if is_error else [("2026-12-01", "10:00", "Busy.")])


@pytest.mark.parametrize(
    ("callback", "is_good"),
    [
        ({"in_minutes": 60}, True),
        ({"time": "{{hour | 10:00}}", "time_zone": "Europe/Madrid"}, True),
        ({}, False),
        ({"day": "2026-12-01"}, False),
        ({"in_minutes": 60, "time": "9"}, False),
        ({"in_minutes": 0}, False),
        ({"in_minutes": 1e9}, False),
        ({"time": "9", "time_zone": "Atlantis/Capital"}, False),
    ],
)
def test_a_node_says_when_it_calls_back(callback: JsonObject, is_good: bool) -> None:
    node: JsonObject = {
        "id": "desk",
        "type": "startCall",
        "data": {"name": "Desk", "say": "Hello.", "call_back": callback},
    }
    document: JsonObject = {"nodes": [node], "edges": []}
    places = [problem.loc for problem in workflow_problems(document)]
    assert ([place for place in places if "call_back" in place] == []) is is_good, places


def test_a_time_that_was_captured_is_when_the_call_back_is() -> None:
    ask: JsonObject = {
        "name": "Ask",
        "say": "When shall we call you?",
        "capture": {"variable": "hour", "type": "time"},
    }
    later: JsonObject = {
        "name": "Later",
        "say": "Until then.",
        "call_back": {"time": "{{gathered_context.hour}}", "time_zone": "Europe/Madrid"},
    }
    document: JsonObject = {
        "nodes": [
            {"id": "hello", "type": "startCall", "data": {"name": "Hello", "say": "Hello."}},
            {"id": "ask", "type": "agentNode", "data": ask},
            {"id": "later", "type": "endCall", "data": later},
        ],
        "edges": [
            {"id": "e1", "source": "hello", "target": "ask", "data": {"phrases": ["busy"]}},
            {"id": "e2", "source": "ask", "target": "later", "data": {"when": "captured"}},
        ],
    }
    call = ScriptedCall(document)
    for words in ("busy", "half past three", "yes"):
        call.wait_for_silence()
        call.speak(words)
    [said] = call.records(PromiseEvent)
    assert (said["time"], said["time_zone"]) == ("15:30", "Europe/Madrid")
