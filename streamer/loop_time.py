"""The event loop's clock, by which what a call waits for is timed."""

import asyncio


def now_s() -> float:
    """Return the seconds on the running loop's clock."""
    return asyncio.get_running_loop().time()
