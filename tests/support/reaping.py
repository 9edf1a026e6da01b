"""What tests of the reaper have in common: time that passes, calls that it has seen, and what the carrier was asked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from functions.reaper.app import create_handler
from offhook.json_types import JsonValue
from offhook.runs.ending.media import segment_key
from offhook.runs.model import (
    Run,
    RunStatus,
    RunTelephony,
)
from tests.support.backstage import CONTEXT, Backstage
from tests.support.cloudonix import add_cloudonix
from tests.support.makers import make_event

LEASE_SECONDS = 15
WORDS: dict[str, JsonValue] = {
    "segment_id": "a",
    "speaker": "caller",
    "text": "Yes.",
    "start_ms": 0,
    "end_ms": 9,
    "turn": 1,
}

SESSION = "/customers/self/domains/acme.cloudonix.net/sessions/sess-0f3b"
APPLICATION = "/calls/acme.cloudonix.net/sessions/sess-0f3b/application"
ASK, HANG_UP, SWITCH = ("GET", SESSION), ("DELETE", SESSION), ("POST", APPLICATION)


def tick(stage: Backstage, **later: float) -> None:
    """Let time pass, and call the reaper as its schedule does."""
    stage.clock.move(**later)
    assert create_handler(stage.reaper)({}, CONTEXT) == {}


def add_call(stage: Backstage, *, clock_ahead_seconds: float = 0, **changes: Any) -> Run:
    """Make a run that a streamer with such a clock holds and talks in, and which the reaper has seen once."""
    run = stage.add_run(**changes)
    lease = timedelta(seconds=clock_ahead_seconds + LEASE_SECONDS)
    owned = stage.store.runs.take_over(run, "streamer-1", stage.clock() + lease)
    run = stage.store.runs.advance(owned, RunStatus.IN_PROGRESS)
    now = stage.clock()
    stage.store.events.append(run.id, [make_event(1, "status", now, status="in_progress")])
    said = make_event(2, "transcript", now + timedelta(seconds=3), **WORDS)
    stage.store.events.append(run.id, [said])
    stage.ports.media.put(segment_key(run, 1, 0), b"\x01\x02" * 80, "audio/basic")
    tick(stage)
    return run


def renew(stage: Backstage, run: Run, *, clock_ahead_seconds: float = 0) -> None:
    """Renew a lease as its owner with such a clock does."""
    lease = timedelta(seconds=clock_ahead_seconds + LEASE_SECONDS)
    assert run.ownership is not None
    stage.store.runs.renew(run.id, replace(run.ownership, lease_until=stage.clock() + lease))


def live(stage: Backstage) -> frozenset[int]:
    return stage.store.ledgers.get(stage.organization_id).live


def owed(stage: Backstage) -> frozenset[int]:
    return stage.store.ledgers.get(stage.organization_id).owed


def add_line(stage: Backstage) -> RunTelephony:
    """Make a way to the carrier, and return a run's share in it."""
    configuration = add_cloudonix(
        stage.store.telephony,
        stage.ports.secret_box,
        stage.organization_id,
        domain="acme.cloudonix.net",
        bearer_token="XI-the-secret-of-the-carrier",
        now=stage.clock(),
    )
    return RunTelephony(configuration_id=configuration.id, call_id="sess-0f3b")


def asked(stage: Backstage) -> list[tuple[str, str]]:
    """Return what the carrier was asked, each time of the one call."""
    return [(each.method, each.path) for each in stage.carrier.asked]


def takeovers(stage: Backstage, run: Run) -> int:
    return [entry.event.type for entry in stage.store.events.read(run.id)].count("takeover")
