"""Sessions that end before, while and after somebody talks: on request, for nobody came, or for their owner is gone."""

from datetime import timedelta
from typing import Any

import pytest

from offhook.errors import ConflictError
from offhook.runs.model import Direction, Run, RunStatus, RunTelephony, SessionTerms
from offhook.sessions.commands import End, Refusal
from tests.support.backstage import Backstage
from tests.support.live_runs import stored
from tests.support.reaping import live, tick
from tests.support.rest import Install, Tenant
from tests.support.sessions import Owner, add_web_run


def hang_up(install: Install, tenant: Tenant, run: Run) -> tuple[int, dict[str, Any]]:
    reply = install.http.post(f"/api/v1/runs/{run.id}/hangup", headers=tenant.headers)
    return reply.status_code, reply.json()


# --- on request ---


@pytest.mark.parametrize("status", [RunStatus.DIALING, RunStatus.RINGING])
def test_a_session_that_nobody_talks_in_is_canceled_without_a_carrier(
    install: Install, tenant: Tenant, status: RunStatus
) -> None:
    run = add_web_run(install, tenant, status)
    code, shown = hang_up(install, tenant, run)
    assert (code, shown["status"], shown["end_reason"]) == (200, "canceled", "hangup_requested")
    assert install.carrier.asked == []
    assert install.store.ledgers.get(tenant.organization_id).live == frozenset()


def test_a_session_that_talks_is_ended_by_its_owner(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    with Owner(install).serving() as owner:
        code, shown = hang_up(install, tenant, run)
    assert (code, shown["status"]) == (200, "in_progress")
    (command,) = owner.told
    assert isinstance(command, End)
    assert stored(install, run).hangup_requested_at is not None


def test_a_call_whose_caller_brought_the_credentials_is_ended_by_its_owner(
    install: Install, tenant: Tenant
) -> None:
    run = add_web_run(
        install,
        tenant,
        RunStatus.IN_PROGRESS,
        direction=Direction.INBOUND,
        mode="cloudonix",
        session=None,
        telephony=RunTelephony(call_id="sess-0f3b"),
    )
    with Owner(install).serving() as owner:
        assert hang_up(install, tenant, run)[0] == 200
    assert [type(command) for command in owner.told] == [End]
    assert install.carrier.asked == []


def test_an_owner_that_can_t_end_it_says_why(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant, RunStatus.IN_PROGRESS)
    with Owner(install, refusal=Refusal(code="busy", detail="Not now.")).serving():
        code, problem = hang_up(install, tenant, run)
    assert (code, problem["code"], problem["detail"]) == (409, "busy", "Not now.")


def test_an_expired_session_that_somebody_ends_has_expired(install: Install, tenant: Tenant) -> None:
    run = add_web_run(install, tenant, session=SessionTerms(expires_at=install.ports.clock()))
    assert hang_up(install, tenant, run)[1]["end_reason"] == "expired"


# --- by the reaper ---


def add_session(stage: Backstage, status: RunStatus = RunStatus.DIALING) -> Run:
    return stage.add_run(
        status,
        direction=Direction.WEB,
        mode="web",
        session=SessionTerms(expires_at=stage.clock() + timedelta(minutes=5)),
        telephony=RunTelephony(),
    )


def test_a_session_that_nobody_connects_to_in_time_expires_and_is_never_unanswered(stage: Backstage) -> None:
    run = add_session(stage)
    tick(stage, minutes=4, seconds=59)
    assert stage.stored(run).status is RunStatus.DIALING
    assert live(stage) == {run.id}
    tick(stage, seconds=1)
    expired = stage.stored(run)
    assert (expired.status, expired.end_reason, expired.disposition) == (
        RunStatus.CANCELED,
        "expired",
        "expired",
    )
    assert live(stage) == frozenset()
    assert stage.carrier.asked == []


def test_a_session_that_is_connected_to_just_before_it_expires_goes_on(stage: Backstage) -> None:
    run = add_session(stage)
    stage.clock.move(minutes=4, seconds=59)
    # What whoever takes the line writes first.
    stage.store.runs.advance(run, RunStatus.RINGING, only_from=[RunStatus.DIALING])
    tick(stage, minutes=2)
    assert stage.stored(run).status is RunStatus.RINGING


def test_of_an_expiry_and_a_start_that_meet_one_is_refused(stage: Backstage) -> None:
    run = add_session(stage)
    tick(stage, minutes=5)
    with pytest.raises(ConflictError):
        stage.store.runs.advance(run, RunStatus.RINGING, only_from=[RunStatus.DIALING])
    assert stage.stored(run).end_reason == "expired"


def test_a_session_whose_process_was_lost_while_it_began_is_settled(stage: Backstage) -> None:
    run = add_session(stage)
    stage.store.runs.advance(run, RunStatus.RINGING)
    tick(stage, minutes=7)
    assert stage.stored(run).status is RunStatus.RINGING
    tick(stage, minutes=2)
    assert (stage.stored(run).status, stage.stored(run).end_reason) == (RunStatus.FAILED, "system_error")
    assert live(stage) == frozenset()


def test_a_session_whose_owner_is_gone_is_settled_and_no_carrier_asked(stage: Backstage) -> None:
    run = add_session(stage)
    owned = stage.store.runs.take_over(run, "streamer-1", stage.clock() + timedelta(seconds=15))
    stage.store.runs.advance(owned, RunStatus.IN_PROGRESS)
    tick(stage)
    tick(stage, minutes=1)
    settled = stage.stored(run)
    assert (settled.status, settled.end_reason) == (RunStatus.FAILED, "system_error")
    assert [entry.event.type for entry in stage.store.events.read(run.id)] == ["takeover", "error", "end"]
    assert live(stage) == frozenset()
    assert stage.carrier.asked == []


def test_a_session_that_was_to_end_when_its_owner_was_lost_has_ended_as_wanted(stage: Backstage) -> None:
    run = add_session(stage)
    owned = stage.store.runs.take_over(run, "streamer-1", stage.clock() + timedelta(seconds=15))
    talking = stage.store.runs.advance(owned, RunStatus.IN_PROGRESS)
    stage.store.runs.request_hangup(talking, stage.clock())
    tick(stage)
    tick(stage, minutes=1)
    settled = stage.stored(run)
    assert (settled.status, settled.end_reason, settled.error) == (
        RunStatus.COMPLETED,
        "hangup_requested",
        None,
    )
