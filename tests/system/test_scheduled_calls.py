"""Calls that are ordered for later: dialled at their instant, once, or called off before."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from functions.dialer.services import make_services as make_dialer
from functions.events import FIGURES
from functions.feeder.app import create_handler as create_feeder
from functions.feeder.services import make_services as make_feeder
from offhook.clock import system_clock, to_iso
from offhook.errors import LimitReachedError, StorageError
from offhook.organizations.limits import Limits
from offhook.runs.ledger import Admission, Ledgers
from offhook.runs.model import Run, RunStatus
from offhook.runs.placing.scheduled import ScheduledRuns
from offhook.runs.waking import AHEAD, MOST_AHEAD
from offhook.waking import Tick, WakeKind
from tests.support.backstage import NotedQueue
from tests.support.queues import messages_for
from tests.support.rest import Install, Tenant
from tests.support.triggers import BODY, post_trigger, runs_of

CALLBACK_URL = "http://127.0.0.1:9/resume/3f1c"


@dataclass(frozen=True, slots=True)
class Later:
    """The parts that see to scheduled calls, at any instant."""

    install: Install
    tenant: Tenant
    dials: NotedQueue

    def order(self, at: datetime, **more: Any) -> Run:
        """Order a call for then."""
        reply = self.post(scheduled_at=to_iso(at), **more)
        assert reply.status_code == 202, reply.text
        return self.install.store.runs.get(self.tenant.organization_id, reply.json()["workflow_run_id"])

    def post(self, **more: Any) -> httpx.Response:
        return post_trigger(self.install, self.tenant, {**BODY, **more})

    def tick(self, now: datetime, **parts: Any) -> None:
        scheduled: ScheduledRuns = replace(
            self.install.ports.scheduled_runs, **{"dials": self.dials, **parts}
        )
        Tick(wakes=self.install.store.wakes, wakers={WakeKind.RUN: scheduled}, clock=lambda: now).run()

    def wake(self, run: Run, **parts: Any) -> None:
        """Wake this run alone, at its instant."""
        due = self.install.store.wakes.due(run.wanted_at, limit=9999)
        scheduled = replace(self.install.ports.scheduled_runs, **{"dials": self.dials, **parts})
        scheduled.wake([wake for wake in due if wake.id == str(run.id)], run.wanted_at)

    def dial(self, run: Run, now: datetime) -> Run:
        """Hand the run's message to the dialer then, and return the run as it is afterwards."""
        replace(make_dialer(self.install.ports).calls, dials=self.dials).dial(run.id, now)
        return self.stored(run)

    def stored(self, run: Run) -> Run:
        return self.install.store.runs.get(run.organization_id, run.id)

    def delete(self, run: Run) -> int:
        return self.install.http.delete(f"/api/v1/runs/{run.id}", headers=self.tenant.headers).status_code

    def is_woken(self, run: Run) -> bool:
        due = self.install.store.wakes.due(run.wanted_at + timedelta(days=1), limit=9999)
        return str(run.id) in [wake.id for wake in due]

    def delays(self, run: Run) -> list[int]:
        """Return after how many seconds each message for the run comes; other tests' calls may be due too."""
        return [delay_seconds for run_id, delay_seconds in self.dials.sent if run_id == run.id]

    @property
    def queued(self) -> set[int]:
        return set(self.install.store.ledgers.get(self.tenant.organization_id).queued)


@pytest.fixture
def later(install: Install, tenant: Tenant) -> Later:
    return Later(install, tenant, NotedQueue())


def in_(**time: float) -> datetime:
    instant = system_clock() + timedelta(**time)
    return instant.replace(microsecond=0)


def test_a_call_for_later_is_kept_and_dialled_at_its_instant(install: Install, later: Later) -> None:
    at = in_(days=30)
    reply = later.post(scheduled_at=to_iso(at))
    (run,) = runs_of(install, later.tenant)
    assert (reply.status_code, reply.json()) == (
        202,
        {"status": "scheduled", "workflow_run_id": run.id, "workflow_run_name": run.name},
    )
    shown = install.http.get(f"/api/v1/runs/{run.id}", headers=later.tenant.headers).json()
    assert (shown["status"], shown["scheduled_at"], shown["started_at"]) == ("queued", to_iso(at), None)
    later.tick(at - AHEAD - timedelta(seconds=1))
    assert (later.queued, later.delays(run)) == (set(), [])
    later.tick(at - AHEAD)
    assert (later.queued, later.delays(run)) == ({run.id}, [90])
    assert not later.is_woken(run)
    assert later.dial(run, at - timedelta(seconds=30)).status is RunStatus.QUEUED
    assert 30 <= later.delays(run)[-1] < 34
    assert install.carrier.asked == []
    for _ in range(2):
        assert later.dial(run, at).status is RunStatus.DIALING
    assert len(install.carrier.asked) == 1
    assert later.queued == set()


