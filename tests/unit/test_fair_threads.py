"""Threads that organizations share: nobody's slow calls keep another's waiting."""

import asyncio
from collections.abc import Iterator
from threading import Event

import pytest

from streamer.tools.fair_threads import MOST_WAITING, FairThreads


@pytest.fixture
def threads() -> Iterator[FairThreads]:
    made = FairThreads("test", size=4, most_of_one=3)
    yield made
    made.close()


async def test_a_call_returns_its_result_or_raises(threads: FairThreads) -> None:
    assert await threads.run("a", lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        await threads.run("a", lambda: 1 // 0)


async def test_whoever_has_many_slow_calls_holds_up_nobody_else(threads: FairThreads) -> None:
    go_on = Event()
    slow = [asyncio.ensure_future(threads.run("a", go_on.wait)) for _ in range(20)]
    async with asyncio.timeout(5):
        assert await asyncio.gather(*(threads.run("b", lambda: "done") for _ in range(50))) == ["done"] * 50
    assert not any(each.done() for each in slow)
    go_on.set()
    assert all(await asyncio.gather(*slow))


async def test_a_thread_that_is_free_goes_to_whoever_has_fewest(threads: FairThreads) -> None:
    gates = [Event() for _ in range(4)]
    order: list[str] = []
    first = [asyncio.ensure_future(threads.run("a", gates[n].wait)) for n in range(3)]
    first.append(asyncio.ensure_future(threads.run("b", gates[3].wait)))
    await asyncio.sleep(0)
    later = [
        asyncio.ensure_future(threads.run(name, lambda name=name: order.append(name)))  # type: ignore[misc]
        for name in ("a", "a", "c", "b")
    ]
    await asyncio.sleep(0)
    gates[0].set()
    await asyncio.gather(*later)
    assert order[0] == "c"
    for gate in gates:
        gate.set()
    await asyncio.gather(*first)


async def test_too_many_that_wait_are_refused(threads: FairThreads) -> None:
    go_on = Event()
    calls = [asyncio.ensure_future(threads.run("a", go_on.wait)) for _ in range(3 + MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        await threads.run("a", go_on.wait)
    assert await threads.run("b", lambda: 1) == 1
    go_on.set()
    assert all(await asyncio.gather(*calls))


async def test_whoever_stops_waiting_leaves_its_place_to_others(threads: FairThreads) -> None:
    go_on = Event()
    running = [asyncio.ensure_future(threads.run("a", go_on.wait)) for _ in range(3)]
    waiting = asyncio.ensure_future(threads.run("a", go_on.wait))
    await asyncio.sleep(0)
    waiting.cancel()
    running[0].cancel()
    await asyncio.gather(waiting, running[0], return_exceptions=True)
    # Its thread is still busy: a place that is not free is given to nobody.
    late = asyncio.ensure_future(threads.run("a", lambda: 1))
    await asyncio.sleep(0)
    assert not late.done()
    go_on.set()
    assert await late == 1
    assert all(await asyncio.gather(*running[1:]))


async def test_who_waits_no_more_takes_nobodys_place(threads: FairThreads) -> None:
    go_on = Event()
    running = [asyncio.ensure_future(threads.run("a", go_on.wait)) for _ in range(3)]
    waiting = [asyncio.ensure_future(threads.run("a", go_on.wait)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    for each in waiting:
        each.cancel()
    await asyncio.wait(waiting)
    last = asyncio.ensure_future(threads.run("a", lambda: "done"))
    await asyncio.sleep(0)
    go_on.set()
    assert (await last, *await asyncio.gather(*running)) == ("done", True, True, True)
