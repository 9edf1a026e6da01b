"""The pace that all processes share: what is at hand, who waits, and who holds nobody up."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime

import pytest

from offhook.agents.quotas import Quota
from offhook.errors import StorageError
from streamer.speech.ports import Order
from streamer.speech.shared_rate import SharedRate

QUOTA = Quota(name="q", per_second=80, at_once=80)
ORDER = Order(organization_id="one")


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
    assert await asyncio.gather(*(rate.wait(5, ORDER) for _ in range(20))) == [True] * 20
    assert quotas.asked == [20]


async def test_while_there_are_some_at_hand_nothing_is_asked(threads: Executor) -> None:
    quotas = Scripted()
    rate = SharedRate(QUOTA, quotas, threads)
    await asyncio.gather(*(rate.wait(5, ORDER) for _ in range(4)))
    await rate.wait(5, ORDER)
    asked = len(quotas.asked)
    assert await asyncio.gather(*(rate.wait(5, ORDER) for _ in range(quotas.asked[-1] - 1))) != []
    assert len(quotas.asked) == asked


async def test_who_would_wait_too_long_is_told_so_at_once(threads: Executor) -> None:
    rate = SharedRate(QUOTA, Scripted(60_000), threads)
    async with asyncio.timeout(5):
        assert not await rate.wait(30, ORDER)


async def test_who_waits_a_little_gets_their_turn(threads: Executor) -> None:
    quotas = Scripted(20, 5)
    assert await SharedRate(QUOTA, quotas, threads).wait(5, ORDER)
    assert len(quotas.asked) == 3


async def test_behind_too_many_nobody_waits(threads: Executor) -> None:
    held = threading.Event()
    rate = SharedRate(QUOTA, Scripted(held), threads)
    waiting = [asyncio.create_task(rate.wait(5, ORDER)) for _ in range(32)]
    await asyncio.sleep(0)
    assert not await rate.wait(5, ORDER)
    held.set()
    assert all(await asyncio.gather(*waiting))


@pytest.mark.parametrize("trouble", [StorageError("away"), threading.Event()])
async def test_a_store_that_is_away_holds_nobody_up(
    threads: Executor, trouble: StorageError | threading.Event
) -> None:
    rate = SharedRate(QUOTA, Scripted(trouble), threads)
    assert await rate.wait(2, ORDER)
    if isinstance(trouble, threading.Event):
        trouble.set()


class Slow:
    """Gives one request at a time, when it is let."""

    def __init__(self) -> None:
        self._may = threading.Semaphore(0)

    def let(self) -> None:
        self._may.release()

    def take(self, quota: Quota, count: int, now: datetime) -> int:
        assert self._may.acquire(timeout=5)
        return 0


ONE_AT_A_TIME = Quota(name="q", per_second=4, at_once=4)


async def served(threads: Executor, orders: Sequence[Order]) -> list[tuple[int, bool]]:
    """Have all of these wait, and then serve them one by one; return the number of each as it is answered, and what."""
    slow, answers = Slow(), list[tuple[int, bool]]()
    rate = SharedRate(ONE_AT_A_TIME, slow, threads, store_limit_s=5)

    async def wait(number: int, order: Order) -> None:
        answers.append((number, await rate.wait(5, order)))

    async with asyncio.TaskGroup() as tasks:
        for number, order in enumerate(orders):
            tasks.create_task(wait(number, order))
            await asyncio.sleep(0)
        for _ in orders:
            slow.let()
    return answers


def of(organization_id: str, *, is_ahead: bool = False) -> Order:
    return Order(organization_id=organization_id, is_ahead=is_ahead)


async def test_organizations_take_turns(threads: Executor) -> None:
    orders = [*[of("many")] * 5, of("few"), of("few"), of("one")]
    assert await served(threads, orders) == [(n, True) for n in (0, 5, 7, 1, 6, 2, 3, 4)]


async def test_what_is_made_ahead_waits_for_all_that_somebody_waits_for(threads: Executor) -> None:
    ahead = of("a", is_ahead=True)
    orders = [ahead, of("b", is_ahead=True), of("b"), of("b"), of("c")]
    assert await served(threads, orders) == [(n, True) for n in (2, 4, 3, 0, 1)]


async def test_what_was_made_ahead_is_somebodys_turn_once_it_is_wanted(threads: Executor) -> None:
    slow = Slow()
    rate = SharedRate(ONE_AT_A_TIME, slow, threads, store_limit_s=5)
    prepared = of("a", is_ahead=True)
    first = asyncio.create_task(rate.wait(5, prepared))
    other = asyncio.create_task(rate.wait(5, of("b", is_ahead=True)))
    await asyncio.sleep(0)
    other_prepared = asyncio.create_task(rate.wait(5, of("c", is_ahead=True)))
    await asyncio.sleep(0)
    prepared.is_ahead = False
    slow.let()
    assert await first
    assert not other.done()
    assert not other_prepared.done()
    slow.let()
    slow.let()
    assert await other
    assert await other_prepared


@pytest.mark.parametrize(
    ("waiting", "newcomer", "turned_away"),
    [
        # Who has most gives up its last place to whoever has less, and to nobody else.
        ([of("many")] * 32, of("few"), 31),
        ([of("many")] * 32, of("many"), 32),
        ([of("a"), of("b")] * 16, of("c"), 31),
        # What nobody waits for makes way for anybody.
        ([*[of("a", is_ahead=True)] * 2, *[of("b")] * 30], of("b"), 1),
        ([of("b")] * 32, of("c", is_ahead=True), 32),
    ],
)
async def test_too_many_who_wait_make_way_fairly(
    threads: Executor, waiting: list[Order], newcomer: Order, turned_away: int
) -> None:
    answers = dict(await served(threads, [*waiting, newcomer]))
    assert [number for number, may_ask in answers.items() if not may_ask] == [turned_away]
