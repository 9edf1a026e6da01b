"""Writing a run's log: numbered at once, stored in order and in batches, whatever the store does meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from offhook.errors import OwnershipLostError, StorageError
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import DtmfEvent
from offhook.runs.ports import MAX_EVENTS_PER_FLUSH
from streamer.record.event_writer import EventWriter
from tests.support.makers import NOON


class FakeLog:
    """Stores batches; before each it waits at the gate, then fails as often as it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[LogEntry]] = []
        self.attempts: list[list[int]] = []
        self.failures: list[Exception] = []
        self.loses_replies = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()
        self.under_way = 0

    async def append(self, events: Sequence[LogEntry]) -> None:
        self.under_way += 1
        assert self.under_way == 1, "two flushes in flight"
        self.attempts.append([event.seq for event in events])
        self.asked.set()
        try:
            await self.gate.wait()
            if self.failures:
                if self.loses_replies:
                    self._store(events)
                raise self.failures.pop(0)
            self._store(events)
        finally:
            self.under_way -= 1

    def _store(self, events: Sequence[LogEntry]) -> None:
        if self.batches and self.batches[-1][0].seq == events[0].seq:
            assert self.batches[-1] == list(events), "somebody else's events at this seq"
        else:
            self.batches.append(list(events))

    @property
    def seqs(self) -> list[int]:
        return [event.seq for batch in self.batches for event in batch]

    @property
    def digits(self) -> list[object]:
        return [event.data["digit"] for batch in self.batches for event in batch]


@asynccontextmanager
async def writing(log: FakeLog, *, next_seq: int = 1, gather_s: float = 0.001) -> AsyncIterator[EventWriter]:
    writer = EventWriter(log.append, clock=lambda: NOON, next_seq=next_seq, gather_s=gather_s, retry_s=0.001)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(writer.run())
        yield writer
        task.cancel()


def add(writer: EventWriter, *digits: int) -> None:
    for digit in digits:
        writer.add(DtmfEvent(digit=str(digit), offset_ms=0))


async def write(log: FakeLog, number: int) -> None:
    async with writing(log) as writer:
        add(writer, *range(number))
        await writer.flush()


async def test_events_are_stored_in_order_and_numbered_without_gaps() -> None:
    log = FakeLog()
    async with writing(log, next_seq=7) as writer:
        for digit in range(20):
            add(writer, digit)
            if digit % 3 == 1:
                await writer.flush()
    assert log.seqs == list(range(7, 27))
    assert log.digits == [str(digit) for digit in range(20)]


async def test_what_is_added_together_is_stored_together() -> None:
    log = FakeLog()
    async with writing(log, gather_s=0.2) as writer:
        add(writer, 1, 2, 3)
        await log.asked.wait()
        await writer.flush()
    assert [len(batch) for batch in log.batches] == [3]


async def test_a_batch_has_as_many_events_as_the_log_takes() -> None:
    log, number = FakeLog(), 2 * MAX_EVENTS_PER_FLUSH + 5
    async with writing(log) as writer:
        add(writer, *range(number))
        await writer.flush()
        assert [len(batch) for batch in log.batches] == [MAX_EVENTS_PER_FLUSH, MAX_EVENTS_PER_FLUSH, 5]
    assert log.seqs == list(range(1, number + 1))


async def test_events_that_come_during_a_flush_wait_for_the_next() -> None:
    log = FakeLog()
    log.gate.clear()
    async with writing(log) as writer:
        add(writer, 1)
        await log.asked.wait()
        add(writer, 2, 3)
        log.gate.set()
        await writer.flush()
    assert log.attempts == [[1], [2, 3]]


async def test_flush_returns_once_everything_is_stored_and_not_before() -> None:
    log = FakeLog()
    log.gate.clear()
    async with writing(log) as writer:
        add(writer, 1)
        async with asyncio.TaskGroup() as tasks:
            flushed = tasks.create_task(writer.flush())
            await log.asked.wait()
            assert not flushed.done()
            add(writer, 2)
            log.gate.set()
        assert log.seqs == [1, 2]


async def test_flush_does_not_wait_for_more_to_gather() -> None:
    log = FakeLog()
    async with writing(log, gather_s=3600) as writer:
        add(writer, 1)
        await writer.flush()
        await writer.flush()
        add(writer, 2)
        await asyncio.gather(writer.flush(), writer.flush())
    assert log.seqs == [1, 2]


async def test_flush_of_nothing_returns_at_once() -> None:
    log = FakeLog()
    async with writing(log) as writer:
        await writer.flush()
    assert log.attempts == []


async def test_what_the_store_refuses_is_tried_again_in_the_same_batch() -> None:
    log = FakeLog()
    log.failures = [StorageError("away"), StorageError("away")]
    log.gate.clear()
    async with writing(log) as writer:
        add(writer, 1, 2)
        await log.asked.wait()
        add(writer, 3)
        log.gate.set()
        await writer.flush()
    assert log.attempts == [[1, 2], [1, 2], [1, 2], [3]]
    assert log.digits == ["1", "2", "3"]


async def test_a_lost_reply_neither_loses_nor_doubles_anything() -> None:
    log = FakeLog()
    log.failures = [StorageError("no reply")]
    log.loses_replies = True
    log.gate.clear()
    async with writing(log) as writer:
        add(writer, 1)
        await log.asked.wait()
        add(writer, 2)
        log.gate.set()
        await writer.flush()
    assert log.seqs == [1, 2]


async def test_a_lost_run_ends_the_writing() -> None:
    log = FakeLog()
    log.failures = [OwnershipLostError("Another process owns the run now.")]
    with pytest.raises(ExceptionGroup) as ended:
        await write(log, 1)
    assert ended.group_contains(OwnershipLostError)
    assert log.batches == []


async def test_a_store_that_stays_away_ends_the_writing_before_the_memory() -> None:
    log = FakeLog()
    log.failures = [StorageError("away")] * 3
    log.gate.clear()

    async def write_without_a_store() -> None:
        async with writing(log) as writer:
            add(writer, 0)
            await log.asked.wait()
            add(writer, *range(6000))
            log.gate.set()
            await writer.flush()

    with pytest.raises(ExceptionGroup) as ended:
        await write_without_a_store()
    assert ended.group_contains(OwnershipLostError)
    assert log.batches == []


async def test_a_storm_of_events_ends_the_writing_before_the_memory() -> None:
    log = FakeLog()
    with pytest.raises(ExceptionGroup) as ended:
        await write(log, 6000)
    assert ended.group_contains(OwnershipLostError)
