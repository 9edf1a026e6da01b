"""The streamer of an install on one machine: started again when it dies, as ECS does it on AWS."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Self

from local.install.edge import Address
from local.processes.children import Child, child
from local.processes.ports import HOST
from offhook.errors import OffhookError

MAX_RESTARTS = 3
"""Within a minute; a streamer that dies more often has a fault that no start mends."""

_WINDOW_SECONDS = 60.0
# The first is at once, for its calls wait; later ones give what killed it a moment to pass. The edge holds sockets for 5 s.
_PAUSE_SECONDS = 1.0


class KeptStreamer:
    """Use as `async with KeptStreamer(environment, stop_limit_s=…) as streamer: streamer.address`."""

    def __init__(self, environment: Mapping[str, str | None], *, stop_limit_s: float) -> None:
        self._environment = environment
        self._stop_limit_s = stop_limit_s
        self._stack = AsyncExitStack()
        self._child: Child
        self._follow: Callable[[Address], None] = lambda _: None
        self._restarts: list[float] = []

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def address(self) -> Address:
        """Where the present process answers."""
        return HOST, int(str(self._child.ready["port"]))

    def follow(self, on_address: Callable[[Address], None]) -> None:
        """Have somebody told where each further process answers."""
        self._follow = on_address

    async def stop(self) -> None:
        """Stop it now; harmless when it has ended."""
        await self._child.stop()

    async def ended(self) -> str:
        """Start it again whenever it ends by itself; return a sentence when that does not help any more.

        One that ends before it is ready is one more death, no worse than another: whatever killed a streamer under load
        may kill the next one too.
        """
        sentence = await self._child.ended()
        while self._may_restart():
            print("The streamer ended by itself and is started again ...", file=sys.stderr, flush=True)
            await asyncio.sleep((len(self._restarts) - 1) * _PAUSE_SECONDS)
            try:
                await self._start()
            except OffhookError as error:
                sentence = error.detail
                continue
            self._follow(self.address)
            sentence = await self._child.ended()
        return sentence

    async def _start(self) -> None:
        starting = child(
            "local.install.streamer", "--port", "0", env=self._environment, stop_limit_s=self._stop_limit_s
        )
        self._child = await self._stack.enter_async_context(starting)

    def _may_restart(self) -> bool:
        now_s = asyncio.get_running_loop().time()
        self._restarts = [at_s for at_s in self._restarts if at_s > now_s - _WINDOW_SECONDS] + [now_s]
        return len(self._restarts) <= MAX_RESTARTS
