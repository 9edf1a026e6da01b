"""How long is waited: for what may come, and for a store that is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from offhook.errors import StorageError

T = TypeVar("T")

# A store that is away for a moment costs nothing; for longer, ten seconds of recording, or the end of the run.
_WAITS_S = (0.5, 2, 5)


async def patiently(attempt: Callable[[], Awaitable[T]]) -> T:
    """Try again while the store is away; raise the last StorageError."""
    for wait_s in _WAITS_S:
        try:
            return await attempt()
        except StorageError:
            await asyncio.sleep(wait_s)
    return await attempt()


async def comes(event: asyncio.Event, *, within_s: float) -> bool:
    """Wait for an event, so long at most; say whether it has come."""
    try:
        async with asyncio.timeout(within_s):
            return await event.wait()
    except TimeoutError:
        return False
