"""The clock of the loop of these tests: fair to us, and to nobody who blocks the loop."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fair_time import FairLoop


@pytest.fixture
def loop() -> Iterator[FairLoop]:
    loop = FairLoop()
    yield loop
    loop.close()


def test_time_goes_on_while_the_loop_is_blocked(loop: FairLoop) -> None:
    began_s = loop.time()
    time.sleep(0.05)
    assert loop.time() - began_s >= 0.05


def test_time_goes_on_while_a_thread_of_ours_keeps_the_loop_from_waking(loop: FairLoop) -> None:
    may_compute = threading.Event()

    def compute() -> float:
        may_compute.wait()
        began_s = time.thread_time()
        # One call, in which no other thread of Python's has its turn.
        sum(range(10_000_000))
        return time.thread_time() - began_s

    async def tick() -> float:
        computing = loop.run_in_executor(None, compute)
        may_compute.set()
        while not computing.done():  # noqa: ASYNC110 - it is to wake often
            await asyncio.sleep(0.001)
        return await computing

    began_s = loop.time()
    computed_s = loop.run_until_complete(tick())
    assert loop.time() - began_s >= 0.9 * computed_s


@pytest.mark.skipif(
    not Path("/proc/thread-self/schedstat").exists(), reason="nobody tells here who waits for a processor"
)
def test_time_stands_still_while_others_have_the_processor(loop: FairLoop) -> None:
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    try:
        # It inherits that it may run on no other processor than we.
        with subprocess.Popen(
            [sys.executable, "-S", "-c", "print(flush=True)\nwhile True: pass"], stdout=subprocess.PIPE
        ) as other:
            assert other.stdout
            other.stdout.readline()
            began_s, wall_s, own_s = loop.time(), time.monotonic(), time.thread_time()
            while time.monotonic() < wall_s + 0.1:
                pass
            taken_s, own_s = loop.time() - began_s, time.thread_time() - own_s
            other.kill()
    finally:
        os.sched_setaffinity(0, processors)
    assert taken_s < 0.09
    assert taken_s == pytest.approx(own_s, abs=0.02)
