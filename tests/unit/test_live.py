"""A run's events as lines for a terminal."""

from datetime import UTC, datetime

import pytest

from local.client.live import event_line, link_lines, parse_event, run_lines
from offhook.json_types import JsonObject, JsonValue
from offhook.runs.log.events import Event, read_event

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def event(type_: str, **data: JsonValue) -> Event:
    return read_event(type_, data)


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        (
            event("transcript", speaker="agent", text="Hello Ann.", start_ms=61_400),
            "  1:01  agent    Hello Ann.",
        ),
        (
            event("transcript", speaker="caller", text="yes", start_ms=4_000),
            "  0:04  caller   yes",
        ),
        (event("correction", heard_text="Hello"), "        heard    only: Hello"),
        (event("correction", heard_text=""), "        heard    nothing of it"),
        (event("node", **{"from": None, "to": "greeting"}), "        node     greeting"),
        (event("node", **{"from": "greeting", "to": "bye"}), "        node     greeting -> bye"),
        (event("context", gathered={"day": "tuesday"}), "        gathered day = tuesday"),
        (event("interrupt", by="caller", offset_ms=7_000), "  0:07  stopped  by the caller"),
        (
            event("answered-by", answered_by="menu", sign="words", action="press_keys", offset_ms=5_100),
            "  0:05  answered by menu: press_keys",
        ),
        (event("dtmf", digit="5", offset_ms=9_900), "  0:09  key      5"),
        (
            event("transfer", transfer_id="t1", mode="warm", state="started", reason=None),
            "        transfer warm: started",
        ),
        (
            event("transfer", transfer_id="t1", mode="cold", state="failed", reason="busy"),
            "        transfer cold: failed, busy",
        ),
        (
            event("inject", role="assistant", text="This is Ann.", offset_ms=8_000),
            "  0:08  operator as the assistant: This is Ann.",
        ),
        (
            event("steer", instructions="Be brief.", is_muted=True, offset_ms=8_000),
            "  0:08  operator Be brief., the agent is muted",
        ),
        (
            event("steer", instructions="", is_muted=False, offset_ms=8_000),
            "  0:08  operator steers no more",
        ),
        (
            event("handoff", state="completed", to_agent="Billing", offset_ms=8_000),
            "  0:08  handoff  completed, Billing",
        ),
        (
            event("promise", in_minutes=90.0, offset_ms=8_000),
            "  0:08  promise  to call back in 90 minutes",
        ),
        (
            event("promise", day="2026-12-01", time="10:15", time_zone="Europe/Madrid", offset_ms=8_000),
            "  0:08  promise  to call back 2026-12-01 10:15 (Europe/Madrid)",
        ),
        (
            event("metrics", voice_to_voice_ms=412.4, endpointing_ms=300, recognition_ms=0.2),
            "        latency  412 ms (waiting for the end 300)",
        ),
        (event("status", status="in_progress"), "        status   in_progress"),
        (
            event("error", message="The model failed.", code="engine-failed"),
            "        error    The model failed. (engine-failed)",
        ),
        (
            event("takeover", epoch=2),
            "        takeover another process goes on with the call",
        ),
        (
            event("end", reason="end_call", disposition="confirmed", duration_ms=21_000),
            "  0:21  end      end_call, confirmed",
        ),
    ],
)
def test_an_event_becomes_a_line(shown: Event, line: str) -> None:
    found = event_line(shown)
    assert found is not None
    assert found.text == line


@pytest.mark.parametrize(
    "untold",
    [
        event("speech", speaker="caller", state="started"),
        event("playback", state="started"),
        event("usage", stt_seconds=2),
        event("metrics", turn=1, voice_to_voice_ms=None),
        event("takeover", epoch=1),
    ],
)
def test_what_tells_a_person_nothing_is_not_shown(untold: Event) -> None:
    assert event_line(untold) is None


def test_an_event_of_the_api_is_read() -> None:
    document: JsonObject = {
        "seq": 1,
        "at": "2026-03-04T05:06:07.000Z",
        "type": "dtmf",
        "data": {"digit": "5"},
    }
    assert parse_event(document).event == event("dtmf", digit="5")


def test_a_finished_run_is_told_in_a_few_lines() -> None:
    run: JsonObject = {
        "workflow_run_id": 42,
        "name": "WR-API-0042",
        "status": "completed",
        "disposition": "confirmed",
        "gathered_context": {"day": "tuesday"},
        "usage_info": {"call_duration_seconds": 21.25},
        "latency": {"turns": 3, "p50_ms": 210, "p95_ms": 350, "slowest_stage": "model"},
        "cost_info": {"total_usd": 0.0123, "unpriced": ["my-voice"]},
        "recording_url": "http://127.0.0.1:9/recording",
        "failure": None,
    }
    assert run_lines(run) == [
        "run        42 (WR-API-0042)",
        "status     completed, confirmed",
        "gathered   day = tuesday",
        "length     21.2 s",
        "latency    p50 210 ms, p95 350 ms over 3 turns, most of it thinking",
        "cost       0.0123 USD without my-voice",
    ]
    assert link_lines(run) == ["recording  http://127.0.0.1:9/recording"]
