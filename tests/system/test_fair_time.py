"""The clock of the loop of these tests: fair to us, and to nobody who blocks the loop."""

import os
import subprocess
import sys
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
