"""Requests to a service at the pace that all processes of the deployment share."""

import asyncio
import logging
from concurrent.futures import Executor

from offhook.agents.quotas import Quota, Quotas
from offhook.clock import Clock, system_clock
from offhook.errors import StorageError

logger = logging.getLogger(__name__)

# What is taken is good for so long: used later, it would come on top of what others have taken meanwhile.
_GOOD_FOR_S = 0.25
STORE_LIMIT_S = 0.1
"""A store that is slower than this holds nobody up: the service itself says when it is asked too often."""

_MOST_WAITING = 32


class SharedRate:
    """One quota, of which this process takes some requests at a time; nothing is asked of the store while it has any."""

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
        self._waiting = 0
        self._used = 0
        self._asking = asyncio.Lock()

    async def wait(self, patience_s: float) -> bool:
        """Return True when a request may be made, or False when it would wait for longer than this, or behind too many."""
        if self._use():
            return True
        if self._waiting >= _MOST_WAITING:
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(patience_s):
                return await self._wait_in_turn(_now_s() + patience_s)
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1

    async def _wait_in_turn(self, until_s: float) -> bool:
        async with self._asking:
            while not self._use():
                wait_s = await self._take()
                if _now_s() + wait_s > until_s:
                    return False
                await asyncio.sleep(wait_s)
        return True

    def _use(self) -> bool:
        if self._at_hand == 0 or _now_s() > self._good_until_s:
            return False
        self._at_hand -= 1
        self._used += 1
        return True

    async def _take(self) -> float:
        """Take what is needed at the moment, a part of the whole at most; return how long to wait when there is none."""
        count = max(1, min(max(self._waiting, self._used), self._quota.at_once // 4))
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
            self._at_hand, self._good_until_s = count, _now_s() + _GOOD_FOR_S
        return wait_ms / 1000


def _now_s() -> float:
    return asyncio.get_running_loop().time()
