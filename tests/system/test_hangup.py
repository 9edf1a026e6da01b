"""Ending a live run over HTTP, wherever it stands."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from offhook.clock import system_clock
from offhook.organizations.model import Scope
from offhook.runs.model import Run, RunStatus, RunTelephony
from tests.support.carrier import Answer, Silence
from tests.support.live_runs import add_run, stored
from tests.support.rest import Install, Tenant


def hang_up(install: Install, tenant: Tenant, run: Run) -> tuple[int, dict[str, Any]]:
    reply = install.http.post(f"/api/v1/runs/{run.id}/hangup", headers=tenant.headers)
    return reply.status_code, reply.json()


def places(install: Install, tenant: Tenant) -> set[int]:
    ledger = install.store.ledgers.get(tenant.organization_id)
    return {*ledger.live, *ledger.queued}


def test_a_queued_run_is_canceled_and_the_carrier_not_asked(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant, RunStatus.QUEUED, telephony=RunTelephony())
    status, shown = hang_up(install, tenant, run)
    assert status == 200
    assert (shown["status"], shown["disposition"], shown["end_reason"]) == (
        "canceled",
        "canceled",
        "hangup_requested",
    )
    assert shown["ended_at"] is not None
    assert install.carrier.asked == []
    assert places(install, tenant) == set()


@pytest.mark.parametrize("status", [RunStatus.DIALING, RunStatus.RINGING])
def test_a_ringing_call_is_ended_at_the_carrier_and_canceled(
    install: Install, tenant: Tenant, status: RunStatus
) -> None:
    run = add_run(install, tenant, status)
    code, shown = hang_up(install, tenant, run)
    assert (code, shown["status"], shown["end_reason"]) == (200, "canceled", "hangup_requested")
    (asked,) = install.carrier.asked
    assert (asked.method, asked.path) == (
        "DELETE",
        f"/customers/self/domains/{tenant.cloudonix_domain}/sessions/sess-0f3b",
    )
    assert places(install, tenant) == set()


def test_a_call_that_talks_is_left_to_its_streamer_which_can_tell_why(
    install: Install, tenant: Tenant
) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    owned = install.store.runs.take_over(run, "streamer-1", system_clock() + timedelta(seconds=15))
    install.store.runs.advance(owned, RunStatus.IN_PROGRESS)
    code, shown = hang_up(install, tenant, run)
    assert (code, shown["status"], shown["ended_at"]) == (200, "in_progress", None)
    assert [asked.method for asked in install.carrier.asked] == ["DELETE"]
    assert stored(install, run).hangup_requested_at is not None
    assert places(install, tenant) == {run.id}


def test_a_finished_run_is_409_with_its_state(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    assert hang_up(install, tenant, run)[0] == 200
    code, problem = hang_up(install, tenant, run)
    assert (code, problem["code"]) == (409, "run-state")
    assert "canceled" in problem["detail"]
    assert len(install.carrier.asked) == 1


def test_a_call_that_the_carrier_has_not_confirmed_can_t_be_named(install: Install, tenant: Tenant) -> None:
    run = add_run(
        install, tenant, RunStatus.DIALING, telephony=RunTelephony(configuration_id=tenant.configuration_id)
    )
    code, problem = hang_up(install, tenant, run)
    assert (code, problem["code"]) == (409, "call-id-unknown")
    assert install.carrier.asked == []
    assert stored(install, run) == run


@pytest.mark.parametrize(
    ("answer", "code", "name"),
    [
        (Answer(status=401), 400, "carrier-refused"),
        (Answer(status=500), 400, "carrier-failed"),
        (Answer(status=429, headers={"Retry-After": "7"}), 429, "carrier-busy"),
        (Silence.DROPPED, 400, "carrier-unanswered"),
    ],
)
def test_a_carrier_that_refuses_leaves_the_run_and_may_be_asked_again(
    install: Install, tenant: Tenant, answer: Answer | Silence, code: int, name: str
) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    install.carrier.answer = answer
    status, problem = hang_up(install, tenant, run)
    assert (status, problem["code"]) == (code, name)
    left = stored(install, run)
    assert replace(left, hangup_requested_at=None) == run
    assert left.hangup_requested_at is not None
    install.carrier.reset()
    assert hang_up(install, tenant, run)[1]["status"] == "canceled"


def test_a_call_that_the_carrier_does_not_know_any_more_is_canceled(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    install.carrier.answer = Answer(status=404)
    assert hang_up(install, tenant, run)[1]["status"] == "canceled"


def test_a_run_whose_configuration_is_gone_says_so(install: Install, tenant: Tenant) -> None:
    run = add_run(
        install,
        tenant,
        RunStatus.RINGING,
        telephony=RunTelephony(configuration_id="gone", call_id="sess-0f3b"),
    )
    status, problem = hang_up(install, tenant, run)
    assert (status, problem["code"]) == (400, "telephony-not-configured")


def test_what_the_carrier_then_reports_is_read_as_a_hang_up(install: Install, tenant: Tenant) -> None:
    run = add_run(install, tenant, RunStatus.RINGING)
    install.store.runs.request_hangup(run, system_clock())
    path = install.ports.links.status_callback_url("cloudonix", run.id).partition("net")[2]
    assert install.http.post(path, data={"CallStatus": "completed"}).status_code == 200
    ended = stored(install, run)
    assert (ended.status, ended.end_reason, ended.error) == (RunStatus.CANCELED, "hangup_requested", None)


def test_another_organizations_run_is_404_and_a_reading_key_403(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-b")
    run = add_run(install, other, RunStatus.RINGING)
    assert hang_up(install, tenant, run)[0] == 404
    headers = install.add_key(other, Scope.RUNS_READ)
    assert install.http.post(f"/api/v1/runs/{run.id}/hangup", headers=headers).status_code == 403
    assert stored(install, run) == run
    assert install.carrier.asked == []
