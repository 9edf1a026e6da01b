"""A loop whose clock leaps over the time in which nothing can happen: a limit of seconds is tested, and nobody waits for it."""

import asyncio
import selectors
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVarTuple, Unpack

from tests.support.fair_time import FairLoop, FairSelector

_Ts = TypeVarTuple("_Ts")


class LeapingLoop(FairLoop):
    """Leaps to its next timer when it would only wait for that; its time is real where sockets or threads have a say.

    No time passes while it computes, so that what takes 80 ms takes 80 ms.
    """

    def __init__(self) -> None:
        self._in_threads = 0
        self._threads_before = threading.active_count()
        super().__init__(_LeapingSelector(self))

    def time(self) -> float:
        return self.waited_s

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[_Ts]], Any], *args: *_Ts
    ) -> "asyncio.Future[Any]":
        self._in_threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._come_back)
        return future

    def _come_back(self, _: object) -> None:
        self._in_threads -= 1

    @property
    def is_alone(self) -> bool:
        """Whether nothing from outside can wake it."""
        return not self._in_threads and threading.active_count() <= self._threads_before


class _LeapingSelector(FairSelector):
    """Waits for nothing but what it may come."""

    def __init__(self, loop: LeapingLoop) -> None:
        super().__init__(loop)
        self._leaping = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # One file is the loop's own, by which threads wake it.
        if timeout is None or timeout <= 0 or len(self.get_map()) > 1 or not self._leaping.is_alone:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self._leaping.waited_s += timeout
        return ready