def test_an_instant_that_is_near_needs_no_tick(install: Install, later: Later) -> None:
    run = later.order(in_(seconds=60))
    assert later.queued == {run.id}
    assert later.dial(run, run.wanted_at).status is RunStatus.DIALING
    later.tick(run.wanted_at)
    assert (later.delays(run), later.is_woken(run)) == ([], False)
    messages_for(install.ports.dials, ())


@pytest.mark.parametrize(
    "at",
    [
        to_iso(in_(minutes=-2)),
        to_iso(in_(days=MOST_AHEAD.days + 1)),
        "2026-12-01T15:30:00",
        1796000000,
        "next Friday",
    ],
    # Not by their values: those of the present differ between the workers, which then share nothing out.
    ids=["past", "too far ahead", "without a zone", "a number", "words"],
)
def test_what_is_no_instant_to_call_at_is_refused(install: Install, later: Later, at: object) -> None:
    reply = later.post(scheduled_at=at)
    assert (reply.status_code, reply.json()["errors"][0]["loc"]) == (422, ["body", "scheduled_at"])
    assert runs_of(install, later.tenant) == []


def test_an_order_that_comes_twice_is_one_call(install: Install, later: Later) -> None:
    at = in_(hours=1)
    first, second = (later.order(at, dedupe_key="friday") for _ in range(2))
    assert first == second
    assert len(runs_of(install, later.tenant)) == 1


def test_the_rate_is_counted_when_the_call_is_ordered(install: Install, later: Later) -> None:
    install.store.organizations.set_limits(later.tenant.organization_id, Limits(calls_per_minute_per_key=2))
    at = in_(hours=1)
    orders = [later.post(scheduled_at=to_iso(at)) for _ in range(5)]
    assert "rate-limit" in [reply.json().get("code") for reply in orders]
    ordered = [reply for reply in orders if reply.status_code == 202]
    later.tick(at)
    assert len(later.queued) == len(ordered)


def test_a_call_that_is_called_off_is_shown_so_and_never_dialled(install: Install, later: Later) -> None:
    run = later.order(in_(hours=1), callback_url=CALLBACK_URL)
    assert later.delete(run) == 204
    shown = install.http.get(f"/api/v1/runs/{run.id}", headers=later.tenant.headers).json()
    assert (shown["status"], shown["end_reason"]) == ("canceled", "hangup_requested")
    # Whoever waits for its end is told, also if the message is lost.
    assert install.store.ledgers.get(run.organization_id).owed == {run.id}
    later.tick(run.wanted_at)
    later.dial(run, run.wanted_at)
    assert (later.queued, install.carrier.asked, later.delays(run)) == (set(), [], [])
    assert not later.is_woken(run)
    assert later.delete(run) == 204
    assert runs_of(install, later.tenant) == []


def test_a_call_that_waits_in_the_queue_is_called_off_likewise(install: Install, later: Later) -> None:
    run = later.order(in_(seconds=60))
    assert later.delete(run) == 204
    assert later.dial(run, run.wanted_at).status is RunStatus.CANCELED
    assert (later.queued, install.carrier.asked) == (set(), [])


def test_a_call_that_was_dialled_is_not_called_off(install: Install, later: Later) -> None:
    run = later.order(in_(seconds=60))
    later.dial(run, run.wanted_at)
    assert later.delete(run) == 409
    assert later.stored(run).status is RunStatus.DIALING


def test_another_organization_calls_nothing_off(install: Install, later: Later) -> None:
    run = later.order(in_(hours=1))
    stranger = install.new_tenant(f"{later.tenant.organization_id}-other")
    assert install.http.delete(f"/api/v1/runs/{run.id}", headers=stranger.headers).status_code == 404
    assert later.stored(run).status is RunStatus.QUEUED


