"""Placing a call while the store fails: nobody is called twice, and no place is lost."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from functions.trigger.services import make_services as make_trigger
from offhook.clock import system_clock
from offhook.errors import LimitReachedError, NotFoundError, StorageError
from offhook.ids import new_run_id
from offhook.organizations.limits import Limits
from offhook.runs.ledger import Ledgers
from offhook.runs.model import Run, RunStatus
from offhook.runs.placing.creating import NOT_DIALLED
from offhook.runs.placing.orders import RunNumber
from offhook.runs.placing.placer import CallNotPlacedError, CallPlacer
from offhook.runs.ports import RunRepository
from tests.support.carrier import Answer
from tests.support.makers import make_run
from tests.support.rest import Install, Tenant
from tests.support.triggers import assert_nothing_happened, place, runs_of


@dataclass
class Failing:
    """Stored runs where one method fails, after or before it has done its work."""

    runs: RunRepository
    method: str
    does_it: bool

    def __getattr__(self, name: str) -> Any:
        method: Callable[..., Any] = getattr(self.runs, name)
        if name != self.method:
            return method

        def fail(*arguments: Any, **options: Any) -> None:
            if self.does_it:
                method(*arguments, **options)
            raise StorageError("DynamoDB did not answer.")

        return fail


def failing_placer(install: Install, method: str, *, does_it: bool) -> CallPlacer:
    runs: Any = Failing(install.store.runs, method, does_it)
    placer = make_trigger(install.ports).placer
    return replace(placer, ender=replace(placer.ender, runs=runs), dialing=replace(placer.dialing, runs=runs))


def test_a_run_that_was_stored_although_the_reply_was_lost_is_given_up(
    install: Install, tenant: Tenant
) -> None:
    with pytest.raises(StorageError):
        place(install, tenant, failing_placer(install, "create", does_it=True))
    (run,) = runs_of(install, tenant)
    assert run.error is not None
    assert (run.status, run.error.code) == (RunStatus.FAILED, NOT_DIALLED)
    ledger = install.store.ledgers.get(tenant.organization_id)
    assert (ledger.live, ledger.owed, install.carrier.asked) == (frozenset(), frozenset(), [])


def test_a_run_that_was_not_stored_leaves_nothing_behind(install: Install, tenant: Tenant) -> None:
    with pytest.raises(StorageError):
        place(install, tenant, failing_placer(install, "create", does_it=False))
    assert_nothing_happened(install, tenant)


def test_a_ringing_call_is_placed_although_its_id_could_not_be_stored(
    install: Install, tenant: Tenant
) -> None:
    run = place(install, tenant, failing_placer(install, "set_call_id", does_it=False))
    assert (run.status, run.telephony.call_id) == (RunStatus.DIALING, "sess-0f3b")
    assert install.store.ledgers.get(tenant.organization_id).live == {run.id}


def test_what_the_carrier_says_is_told_although_it_could_not_be_stored(
    install: Install, tenant: Tenant
) -> None:
    install.carrier.answer = Answer(status=404)
    with pytest.raises(CallNotPlacedError) as raised:
        place(install, tenant, failing_placer(install, "advance", does_it=False))
    (run,) = runs_of(install, tenant)
    assert (raised.value.run_id, raised.value.code) == (run.id, "carrier-refused")
    # The reaper finds it there.
    assert install.store.ledgers.get(tenant.organization_id).live == {run.id}


@pytest.mark.parametrize("status", [RunStatus.DIALING, RunStatus.NO_ANSWER])
def test_an_earlier_try_that_was_only_slow_is_not_dialled_again(
    install: Install, tenant: Tenant, status: RunStatus
) -> None:
    slow = make_run(tenant.organization_id, id=new_run_id(system_clock()), status=status)
    install.store.runs.create(slow)
    number = RunNumber(run_id=slow.id, another=pytest.fail, is_repeated=True)
    assert place(install, tenant, make_trigger(install.ports).placer, number=number).id == slow.id
    assert install.carrier.asked == []
    live = install.store.ledgers.get(tenant.organization_id).live
    assert live == (frozenset() if status.is_final else {slow.id})


@dataclass
class ReapedMeanwhile:
    """Stored runs; when one is made, the reaper has just found its place without a run."""

    runs: RunRepository
    ledgers: Ledgers

    def __getattr__(self, name: str) -> Any:
        return getattr(self.runs, name)

    def create(self, run: Run) -> None:
        self.ledgers.forget(run.organization_id, run.id)
        self.runs.create(run)


def reaped_placer(install: Install) -> CallPlacer:
    runs: Any = ReapedMeanwhile(install.store.runs, install.store.ledgers)
    placer = make_trigger(install.ports).placer
    return replace(placer, ender=replace(placer.ender, runs=runs))


def repeated() -> RunNumber:
    long_ago = system_clock() - timedelta(hours=1)
    return RunNumber(
        run_id=new_run_id(long_ago), is_repeated=True, another=lambda: new_run_id(system_clock())
    )


def test_a_late_try_keeps_the_place_that_the_reaper_took_for_one_left_behind(
    install: Install, tenant: Tenant
) -> None:
    run = place(install, tenant, reaped_placer(install), number=repeated())
    assert install.store.ledgers.get(tenant.organization_id).live == {run.id}
    assert len(install.carrier.asked) == 1


def test_a_late_try_whose_place_another_has_taken_meanwhile_dials_nobody(
    install: Install, tenant: Tenant
) -> None:
    placer = reaped_placer(install)
    install.store.organizations.set_limits(tenant.organization_id, Limits(calls_per_minute_per_key=1))
    with pytest.raises(LimitReachedError):
        place(install, tenant, placer, number=repeated())
    (run,) = runs_of(install, tenant)
    assert run.error is not None
    assert (run.status, run.error.code) == (RunStatus.FAILED, NOT_DIALLED)
    assert install.store.ledgers.get(tenant.organization_id).live == frozenset()
    assert install.carrier.asked == []


def test_a_try_that_was_never_made_before_has_no_run(install: Install, tenant: Tenant) -> None:
    placer = make_trigger(install.ports).placer
    number = RunNumber(run_id=new_run_id(system_clock()), another=pytest.fail, is_repeated=True)
    assert placer.creator.created_before(tenant.organization_id, number) is None
    with pytest.raises(NotFoundError):
        install.store.runs.get(tenant.organization_id, number.run_id)
