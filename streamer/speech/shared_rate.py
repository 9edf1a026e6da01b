"""Requests to a service at the pace that all processes of the deployment share."""

import asyncio
import logging
from collections import Counter
from concurrent.futures import Executor
from dataclasses import dataclass

from offhook.agents.quotas import Quota, Quotas
from offhook.clock import Clock, system_clock
from offhook.errors import StorageError
from streamer.loop_time import now_s
from streamer.speech.ports import Order

logger = logging.getLogger(__name__)

# What is taken is good for so long: used later, it would come on top of what others have taken meanwhile.
_GOOD_FOR_S = 0.25
STORE_LIMIT_S = 0.1
"""A store that is slower than this holds nobody up: the service itself says when it is asked too often."""

_MOST_WAITING = 32


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    order: Order
    until_s: float
    turn: "asyncio.Future[bool]"


class SharedRate:
    """One quota, of which this process takes some requests at a time; nothing is asked of the store while it has any.

    Who waits is served by turns, an organization each, and what is made ahead after all that somebody waits for. Where
    too many wait, what is ahead gives up its place first, then the last one of whoever has most. Owns a task while
    somebody waits.
    """

    def __init__(
        self,
        quota: Quota,
        quotas: Quotas,
        threads: Executor,
        *,
        clock: Clock = system_clock,
        store_limit_s: float = STORE_LIMIT_S,
    ) -> None:
        self._quota = quota
        self._quotas = quotas
        self._threads = threads
        self._clock = clock
        self._store_limit_s = store_limit_s
        self._at_hand = 0
        self._good_until_s = 0.0
        self._waiting: list[_Waiter] = []
        self._served: Counter[str] = Counter()
        self._used = 0
        self._serving: asyncio.Task[None] | None = None

    async def wait(self, patience_s: float, order: Order) -> bool:
        """Return True when a request may be made, or False when it would wait for longer than this, or behind too many."""
        if not self._waiting and self._use():
            return True
        if not self._make_room(order):
            return False
        loop = asyncio.get_running_loop()
        waiter = _Waiter(order, now_s() + patience_s, loop.create_future())
        self._waiting.append(waiter)
        if self._serving is None or self._serving.done():
            self._serving = loop.create_task(self._serve())
        try:
            async with asyncio.timeout(patience_s):
                return await waiter.turn
        except TimeoutError:
            return False
        finally:
            self._forget(waiter)

    def _make_room(self, order: Order) -> bool:
        if len(self._waiting) < _MOST_WAITING:
            return True
        each = Counter(waiter.order.organization_id for waiter in self._waiting)
        last = max(
            reversed(self._waiting),
            key=lambda waiter: (waiter.order.is_ahead, each[waiter.order.organization_id]),
        )
        gives_way = (last.order.is_ahead, each[last.order.organization_id]) > (
            order.is_ahead,
            each[order.organization_id] + 1,
        )
        if gives_way:
            self._answer(last, may_ask=False)
        return gives_way

    async def _serve(self) -> None:
        while self._waiting:
            if self._use():
                self._answer(self._next(), may_ask=True)
                continue
            wait_s = await self._take()
            for waiter in self._waiting[:]:
                if now_s() + wait_s > waiter.until_s:
                    self._answer(waiter, may_ask=False)
            if self._waiting:
                await asyncio.sleep(wait_s)
        self._served.clear()

    def _next(self) -> _Waiter:
        waiter = min(
            self._waiting,
            key=lambda waiter: (waiter.order.is_ahead, self._served[waiter.order.organization_id]),
        )
        self._served[waiter.order.organization_id] += 1
        return waiter

    def _answer(self, waiter: _Waiter, *, may_ask: bool) -> None:
        self._forget(waiter)
        if not waiter.turn.done():
            waiter.turn.set_result(may_ask)

    def _forget(self, waiter: _Waiter) -> None:
        if waiter in self._waiting:
            self._waiting.remove(waiter)

    def _use(self) -> bool:
        if self._at_hand == 0 or now_s() > self._good_until_s:
            return False
        self._at_hand -= 1
        self._used += 1
        return True

    async def _take(self) -> float:
        """Take what is needed at the moment, a part of the whole at most; return how long to wait when there is none."""
        count = max(1, min(max(len(self._waiting), self._used), self._quota.at_once // 4))
        self._used = 0
        try:
            async with asyncio.timeout(self._store_limit_s):
                wait_ms = await asyncio.get_running_loop().run_in_executor(
                    self._threads, self._quotas.take, self._quota, count, self._clock()
                )
        except (StorageError, TimeoutError) as error:
            logger.warning("quota not taken", extra={"error_type": type(error).__name__})
            wait_ms = 0
        if wait_ms == 0:
            self._at_hand, self._good_until_s = count, now_s() + _GOOD_FOR_S
        return wait_ms / 1000
