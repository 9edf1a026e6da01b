"""What others see of the streamer while it is attacked: who asks for its health, and callers who begin to call."""

import asyncio
import time
from contextlib import suppress

from benchmarks.messages import HEALTH_REQUEST, UPGRADE, opening

_EVERY_S = 0.25
_LIMIT_S = 10.0
_UPGRADED = b" 101 "
# Long enough to be told that there is no room, and no longer than a caller would listen to nothing.
_TURNED_AWAY_WITHIN_S = 1.0


class Witnesses:
    """Ask for health and begin a call four times a second, each with a connection of its own, until cancelled."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.health_ms: list[float] = []
        self.newcomers = 0
        self.turned_away = 0

    async def watch(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task(self._ask_for_health())
                tasks.create_task(self._begin_a_call())
                await asyncio.sleep(_EVERY_S)

    async def _ask_for_health(self) -> None:
        begun_s = time.perf_counter()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(_LIMIT_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                writer.write(HEALTH_REQUEST)
                await reader.read()
                writer.close()
        self.health_ms.append((time.perf_counter() - begun_s) * 1000)

    async def _begin_a_call(self) -> None:
        self.newcomers += 1
        if await self._is_turned_away():
            self.turned_away += 1

    async def _is_turned_away(self) -> bool:
        try:
            async with asyncio.timeout(_LIMIT_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                writer.write(UPGRADE)
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(opening())
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return True
        try:
            async with asyncio.timeout(_TURNED_AWAY_WITHIN_S):
                # Nobody speaks to a caller who has said nothing, but to turn it away.
                await reader.read(1)
        except TimeoutError:
            return _UPGRADED not in head
        except OSError:
            return True
        else:
            return True
        finally:
            writer.close()
