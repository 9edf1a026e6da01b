"""Owning runs on the real store: taking, losing, racing, and what the former owner can still do."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.errors import ConflictError, OwnershipLostError
from offhook.runs.ending.ender import RunEnder
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import TakeoverEvent
from offhook.runs.model import Ownership, Run, RunStatus
from offhook.runs.ports import EventLog
from streamer.record.possession import Possession, RunKeeper
from streamer.record.threads import Threads
from tests.support.makers import NOON, make_event, make_run

SOON = timedelta(seconds=15)


@pytest.fixture
async def threads() -> AsyncIterator[Threads]:
    pool = Threads("test-store", size=4)
    yield pool
    pool.close()


def ender(store: Store) -> RunEnder:
    return RunEnder(runs=store.runs, ledgers=store.ledgers, aftercalls=None, clock=lambda: NOON)


def keeper(store: Store, threads: Threads, owner: str, log: EventLog | None = None) -> RunKeeper:
    return RunKeeper(
        ender=ender(store), log=log or store.events, threads=threads, clock=lambda: NOON, owner=owner
    )


def stored_run(store: Store, organization_id: str, status: RunStatus = RunStatus.DIALING) -> Run:
    run = make_run(organization_id, status=status)
    store.runs.create(run)
    return run


def log_of(store: Store, run: Run) -> list[LogEntry]:
    return list(store.events.read(run.id, consistent=True))


def taken_over(possession: Possession) -> LogEntry:
    ownership = possession.ownership
    return make_event(possession.next_seq - 1, "takeover", epoch=ownership.epoch, owner=ownership.owner)


async def test_a_fresh_run_is_taken_with_its_first_event(
    store: Store, threads: Threads, organization_id: str
) -> None:
    run = stored_run(store, organization_id)
    possession = await keeper(store, threads, "streamer-1").take(run)
    assert possession.ownership == Ownership(owner="streamer-1", epoch=1, lease_until=NOON + SOON)
    assert possession.next_seq == 2
    assert list(possession.log) == [taken_over(possession)] == log_of(store, run)
    stored = store.runs.get(organization_id, run.id)
    assert (stored.status, stored.ownership) == (RunStatus.IN_PROGRESS, possession.ownership)
    assert stored.answered_at is not None


async def test_a_live_run_changes_hands_and_its_former_owner_can_do_nothing_more(
    store: Store, threads: Threads, organization_id: str
) -> None:
    old, new = keeper(store, threads, "streamer-1"), keeper(store, threads, "streamer-2")
    run = stored_run(store, organization_id)
    before = await old.take(run)
    await old.append(run.id, [make_event(2, digit="1"), make_event(3, digit="2")])
    possession = await new.take(store.runs.get_for_carrier(run.id))
    assert (possession.ownership.epoch, possession.next_seq) == (2, 5)
    with pytest.raises(OwnershipLostError):
        await old.append(run.id, [make_event(4, digit="3")])
    with pytest.raises(OwnershipLostError):
        await old.renew(before)
    with pytest.raises(OwnershipLostError):
        await old.finish(before, replace(run, status=RunStatus.COMPLETED))
    await new.append(run.id, [make_event(5, digit="4")])
    assert isinstance(log_of(store, run)[3].event, TakeoverEvent)
    assert store.runs.get(organization_id, run.id).ownership == possession.ownership


async def test_the_same_process_may_take_its_run_again(
    store: Store, threads: Threads, organization_id: str
) -> None:
    mine = keeper(store, threads, "streamer-1")
    run = stored_run(store, organization_id)
    first = await mine.take(run)
    second = await mine.take(store.runs.get_for_carrier(run.id))
    assert (first.ownership.epoch, second.ownership.epoch) == (1, 2)
    with pytest.raises(OwnershipLostError):
        await mine.renew(first)
    await mine.renew(second)


async def test_of_many_takers_at_once_one_wins(store: Store, threads: Threads, organization_id: str) -> None:
    run = stored_run(store, organization_id)
    takers = [keeper(store, threads, f"streamer-{n}") for n in range(6)]
    results = await asyncio.gather(*(taker.take(run) for taker in takers), return_exceptions=True)
    won = [result for result in results if isinstance(result, Possession)]
    assert len(won) == 1
    assert sum(isinstance(result, OwnershipLostError) for result in results) == 5
    assert log_of(store, run) == list(won[0].log)


async def test_whoever_shows_a_run_is_told_of_what_its_log_holds_and_of_nothing_else(
    store: Store, threads: Threads, organization_id: str
) -> None:
    shown: list[tuple[int, list[int]]] = []
    mine = keeper(store, threads, "streamer-1")
    mine.on_stored = lambda run_id, entries: shown.append((run_id, [entry.seq for entry in entries]))
    run = stored_run(store, organization_id)
    await mine.take(run)
    await mine.append(run.id, [make_event(2), make_event(3)])
    await keeper(store, threads, "streamer-2").take(store.runs.get_for_carrier(run.id))
    with pytest.raises(OwnershipLostError):
        await mine.append(run.id, [make_event(4, digit="4")])
    assert shown == [(run.id, [1]), (run.id, [2, 3])]


async def test_a_run_that_is_over_is_nobodys(store: Store, threads: Threads, organization_id: str) -> None:
    mine = keeper(store, threads, "streamer-1")
    run = stored_run(store, organization_id)
    possession = await mine.take(run)
    await mine.finish(possession, replace(run, status=RunStatus.COMPLETED))
    with pytest.raises(ConflictError) as refused:
        await mine.take(store.runs.get_for_carrier(run.id))
    assert not isinstance(refused.value, OwnershipLostError)
    assert log_of(store, run) == list(possession.log)


async def test_who_lets_a_run_go_has_not_lost_it_to_anybody(
    store: Store, threads: Threads, organization_id: str
) -> None:
    mine = keeper(store, threads, "streamer-1")
    run = stored_run(store, organization_id)
    possession = await mine.take(run)
    final = replace(run, status=RunStatus.COMPLETED)
    # The lease is renewed beside all that an end takes.
    await asyncio.gather(mine.finish(possession, final), mine.renew(possession))
    await mine.renew(possession)
    assert store.runs.get(organization_id, run.id).status is RunStatus.COMPLETED


class Interloper:
    """A log to which the former owner appends just after each of our first reads."""

    def __init__(self, log: EventLog, times: int) -> None:
        self._log = log
        self._left = times

    def read(self, run_id: int, *, after_seq: int = 0, consistent: bool = False) -> Iterator[LogEntry]:
        events = list(self._log.read(run_id, after_seq=after_seq, consistent=consistent))
        if self._left:
            self._left -= 1
            first = len(events) + 1
            self._log.append(run_id, [make_event(first, digit="1"), make_event(first + 1, digit="2")])
        return iter(events)

    def append(self, run_id: int, events: Sequence[LogEntry]) -> None:
        self._log.append(run_id, events)

    def delete(self, run_id: int) -> None:
        self._log.delete(run_id)

    def follow(self, run_id: int, last_seq: int) -> Iterator[LogEntry]:
        return self._log.follow(run_id, last_seq)

    def ends(self, run_id: int) -> tuple[int, int]:
        return self._log.ends(run_id)


async def test_a_former_owner_who_is_still_writing_is_survived(
    store: Store, threads: Threads, organization_id: str
) -> None:
    run = stored_run(store, organization_id)
    await keeper(store, threads, "streamer-1").take(run)
    busy = keeper(store, threads, "streamer-2", Interloper(store.events, times=3))
    possession = await busy.take(store.runs.get_for_carrier(run.id))
    assert [event.seq for event in possession.log] == list(range(1, 9))
    assert list(possession.log) == log_of(store, run)
    assert possession.log[-1] == taken_over(possession)


async def test_a_former_owner_who_never_stops_writing_keeps_the_run_from_us(
    store: Store, threads: Threads, organization_id: str
) -> None:
    run = stored_run(store, organization_id)
    with pytest.raises(OwnershipLostError):
        await keeper(store, threads, "streamer-2", Interloper(store.events, times=1000)).take(run)


@dataclass
class FasterCallback:
    """A store in which the carrier's callback moves the run just before we do."""

    store: Store
    status: RunStatus

    def __getattr__(self, name: str) -> object:
        return getattr(self.store.runs, name)

    def advance(self, run: Run, status: RunStatus) -> Run:
        self.store.runs.advance(run, self.status)
        return self.store.runs.advance(run, status)


def racing(store: Store, threads: Threads, status: RunStatus) -> RunKeeper:
    return RunKeeper(
        ender=replace(ender(store), runs=FasterCallback(store, status)),  # type: ignore[arg-type]
        log=store.events,
        threads=threads,
        clock=lambda: NOON,
        owner="streamer-1",
    )


async def test_a_status_callback_that_is_faster_does_no_harm(
    store: Store, threads: Threads, organization_id: str
) -> None:
    run = stored_run(store, organization_id)
    possession = await racing(store, threads, RunStatus.IN_PROGRESS).take(run)
    assert store.runs.get(organization_id, run.id).ownership == possession.ownership


async def test_a_run_that_ends_while_it_is_taken_is_over(
    store: Store, threads: Threads, organization_id: str
) -> None:
    run = stored_run(store, organization_id)
    with pytest.raises(ConflictError):
        await racing(store, threads, RunStatus.CANCELED).take(run)
    assert store.runs.get(organization_id, run.id).status is RunStatus.CANCELED
