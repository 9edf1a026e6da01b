"""Runs as sessions: ids, and where they stand."""

from datetime import timedelta
from typing import Any

import pytest

from offhook.errors import NotFoundError
from offhook.runs.model import Direction, Ownership, Run, RunStatus, SessionTerms
from offhook.sessions.model import SessionStatus, run_id_of, session_status
from tests.support.makers import NOON, make_run

EXPIRES = NOON + timedelta(minutes=5)
OWNED = Ownership(owner="streamer-1", epoch=1, lease_until=EXPIRES)


def web_run(status: RunStatus, **changes: Any) -> Run:
    return make_run(
        direction=Direction.WEB,
        mode="web",
        status=status,
        session=SessionTerms(expires_at=EXPIRES),
        **changes,
    )


@pytest.mark.parametrize(
    ("status", "session"),
    [
        (RunStatus.QUEUED, "pending"),
        (RunStatus.DIALING, "scheduling"),
        (RunStatus.RINGING, "connecting"),
        (RunStatus.IN_PROGRESS, "active"),
        (RunStatus.COMPLETED, "completed"),
        (RunStatus.FAILED, "failed"),
        (RunStatus.BUSY, "failed"),
        (RunStatus.NO_ANSWER, "failed"),
        (RunStatus.CANCELED, "canceled"),
    ],
)
def test_a_phone_call_is_a_session_that_stands_where_its_run_does(status: RunStatus, session: str) -> None:
    assert session_status(make_run(status=status), NOON) == session


def test_a_web_session_is_ready_until_somebody_connects_or_its_time_is_over() -> None:
    run = web_run(RunStatus.DIALING)
    assert session_status(run, EXPIRES - timedelta(seconds=1)) is SessionStatus.READY
    assert session_status(run, EXPIRES) is SessionStatus.EXPIRED


def test_a_session_whose_line_was_taken_does_not_expire() -> None:
    assert session_status(web_run(RunStatus.RINGING), EXPIRES) is SessionStatus.CONNECTING
    assert session_status(web_run(RunStatus.DIALING, ownership=OWNED), EXPIRES) is SessionStatus.READY


def test_an_expired_session_stays_so_when_that_is_stored() -> None:
    stored = web_run(RunStatus.CANCELED, end_reason="expired")
    assert session_status(stored, NOON) is SessionStatus.EXPIRED
    assert (
        session_status(web_run(RunStatus.CANCELED, end_reason="hangup_requested"), NOON)
        is SessionStatus.CANCELED
    )


def test_sockets_may_be_opened_to_the_first_five() -> None:
    assert [status for status in SessionStatus if status.may_connect] == list(SessionStatus)[:5]
    assert [status for status in SessionStatus if status.is_final] == list(SessionStatus)[6:]


def test_a_session_is_named_by_its_run() -> None:
    run = make_run()
    assert run_id_of(run.session_id) == run.id


@pytest.mark.parametrize(
    "session_id",
    [
        "",
        "sess_",
        "sess_0",
        "sess_007",
        "sess_9007199254740992",
        "sess_1 ",
        "SESS_1",
        "sess_\u0661",
        "1",
        "sess_-1",
    ],
)
def test_no_other_text_names_a_session(session_id: str) -> None:
    with pytest.raises(NotFoundError):
        run_id_of(session_id)
