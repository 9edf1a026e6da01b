"""Threads for what tenants have us do: whoever has fewest of them is next, so that nobody's slow tools are in others' way."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

SIZE = 32
MOST_OF_ONE = 16
"""Threads that one organization has at a time."""
MOST_WAITING = 64
"""What waits of one organization; beyond that it is refused."""


class FairThreads:
    """A bounded pool that organizations share; of one event loop."""

    def __init__(
        self, name: str, *, size: int = SIZE, most_of_one: int = MOST_OF_ONE, most_waiting: int = MOST_WAITING
    ) -> None:
        self._executor = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._free = size
        self._most_of_one = most_of_one
        self._most_waiting = most_waiting
        self._running: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def run(self, organization_id: str, call: Callable[[], T]) -> T:
        """Make the call in a thread and return its result; raise TimeoutError where too much of the organization waits.

        Whoever stops waiting leaves a call that has begun to itself; its thread counts until it has ended.
        """
        await self._take(organization_id)
        done = asyncio.get_running_loop().run_in_executor(self._executor, call)
        done.add_done_callback(lambda _: self._give_back(organization_id))
        return await asyncio.shield(done)

    def close(self) -> None:
        """Take no more calls; those under way end by themselves."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _take(self, organization_id: str) -> None:
        waiting = self._waiting.setdefault(organization_id, deque())
        if len(waiting) >= self._most_waiting:
            raise TimeoutError
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(organization_id)
            elif turn in waiting:
                waiting.remove(turn)
            raise

    def _give_back(self, organization_id: str) -> None:
        self._free += 1
        self._running[organization_id] -= 1
        if not self._running[organization_id]:
            del self._running[organization_id]
        self._serve()

    def _serve(self) -> None:
        """Give free threads to those who wait, to whoever has fewest first."""
        while self._free and (organization_id := self._next()) is not None:
            turn = self._waiting[organization_id].popleft()
            if not turn.done():
                self._free -= 1
                self._running[organization_id] += 1
                turn.set_result(None)

    def _next(self) -> str | None:
        self._waiting = {name: turns for name, turns in self._waiting.items() if turns}
        ready = [name for name in self._waiting if self._running[name] < self._most_of_one]
        return min(ready, key=lambda name: self._running[name], default=None)
