"""A call-back that an agent has promised becomes a scheduled run, once, and both runs tell of each other."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from functions.aftercall.app import create_handler
from functions.aftercall.services import make_services
from functions.dialer.services import make_services as make_dialer
from offhook.agents.model import AgentStatus
from offhook.clock import system_clock, to_iso
from offhook.ids import new_run_id
from offhook.organizations.limits import Limits
from offhook.runs.model import Direction, Promise, PromiseStatus, Run, RunStatus, RunTelephony
from offhook.runs.placing.promised import MOST_IN_A_ROW, PromiseKeeper
from offhook.runs.waking import wake_of
from tests.support.backstage import CONTEXT, message
from tests.support.live_runs import add_run, stored
from tests.support.rest import Install, Tenant
from tests.support.triggers import runs_of, trigger

THEIR_NUMBER = "+14155550188"


def finished(
    install: Install,
    tenant: Tenant,
    direction: Direction = Direction.INBOUND,
    *,
    at: datetime | None = None,
    **changes: Any,
) -> Run:
    """Make a run in which a call-back was promised, and end it as its owner does."""
    theirs, ours = THEIR_NUMBER, tenant.caller_number
    telephony = RunTelephony(
        configuration_id=tenant.configuration_id,
        caller_number=theirs if direction is Direction.INBOUND else ours,
        called_number=ours if direction is Direction.INBOUND else theirs,
    )
    run = add_run(install, tenant, RunStatus.RINGING, direction=direction, telephony=telephony, **changes)
    owned = install.store.runs.take_over(run, "streamer-1", system_clock() + timedelta(seconds=15))
    assert owned.ownership is not None
    promise = Promise(at=at or system_clock().replace(microsecond=0) + timedelta(days=2), reason="Busy.")
    final = replace(
        owned, status=RunStatus.COMPLETED, gathered_context={"day": "2026-12-01"}, promise=promise
    )
    install.ports.ender.finish(final, owned.ownership)
    return stored(install, run)


def follow(install: Install, run: Run) -> Run:
    """Have the aftercall function do what follows the run."""
    answer = create_handler(make_services(install.ports))(message(run.id), CONTEXT)
    assert answer == {"batchItemFailures": []}
    return stored(install, run)


def call_backs(install: Install, tenant: Tenant) -> list[Run]:
    return [run for run in runs_of(install, tenant) if run.promised_in is not None]


def failure(run: Run) -> str | None:
    assert run.promise is not None
    assert run.promise.status is PromiseStatus.FAILED
    return run.promise.failure


def test_a_promise_is_owed_and_becomes_a_scheduled_run(install: Install, tenant: Tenant) -> None:
    run = finished(install, tenant, initial_context={"customer_name": "Ann"})
    assert install.store.ledgers.get(tenant.organization_id).owed == {run.id}
    kept = follow(install, run)
    [call_back] = call_backs(install, tenant)
    assert kept.promise == replace(run.promise, status=PromiseStatus.KEPT, run_id=call_back.id)  # type: ignore[type-var]
    assert install.store.ledgers.get(tenant.organization_id).owed == frozenset()
    assert run.promise is not None
    assert (call_back.status, call_back.scheduled_at) == (RunStatus.QUEUED, run.promise.at)
    assert (call_back.direction, call_back.promised_in) == (Direction.OUTBOUND, run.id)
    assert (call_back.telephony.called_number, call_back.telephony.caller_number) == (
        THEIR_NUMBER,
        tenant.caller_number,
    )
    assert (call_back.agent_uuid, call_back.version) == (run.agent_uuid, run.version)
    assert call_back.initial_context["customer_name"] == "Ann"
    assert call_back.initial_context["call_back"] == {
        "reason": "Busy.",
        "number": 1,
        "workflow_run_id": run.id,
        "gathered_context": {"day": "2026-12-01"},
    }
    assert wake_of(call_back) in [*install.store.wakes.due(call_back.wanted_at, limit=9999)]


def test_both_runs_tell_of_each_other(install: Install, tenant: Tenant) -> None:
    run = follow(install, finished(install, tenant))
    [call_back] = call_backs(install, tenant)

    def shown(run: Run) -> dict[str, Any]:
        reply = install.http.get(f"/api/v1/runs/{run.id}", headers=tenant.headers)
        document: dict[str, Any] = reply.json()
        return document

    assert run.promise is not None
    assert run.promise.at is not None
    assert shown(run)["promise"] == {
        "at": to_iso(run.promise.at),
        "reason": "Busy.",
        "status": "kept",
        "workflow_run_id": call_back.id,
        "failure": None,
    }
    assert (shown(run)["promised_in"], shown(call_back)["promised_in"]) == (None, run.id)
    assert shown(call_back)["scheduled_at"] == to_iso(run.promise.at)


def test_a_call_back_is_dialled_though_no_key_has_ordered_it(install: Install, tenant: Tenant) -> None:
    follow(install, finished(install, tenant))
    [call_back] = call_backs(install, tenant)
    make_dialer(install.ports).calls.dial(call_back.id, call_back.wanted_at)
    [asked] = install.carrier.asked
    assert asked.body["destination"] == THEIR_NUMBER
    assert stored(install, call_back).status is RunStatus.DIALING


def test_a_call_back_of_an_ordered_call_is_in_the_name_of_its_key(install: Install, tenant: Tenant) -> None:
    status, reply = trigger(install, tenant)
    assert status == 200
    ordered = install.store.runs.get(tenant.organization_id, reply["workflow_run_id"])
    follow(install, finished(install, tenant, Direction.OUTBOUND, initial_context=ordered.initial_context))
    [call_back] = call_backs(install, tenant)
    assert call_back.initial_context["api_key_id"] == tenant.api_key_id
    [key] = install.store.organizations.list_keys(tenant.organization_id)
    install.store.organizations.set_archived(key, system_clock())
    make_dialer(install.ports).calls.dial(call_back.id, call_back.wanted_at)
    failed = stored(install, call_back)
    assert failed.error is not None
    assert failed.error.code == "api-key-not-usable"


def test_messages_that_come_twice_order_one_call(install: Install, tenant: Tenant) -> None:
    run = finished(install, tenant)
    keep = make_services(install.ports).keep_promise
    # Two processes that have read the run before either noted anything.
    assert keep(run).promise == keep(run).promise
    follow(install, run)
    assert len(call_backs(install, tenant)) == 1


@dataclass
class Dying:
    """What a process uses until it is killed: before, or after, its so-manieth use of what is stored."""

    part: Any
    dies: Callable[[], None]
    is_done_first: bool

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.part, name)

        def use(*args: Any, **kwargs: Any) -> Any:
            if self.is_done_first:
                answer = method(*args, **kwargs)
                self.dies()
                return answer
            self.dies()
            return method(*args, **kwargs)

        return use


@pytest.mark.parametrize("is_done_first", [True, False])
def test_a_process_that_dies_anywhere_leaves_one_call(
    install: Install, tenant: Tenant, is_done_first: bool
) -> None:
    store = install.store
    keeper = PromiseKeeper(
        runs=store.runs,
        agents=store.agents,
        organizations=store.organizations,
        telephony=store.telephony,
        clock=system_clock,
    )
    deaths = 0
    for last in count(1):
        run, uses = finished(install, tenant), count(1)

        def dies(uses: "count[int]" = uses, last: int = last) -> None:
            if next(uses) == last:
                raise KeyboardInterrupt

        dying: PromiseKeeper = replace(keeper, runs=Dying(store.runs, dies, is_done_first))
        try:
            dying.keep(run)
        except KeyboardInterrupt:
            deaths += 1
        kept = follow(install, run)
        ours = [each for each in call_backs(install, tenant) if each.promised_in == run.id]
        assert [each.id for each in ours] == [kept.promise and kept.promise.run_id]
        if next(uses) <= last:
            break
    assert deaths >= 3


def test_an_id_that_is_anothers_is_changed(install: Install, tenant: Tenant) -> None:
    run = finished(install, tenant)
    stranger = add_run(install, tenant, RunStatus.QUEUED)
    assert run.promise is not None
    install.store.runs.note_promise(run, replace(run.promise, run_id=stranger.id))
    kept = follow(install, run)
    [call_back] = call_backs(install, tenant)
    assert kept.promise is not None
    assert kept.promise.run_id == call_back.id != stranger.id


def test_a_call_without_a_number_is_called_back_by_nobody(install: Install, tenant: Tenant) -> None:
    assert failure(follow(install, finished(install, tenant, Direction.WEB))) == "no-number"


def test_what_speaks_against_a_call_back_is_told_on_the_run(install: Install, tenant: Tenant) -> None:
    limits = Limits(allowed_destinations=("+34",))
    install.store.organizations.set_limits(tenant.organization_id, limits)
    assert failure(follow(install, finished(install, tenant))) == "destination-not-allowed"
    agent = install.store.agents.get(tenant.organization_id, tenant.agent_uuid)
    install.editor.set_status(tenant.organization_id, agent.uuid, AgentStatus.ARCHIVED)
    assert failure(follow(install, finished(install, tenant))) == "agent-archived"
    assert call_backs(install, tenant) == []


def test_call_backs_of_call_backs_come_to_an_end(install: Install, tenant: Tenant) -> None:
    before = {"call_back": {"number": MOST_IN_A_ROW - 1}}
    follow(install, finished(install, tenant, initial_context=before))
    [last] = call_backs(install, tenant)
    too_many = follow(install, finished(install, tenant, initial_context=last.initial_context))
    assert failure(too_many) == "too-many-call-backs"


def test_a_promise_whose_instant_is_over_is_kept_at_once(install: Install, tenant: Tenant) -> None:
    late = system_clock().replace(microsecond=0) - timedelta(minutes=5)
    follow(install, finished(install, tenant, at=late, id=new_run_id(system_clock())))
    [call_back] = call_backs(install, tenant)
    make_dialer(install.ports).calls.dial(call_back.id, system_clock())
    assert stored(install, call_back).status is RunStatus.DIALING
