"""Makers of values for tests; each call makes another one."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from offhook.ids import new_uuid, run_id_floor
from offhook.json_types import JsonValue
from offhook.runs.log.entry import LogEntry
from offhook.runs.model import Direction, Run, RunStatus

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
_numbers = count(1)


def make_run(organization_id: str = "acme", **changes: Any) -> Run:
    """Return a queued outbound run whose id is larger than those made before."""
    run = Run(
        id=run_id_floor(NOON) + next(_numbers),
        organization_id=organization_id,
        name="WR-API-0001",
        agent_uuid=new_uuid(),
        version=1,
        status=RunStatus.QUEUED,
        direction=Direction.OUTBOUND,
        mode="cloudonix",
        created_at=NOON,
    )
    return replace(run, **changes)


def make_event(seq: int, type_: str = "dtmf", at: datetime = NOON, **data: JsonValue) -> LogEntry:
    """Return an event as it is read where this is stored."""
    return LogEntry.read(seq=seq, at=at, type_=type_, data=data)


def make_events(first_seq: int, number: int) -> list[LogEntry]:
    """Return so many consecutive events, each with its seq in its data."""
    return [make_event(seq, digit=str(seq)) for seq in range(first_seq, first_seq + number)]
