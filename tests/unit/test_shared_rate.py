"""The pace that all processes share: what is at hand, who waits, and who holds nobody up."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime

import pytest

from offhook.agents.quotas import Quota
from offhook.errors import StorageError
from streamer.speech.shared_rate import SharedRate

QUOTA = Quota(name="q", per_second=80, at_once=80)


class Scripted:
    """Answers with the next of its waits, and keeps how many were asked for."""

    def __init__(self, *waits: int | Exception | threading.Event) -> None:
        self._waits = list(waits)
        self.asked: list[int] = []

    def take(self, quota: Quota, count: int, now: datetime) -> int:
        self.asked.append(count)
        wait = self._waits.pop(0) if self._waits else 0
        if isinstance(wait, Exception):
            raise wait
        if isinstance(wait, threading.Event):
            wait.wait(5)
            return 0
        return wait


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


async def test_many_who_wait_are_asked_for_together(threads: Executor) -> None:
    quotas = Scripted()
    rate = SharedRate(QUOTA, quotas, threads)
    assert await asyncio.gather(*(rate.wait(5) for _ in range(20))) == [True] * 20
    assert quotas.asked == [1, 19]


async def test_while_there_are_some_at_hand_nothing_is_asked(threads: Executor) -> None:
    quotas = Scripted()
    rate = SharedRate(QUOTA, quotas, threads)
    await asyncio.gather(*(rate.wait(5) for _ in range(4)))
    await rate.wait(5)
    asked = len(quotas.asked)
    assert await asyncio.gather(*(rate.wait(5) for _ in range(quotas.asked[-1] - 1))) != []
    assert len(quotas.asked) == asked


async def test_who_would_wait_too_long_is_told_so_at_once(threads: Executor) -> None:
    rate = SharedRate(QUOTA, Scripted(60_000), threads)
    async with asyncio.timeout(5):
        assert not await rate.wait(30)


async def test_who_waits_a_little_gets_their_turn(threads: Executor) -> None:
    quotas = Scripted(20, 5)
    assert await SharedRate(QUOTA, quotas, threads).wait(5)
    assert len(quotas.asked) == 3


async def test_behind_too_many_nobody_waits(threads: Executor) -> None:
    held = threading.Event()
    rate = SharedRate(QUOTA, Scripted(held), threads)
    waiting = [asyncio.create_task(rate.wait(5)) for _ in range(32)]
    await asyncio.sleep(0)
    assert not await rate.wait(5)
    held.set()
    assert all(await asyncio.gather(*waiting))


@pytest.mark.parametrize("trouble", [StorageError("away"), threading.Event()])
async def test_a_store_that_is_away_holds_nobody_up(
    threads: Executor, trouble: StorageError | threading.Event
) -> None:
    rate = SharedRate(QUOTA, Scripted(trouble), threads)
    assert await rate.wait(2)
    if isinstance(trouble, threading.Event):
        trouble.set()
