"""What a session's log tells, in the forms of Strongly: transcript, metrics by windows of ten seconds, errors, handoffs."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, RootModel

from offhook.documents import examples
from offhook.instants import Instant
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import (
    ErrorEvent,
    HandoffEvent,
    HandoffState,
    InterruptEvent,
    MetricsEvent,
    Speaker,
    TranscriptEvent,
)
from offhook.runs.log.projections import of_kind, told_transcript
from offhook.runs.model import Run

WINDOW = timedelta(seconds=10)

_SESSION = "sess_373205151490048"
_ROLES: dict[str, Literal["user", "assistant", "system"]] = {
    Speaker.CALLER: "user",
    Speaker.AGENT: "assistant",
    Speaker.OPERATOR: "system",
}


class _Told(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    id: str = Field(alias="_id", description="Unique within the install.")
    session_id: str


class SessionLine(_Told):
    """What somebody said, as far as it was heard."""

    model_config = examples(
        {
            "_id": "txn_373205151490048_7",
            "session_id": _SESSION,
            "role": "user",
            "text": "I'd like to check my balance.",
            "emitted_at": "2026-11-20T10:00:05.000Z",
        }
    )

    role: Literal["user", "assistant", "system"]
    text: str
    emitted_at: Instant


class SessionMetrics(_Told):
    """What happened in ten seconds; those in which nothing did are left out."""

    model_config = examples(
        {
            "_id": "met_373205151490048_0",
            "session_id": _SESSION,
            "window_start": "2026-11-20T10:00:00.000Z",
            "window_end": "2026-11-20T10:00:10.000Z",
            "asr_words": 18,
            "tts_chars": 64,
            "barge_in_count": 0,
            "turns": 1,
            "latency_ms": 610.4,
        }
    )

    window_start: Instant
    window_end: Instant
    asr_words: int = Field(default=0, description="Words of the caller.")
    tts_chars: int = Field(default=0, description="Characters of the sentences that the agent began.")
    barge_in_count: int = Field(default=0, description="How often the agent was cut off.")
    turns: int = Field(default=0, description="Turns of the caller that were answered.")
    latency_ms: float | None = Field(
        default=None, description="What they waited for that, from their last sound on; the median."
    )


class SessionError(_Told):
    """Something that failed."""

    model_config = examples(
        {
            "_id": "err_373205151490048_19",
            "session_id": _SESSION,
            "code": "recogniser-lost",
            "message": "The recogniser failed, and another one goes on.",
            "node_id": "greet",
            "timestamp": "2026-11-20T10:00:08.000Z",
            "recoverable": True,
        }
    )

    code: str
    message: str
    node_id: str | None
    timestamp: Instant
    recoverable: bool = Field(description="Whether the call went on.")


def _example_in_list(schema: dict[str, Any], listing: type[RootModel[Any]]) -> None:
    """Show a list of what is the item's own example."""
    (item,) = get_args(listing.model_fields["root"].annotation)
    schema["examples"] = [item.model_config["json_schema_extra"]["examples"]]


class SessionWindows(RootModel[list[SessionMetrics]]):
    """What happened in each ten seconds, oldest first."""

    model_config = ConfigDict(json_schema_extra=_example_in_list)


class SessionErrors(RootModel[list[SessionError]]):
    """What failed, oldest first."""

    model_config = ConfigDict(json_schema_extra=_example_in_list)


class SessionHandoff(_Told):
    """A handoff from one agent to another; without `completed_at` it is under way, or has failed."""

    from_agent: str
    to_agent: str
    reason: str
    status: str = Field(description=f"How far it is: {', '.join(HandoffState)}.")
    started_at: Instant
    completed_at: Instant | None = None


class SessionHandoffs(BaseModel):
    """All handoffs of a session, in their order."""

    model_config = examples(
        {
            "handoffs": [
                {
                    "_id": "ho_373205151490048_h1",
                    "session_id": _SESSION,
                    "from_agent": "triage",
                    "to_agent": "billing",
                    "reason": "billing question",
                    "status": "completed",
                    "started_at": "2026-11-20T10:01:00.000Z",
                    "completed_at": "2026-11-20T10:01:02.000Z",
                }
            ]
        }
    )

    handoffs: list[SessionHandoff]


def lines(run: Run, log: Iterable[LogEntry]) -> list[SessionLine]:
    """Return who said what, oldest first."""
    return [
        SessionLine(
            id=f"txn_{run.id}_{entry.seq}",
            session_id=run.session_id,
            role=_ROLES.get(segment.speaker, "system"),
            text=segment.text,
            emitted_at=entry.at,
        )
        for entry, segment in told_transcript(log)
    ]


def metrics(run: Run, log: Iterable[LogEntry]) -> list[SessionMetrics]:
    """Return the windows, oldest first, counted from the log's first event."""
    windows: dict[int, list[LogEntry]] = {}
    begun_at: datetime | None = None
    for entry in log:
        begun_at = begun_at or entry.at
        if isinstance(entry.event, TranscriptEvent | InterruptEvent | MetricsEvent):
            windows.setdefault(max((entry.at - begun_at) // WINDOW, 0), []).append(entry)
    if begun_at is None:
        return []
    return [_window(run, begun_at, number, windows[number]) for number in sorted(windows)]


def errors(run: Run, log: Iterable[LogEntry]) -> list[SessionError]:
    """Return what failed, oldest first."""
    return [
        SessionError(
            id=f"err_{run.id}_{entry.seq}",
            session_id=run.session_id,
            code=entry.event.code,
            message=entry.event.message,
            node_id=entry.event.node_id,
            timestamp=entry.at,
            recoverable=entry.event.recoverable,
        )
        for entry in log
        if isinstance(entry.event, ErrorEvent)
    ]


def handoffs(run: Run, log: Iterable[LogEntry]) -> SessionHandoffs:
    """Return what became of each handoff, oldest first."""
    found: dict[str, SessionHandoff] = {}
    for entry in log:
        if not isinstance(event := entry.event, HandoffEvent):
            continue
        known = found.get(event.handoff_id)
        completed_at = entry.at if event.state == HandoffState.COMPLETED else None
        found[event.handoff_id] = SessionHandoff(
            id=f"ho_{run.id}_{event.handoff_id}",
            session_id=run.session_id,
            from_agent=event.from_agent or event.from_agent_uuid,
            to_agent=event.to_agent or event.to_agent_uuid,
            reason=event.reason,
            status=event.state,
            started_at=known.started_at if known else entry.at,
            completed_at=completed_at,
        )
    return SessionHandoffs(handoffs=list(found.values()))


def _window(run: Run, begun_at: datetime, number: int, entries: Sequence[LogEntry]) -> SessionMetrics:
    said, answered = list(of_kind(entries, TranscriptEvent)), list(of_kind(entries, MetricsEvent))
    waited = [each.voice_to_voice_ms for each in answered if each.voice_to_voice_ms is not None]
    start = begun_at + number * WINDOW
    return SessionMetrics(
        id=f"met_{run.id}_{number}",
        session_id=run.session_id,
        window_start=start,
        window_end=start + WINDOW,
        asr_words=sum(len(each.text.split()) for each in said if each.speaker == Speaker.CALLER),
        tts_chars=sum(len(each.text) for each in said if each.speaker == Speaker.AGENT),
        barge_in_count=sum(isinstance(entry.event, InterruptEvent) for entry in entries),
        turns=len(answered),
        latency_ms=round(median(waited), 1) if waited else None,
    )
