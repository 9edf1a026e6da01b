"""The tick: what is due is woken, of each kind by its own waker, and what fails holds up nothing else."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from offhook.errors import StorageError
from offhook.waking import MOST_PER_TICK, TICK_LIMIT, Tick, Wake, WakeKind, Waker, Wakes
from tests.support.makers import NOON
from tests.support.waking import MemoryWakes, make_wake


class Clearing:
    """A waker that notes what it was given, and clears it, `lasting` so long."""

    def __init__(self, wakes: Wakes, clock: list[datetime], lasting: timedelta = timedelta()) -> None:
        self._wakes, self._clock, self._lasting = wakes, clock, lasting
        self.woken: list[str] = []

    def wake(self, wakes: Sequence[Wake], now: datetime) -> None:
        for wake in wakes:
            self._wakes.clear(wake.kind, wake.id)
            self.woken.append(wake.id)
        self._clock[0] = now + self._lasting


class Failing:
    """A waker whose database is away."""

    def wake(self, wakes: Sequence[Wake], now: datetime) -> None:
        raise StorageError("The database is away.")


def test_each_kind_is_woken_by_its_own_waker_once_it_is_due() -> None:
    later = make_wake("later", due_at=NOON + timedelta(seconds=1))
    wakes = MemoryWakes(make_wake("a"), make_wake("b", kind=WakeKind.CAMPAIGN), later)
    clock = [NOON]
    runs, campaigns = Clearing(wakes, clock), Clearing(wakes, clock)
    wakers = {WakeKind.RUN: runs, WakeKind.CAMPAIGN: campaigns}
    tick = Tick(wakes=wakes, wakers=wakers, clock=lambda: clock[0])
    tick.run()
    assert (runs.woken, campaigns.woken) == (["a"], ["b"])
    clock[0] = later.due_at
    tick.run()
    assert runs.woken == ["a", "later"]


def test_a_waker_that_fails_is_asked_again_and_holds_up_no_other() -> None:
    wakes = MemoryWakes(make_wake("a"), make_wake("b", kind=WakeKind.CAMPAIGN))
    campaigns = Clearing(wakes, [NOON])
    wakers: dict[WakeKind, Waker] = {WakeKind.RUN: Failing(), WakeKind.CAMPAIGN: campaigns}
    Tick(wakes=wakes, wakers=wakers, clock=lambda: NOON).run()
    assert campaigns.woken == ["b"]
    assert list(wakes.stored) == [(WakeKind.RUN, "a")]


def test_a_tick_that_lasts_too_long_leaves_the_rest_to_the_next_one() -> None:
    wakes = MemoryWakes(*[make_wake(str(number)) for number in range(250)])
    clock = [NOON]
    runs = Clearing(wakes, clock, lasting=TICK_LIMIT * 0.6)
    tick = Tick(wakes=wakes, wakers={WakeKind.RUN: runs}, clock=lambda: clock[0])
    tick.run()
    assert len(runs.woken) == 200
    tick.run()
    assert len(runs.woken) == 250


def test_a_tick_reads_a_bounded_number_of_wakes() -> None:
    wakes = MemoryWakes(*[make_wake(str(number)) for number in range(MOST_PER_TICK + 1)])
    runs = Clearing(wakes, [NOON])
    Tick(wakes=wakes, wakers={WakeKind.RUN: runs}, clock=lambda: NOON).run()
    assert len(wakes.stored) == 1


def test_a_tick_tells_how_long_what_was_due_first_has_waited() -> None:
    wakes = MemoryWakes(make_wake("a", due_at=NOON - timedelta(minutes=7)), make_wake("b"))
    wakers: dict[WakeKind, Waker] = {WakeKind.RUN: Clearing(wakes, [NOON])}
    tick = Tick(wakes=wakes, wakers=wakers, clock=lambda: NOON)
    assert tick.run() == timedelta(minutes=7)
    assert tick.run() == timedelta()
