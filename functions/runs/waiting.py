"""Requests that wait until a run's log has more: few at a time, each for some seconds, and in no thread."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from offhook.errors import LimitReachedError

FoundT = TypeVar("FoundT")

MAX_WAIT_S = 20
"""Below what gateways, CDNs and Lambda allow a request, 29 s."""

MOST_WAITS = 64
MOST_WAITS_OF_ORGANIZATION = 16
"""In one process. Each costs two small reads a look; a Lambda process has one request anyway."""

# A wait of 20 s is 26 looks: most of what is waited for comes at once, or not soon.
_PAUSES_S = (0.25,) * 8 + (1.0,) * MAX_WAIT_S


class Waits:
    """The requests of this process that wait, by organization."""

    def __init__(self) -> None:
        self._waiting: Counter[str] = Counter()

    async def until(
        self, organization_id: str, look: Callable[[], FoundT | None], wait_s: int
    ) -> FoundT | None:
        """Look again and again, in another thread, until there is something or the time is over; then None.

        Raises LimitReachedError `too-many-waits`.
        """
        with self._place(organization_id), suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                for pause_s in _PAUSES_S:
                    await asyncio.sleep(pause_s)
                    found = await run_in_threadpool(look)
                    if found is not None:
                        return found
        return None

    @contextmanager
    def _place(self, organization_id: str) -> Iterator[None]:
        if (
            self._waiting.total() >= MOST_WAITS
            or self._waiting[organization_id] >= MOST_WAITS_OF_ORGANIZATION
        ):
            raise LimitReachedError(
                f"{MOST_WAITS_OF_ORGANIZATION} requests of an organization may wait for events at a time: ask without "
                "`wait`, or when one of them has its answer.",
                retry_after_seconds=1,
                code="too-many-waits",
            )
        self._waiting[organization_id] += 1
        try:
            yield
        finally:
            self._waiting[organization_id] -= 1
            if not self._waiting[organization_id]:
                del self._waiting[organization_id]
