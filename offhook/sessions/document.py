"""The public form of a session, which is Strongly's: a run of either kind, seen while it lives and afterwards."""

import re
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from offhook.agents.model import wf_id
from offhook.documents import parts_of
from offhook.instants import Instant
from offhook.runs.model import Direction, Moment, Run, SessionTerms
from offhook.sessions.model import SessionStatus, session_status
from offhook.telephony.links import API_PATH

EXAMPLE_SESSION: dict[str, Any] = {
    "session_id": "sess_373205151490048",
    "workflow_id": "wf_4c0f6a8e0e0b4a8c9a512b1d3c7a9f10",
    "deployment_id": "dep_0b0f9f5e6e8a4b439f0f0a3f0a2f7d11",
    "status": "active",
    "ownerId": "7b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9",
    "organizationId": "main",
    "metadata": {"callerId": "+14155550100"},
    "correlationId": "corr_789",
    "dispositionSchemaVersion": "v1",
    "estimatedDurationSeconds": 600,
    "started_at": "2026-11-20T10:00:00.000Z",
    "ready_at": "2026-11-20T10:00:00.000Z",
    "ended_at": None,
    "ws_url": "wss://voice.example.net/api/v1/streaming/sessions/sess_373205151490048/ws",
    "ws_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9…",
    "workflow_run_id": 373205151490048,
    "direction": "web",
    "disposition": None,
    "end_reason": None,
    "caller_number": None,
    "called_number": None,
    "moment": {
        "at": "2026-11-20T10:00:31.200Z",
        "workflow_id": "wf_4c0f6a8e0e0b4a8c9a512b1d3c7a9f10",
        "node_id": "n2",
        "speaker": "caller",
        "text": "Thursday would suit me better.",
        "cost_usd": 0.009164,
    },
}


class SessionMoment(BaseModel):
    """Where a live call stands, as it was noted last: that is done every five seconds."""

    at: Instant = Field(description="When the last thing happened that is told here.")
    workflow_id: str = Field(description="Whose agent talks: another one's than at first after a handoff.")
    node_id: str | None = Field(description="The workflow's node.")
    speaker: str | None = Field(description="Who has spoken last.")
    text: str = Field(description="What they said, cut to 160 characters.")
    cost_usd: float = Field(description="What the call has cost so far, of what has a price.")


class SessionDocument(BaseModel):
    """A session. A phone call is one too: its `correlationId` is the provider's session, and `ready_at` when it was answered."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [EXAMPLE_SESSION]}, serialize_by_alias=True, validate_by_name=True
    )

    session_id: str
    workflow_id: str
    deployment_id: str | None = Field(
        description="The deployment that it was begun on; null for phone calls, and where a draft is tried."
    )
    status: SessionStatus
    owner_id: str | None = Field(
        alias="ownerId", description="The API key that began it; null where none did."
    )
    organization_id: str = Field(alias="organizationId")
    metadata: dict[str, Any]
    correlation_id: str | None = Field(alias="correlationId")
    disposition_schema_version: str | None = Field(alias="dispositionSchemaVersion")
    estimated_duration_seconds: int | None = Field(alias="estimatedDurationSeconds")
    started_at: Instant | None
    ready_at: Instant | None
    ended_at: Instant | None
    ws_url: str | None = Field(description="Its socket; null for a session that is over.")
    ws_token: str | None = Field(
        description="Opens the socket for five minutes: to operate, or for a key that only reads to observe. Null in lists, "
        "and for a session that is over."
    )
    workflow_run_id: int = Field(description="The run that records it.")
    direction: Direction
    disposition: str | None
    end_reason: str | None
    caller_number: str | None = Field(description="As the carrier writes it; null for sessions in a browser.")
    called_number: str | None
    moment: SessionMoment | None = Field(
        description="Where the call stands; null until something is said, and once it is over."
    )


def session_document(
    run: Run, now: datetime, *, public_base_url: str, token: str | None = None
) -> SessionDocument:
    """Show a run as a session; what has the same name in both is taken over."""
    status = session_status(run, now)
    shown = parts_of(run) | {
        "workflow_id": wf_id(run.agent_uuid),
        "session_id": run.session_id,
        "status": status,
        "owner_id": _owner(run),
        "ws_url": None if status.is_final else ws_url(run, public_base_url),
        "ws_token": token,
        "workflow_run_id": run.id,
        "caller_number": run.telephony.caller_number,
        "called_number": run.telephony.called_number,
        # The row of a run that others have ended may hold one still.
        "moment": None if status.is_final or run.moment is None else _moment(run.moment),
    }
    return SessionDocument.model_validate(
        shown | (_called(run) if run.session is None else _begun(run, run.session))
    )


def _moment(moment: Moment) -> dict[str, Any]:
    return parts_of(moment) | {"workflow_id": wf_id(moment.agent_uuid)}


def _owner(run: Run) -> str | None:
    # Incoming calls of earlier releases may show another's word under this name.
    owner = run.initial_context.get("api_key_id")
    return owner if isinstance(owner, str) else None


def ws_url(run: Run, public_base_url: str) -> str:
    """Return the address of the session's socket."""
    # http -> ws and https -> wss.
    base = re.sub(r"^http", "ws", public_base_url.rstrip("/") + API_PATH)
    return f"{base}/streaming/sessions/{run.session_id}/ws"


def _begun(run: Run, terms: SessionTerms) -> dict[str, Any]:
    return parts_of(terms) | {"ready_at": run.started_at}


def _called(run: Run) -> dict[str, Any]:
    caller = run.telephony.caller_number
    return {
        "deployment_id": None,
        "metadata": {} if caller is None else {"callerId": caller},
        "correlation_id": run.telephony.call_id,
        "disposition_schema_version": None,
        "estimated_duration_seconds": None,
        "ready_at": run.answered_at,
    }