def test_a_quota_that_is_used_up_by_then_fails_the_call_and_tells_so(install: Install, later: Later) -> None:
    run = later.order(in_(hours=1), callback_url=CALLBACK_URL)
    install.store.organizations.set_limits(run.organization_id, Limits(minutes_per_month=0))
    later.tick(run.wanted_at)
    failed = later.stored(run)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (RunStatus.FAILED, "quota-exceeded")
    assert install.store.ledgers.get(run.organization_id).owed == {run.id}
    assert not later.is_woken(run)


def test_a_call_that_nobody_looked_at_for_an_hour_is_not_placed_any_more(later: Later) -> None:
    run = later.order(in_(hours=1))
    later.tick(run.wanted_at + timedelta(minutes=61))
    failed = later.stored(run)
    assert failed.error is not None
    assert (failed.error.code, later.delays(run)) == ("queue-timeout", [])


class FullLedgers:
    """Ledgers whose queue has no place left."""

    def __init__(self, others: Ledgers) -> None:
        self.asked = 0
        self._others = others

    def __getattr__(self, name: str) -> Any:
        # The tick may find what tests before have left.
        return getattr(self._others, name)

    def enqueue(self, _: Admission, __: datetime) -> None:
        self.asked += 1
        raise LimitReachedError("The queue is full.", retry_after_seconds=5, code="queue-full")


class LostQueue:
    """A queue that is away."""

    def send(self, _: int, *, delay_seconds: int = 0) -> None:
        raise StorageError("The queue is away.")


def test_behind_a_run_that_finds_the_queue_full_no_other_of_its_organization_is_tried(
    install: Install, later: Later
) -> None:
    at = in_(hours=1)
    runs = {str(later.order(at).id) for _ in range(3)}
    due = [wake for wake in install.store.wakes.due(at, limit=9999) if wake.id in runs]
    ledgers: Any = FullLedgers(later.install.store.ledgers)
    ender = replace(install.ports.ender, ledgers=ledgers)
    replace(install.ports.scheduled_runs, dials=later.dials, ender=ender).wake(due, at)
    assert ledgers.asked == 1
    later.tick(at + timedelta(minutes=5))
    assert {str(run_id) for run_id in later.queued} == runs


def test_a_full_queue_is_tried_again_some_minutes_later(later: Later) -> None:
    run = later.order(in_(hours=1))
    full: Any = FullLedgers(later.install.store.ledgers)
    later.tick(run.wanted_at, ender=replace(later.install.ports.ender, ledgers=full))
    assert (later.stored(run).status, later.queued) == (RunStatus.QUEUED, set())
    later.tick(run.wanted_at)
    assert later.queued == set()
    later.tick(run.wanted_at + timedelta(minutes=5))
    assert later.queued == {run.id}


def test_a_message_that_is_not_sent_is_sent_by_the_next_tick(later: Later) -> None:
    run = later.order(in_(hours=1))
    with pytest.raises(StorageError):
        later.wake(run, dials=LostQueue())
    assert (later.queued, later.is_woken(run)) == ({run.id}, True)
    later.tick(run.wanted_at)
    assert (later.queued, later.delays(run), later.is_woken(run)) == ({run.id}, [0], False)


def test_two_ticks_at_once_queue_a_call_once(install: Install, later: Later) -> None:
    run = later.order(in_(hours=1))
    for _ in range(2):
        later.wake(run)
    assert later.queued == {run.id}
    for _ in later.dials.sent:
        later.dial(run, run.wanted_at)
    assert len(install.carrier.asked) == 1


def test_the_feeder_looks_each_minute_what_is_due(install: Install, later: Later) -> None:
    run = later.order(in_(hours=1))
    services = replace(make_feeder(install.ports), clock=lambda: run.wanted_at)
    handler = create_feeder(replace(services, tick=replace(services.tick, clock=lambda: run.wanted_at)))
    assert handler({}, None)[FIGURES]["WakeLateness"] >= 0
    assert (later.queued, later.is_woken(run)) == ({run.id}, False)
    assert messages_for(install.ports.dials, {run.id}) == [run.id]
    assert later.dial(run, run.wanted_at).status is RunStatus.DIALING
