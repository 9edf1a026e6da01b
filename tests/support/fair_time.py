"""A loop whose clock stands still while others have the processor: what is timed is what we take, on any machine."""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class FairLoop(asyncio.SelectorEventLoop):
    """Its time is that in which it computes, and that in which it waits and means to."""

    def __init__(self, selector: "FairSelector | None" = None) -> None:
        self.waited_s = 0.0
        super().__init__(selector or FairSelector(self))

    def time(self) -> float:
        return self.waited_s + time.thread_time()


class FairSelector(selectors.DefaultSelector):
    """Tells its loop how long it waited, but for the time by which it was woken too late."""

    def __init__(self, loop: FairLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        began_s = time.monotonic()
        ready = super().select(timeout)
        waited_s = time.monotonic() - began_s
        self._loop.waited_s += waited_s if timeout is None else min(waited_s, max(0.0, timeout))
        return ready


def run_fairly(main: Coroutine[Any, Any, _T]) -> _T:
    """Run it to its end on such a loop."""
    with asyncio.Runner(loop_factory=FairLoop) as runner:
        return runner.run(main)
