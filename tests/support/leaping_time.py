"""A loop whose clock leaps over the time in which nothing can happen: a limit of seconds is tested, and nobody waits for it."""

import asyncio
import selectors
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVarTuple, Unpack

_Ts = TypeVarTuple("_Ts")


class LeapingLoop(asyncio.SelectorEventLoop):
    """Leaps to its next timer when it would only wait for that; its time is real where sockets or threads have a say."""

    def __init__(self) -> None:
        self.leapt_s = 0.0
        self._in_threads = 0
        self._threads_before = threading.active_count()
        super().__init__(_LeapingSelector(self))

    def time(self) -> float:
        return super().time() + self.leapt_s

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


class _LeapingSelector(selectors.DefaultSelector):
    """Waits for nothing but what it may come."""

    def __init__(self, loop: LeapingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # One file is the loop's own, by which threads wake it.
        if timeout is None or timeout <= 0 or len(self.get_map()) > 1 or not self._loop.is_alone:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self._loop.leapt_s += timeout
        return ready
