"""A session: a run seen while it lives, which has no record of its own."""

import re
from datetime import datetime
from enum import StrEnum

from offhook.errors import NotFoundError
from offhook.runs.end_reasons import EndReason
from offhook.runs.model import Direction, Run, RunStatus

_ID = re.compile(r"sess_([1-9][0-9]{0,15})", re.ASCII)


class SessionStatus(StrEnum):
    """Where a session stands; the last four are final."""

    PENDING = "pending"
    SCHEDULING = "scheduling"
    READY = "ready"
    CONNECTING = "connecting"
    ACTIVE = "active"
    DRAINING = "draining"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"

    @property
    def is_final(self) -> bool:
        """Say whether the session is over."""
        return self in _FINAL

    @property
    def may_connect(self) -> bool:
        """Say whether a socket may be opened to it."""
        return not self.is_final and self is not SessionStatus.DRAINING


_FINAL = (SessionStatus.COMPLETED, SessionStatus.FAILED, SessionStatus.CANCELED, SessionStatus.EXPIRED)

_OF_RUN = {
    RunStatus.QUEUED: SessionStatus.PENDING,
    RunStatus.DIALING: SessionStatus.SCHEDULING,
    RunStatus.RINGING: SessionStatus.CONNECTING,
    RunStatus.IN_PROGRESS: SessionStatus.ACTIVE,
    RunStatus.COMPLETED: SessionStatus.COMPLETED,
    RunStatus.FAILED: SessionStatus.FAILED,
    RunStatus.NO_ANSWER: SessionStatus.FAILED,
    RunStatus.BUSY: SessionStatus.FAILED,
    RunStatus.CANCELED: SessionStatus.CANCELED,
}


def session_status(run: Run, now: datetime) -> SessionStatus:
    """Return where a run stands as a session; one that nobody connected to in time is `expired` before that is stored."""
    if run.has_expired(now) or (run.status is RunStatus.CANCELED and run.end_reason == EndReason.EXPIRED):
        return SessionStatus.EXPIRED
    if run.direction is Direction.WEB and run.status is RunStatus.DIALING:
        return SessionStatus.READY
    return _OF_RUN[run.status]


def run_id_of(session_id: str) -> int:
    """Return the id of the run that this session is; raise NotFoundError for a text that no session has for its id."""
    match = _ID.fullmatch(session_id)
    if match is None or int(match[1]) >= 2**53:
        raise NotFoundError("There is no session with this id in your organization.")
    return int(match[1])
