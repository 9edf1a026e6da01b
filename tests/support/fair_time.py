"""A loop whose clock stands still while others have the processor: what is timed is what we take, on any machine.

It goes on while the loop is blocked: whoever talks on it hears that.
"""

import asyncio
import os
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

_T = TypeVar("_T")


class FairLoop(asyncio.SelectorEventLoop):
    """Its time is that in which it has the processor, or wants none of it."""

    def __init__(self, selector: "FairSelector | None" = None) -> None:
        self.waited_s = 0.0
        self.slept_s = 0.0
        self.kept_s = 0.0
        self._queue = _Queue()
        super().__init__(selector or FairSelector(self))

    def time(self) -> float:
        return self.waited_s + self.kept_s + self.unqueued_s() - self.slept_s

    def unqueued_s(self) -> float:
        """Return the time on the wall, but for that in which it waited for a processor."""
        return time.monotonic() - self._queue.waited_s()

    def close(self) -> None:
        super().close()
        self._queue.close()


class FairSelector(selectors.DefaultSelector):
    """Tells its loop how long it waited, but for the time by which it was woken too late.

    That in which other threads of ours computed is the loop's all the same: they may have kept it from waking.
    """

    def __init__(self, loop: FairLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        wall_s, began_s, computed_s = time.monotonic(), self._loop.unqueued_s(), time.process_time()
        ready = super().select(timeout)
        slept_s = self._loop.unqueued_s() - began_s
        waited_s = slept_s if timeout is None else min(slept_s, max(0.0, timeout))
        self._loop.waited_s += waited_s
        self._loop.slept_s += slept_s
        if timeout is not None:
            late_s = max(0.0, time.monotonic() - wall_s - waited_s)
            self._loop.kept_s += min(late_s, time.process_time() - computed_s)
        return ready


class _Queue:
    """Knows how long this thread could have run and had no processor; nothing of it but on Linux."""

    def __init__(self) -> None:
        try:
            self._file: int | None = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:
            self._file = None

    def waited_s(self) -> float:
        return 0.0 if self._file is None else int(os.pread(self._file, 64, 0).split()[1]) / 1e9

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextmanager
def fair_clock() -> Iterator[Callable[[], float]]:
    """Give the clock of this thread alone, for what blocks it: it stands still too while others have the processor."""
    queue = _Queue()
    try:
        yield lambda: time.monotonic() - queue.waited_s()
    finally:
        queue.close()


def run_fairly(main: Coroutine[Any, Any, _T]) -> _T:
    """Run it to its end on such a loop."""
    with asyncio.Runner(loop_factory=FairLoop) as runner:
        return runner.run(main)
