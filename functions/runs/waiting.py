"""Requests that wait until a run's log has more: few of an organization at a time, each for some seconds, in no thread."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from offhook.clock import Clock
from offhook.errors import LimitReachedError, StorageError
from offhook.runs.ports import MOST_WAITS, WaitPlaces

FoundT = TypeVar("FoundT")

MAX_WAIT_S = 20
"""Below what gateways, CDNs and Lambda allow a request, 29 s."""

# Most of what is waited for comes at once, or not soon: a wait of 20 s is 26 looks of two small reads.
_PAUSES_S = (0.25,) * 8 + (1.0,) * MAX_WAIT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Has requests wait."""

    places: WaitPlaces
    clock: Clock

    async def until(
        self, organization_id: str, look: Callable[[], FoundT | None], wait_s: int
    ) -> FoundT | None:
        """Look again and again, in another thread, until there is something or the time is over; then None.

        Raises LimitReachedError `too-many-waits`.
        """
        async with self._place(organization_id, wait_s):
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    for pause_s in _PAUSES_S:
                        await asyncio.sleep(pause_s)
                        found = await run_in_threadpool(look)
                        if found is not None:
                            return found
        return None

    @asynccontextmanager
    async def _place(self, organization_id: str, wait_s: int) -> AsyncIterator[None]:
        now = self.clock()
        until = now + timedelta(seconds=wait_s)
        number = await run_in_threadpool(self.places.take, organization_id, now, until)
        if number is None:
            raise LimitReachedError(
                f"Not many more than {MOST_WAITS // 2} requests of an organization may wait for events at a time: ask "
                "without `wait`, or when one of them has its answer.",
                retry_after_seconds=1,
                code="too-many-waits",
            )
        try:
            yield
        finally:
            # A place that can't be given back is free when its time is over.
            with suppress(StorageError):
                await run_in_threadpool(self.places.leave, organization_id, number, until)
