"""What MCP servers can do, remembered by the process, so that one call in five minutes waits for it at most."""

import asyncio
import logging
from dataclasses import dataclass
from time import monotonic
from weakref import WeakValueDictionary

from offhook.errors import InvalidInputError, NotFoundError, StorageError
from offhook.remembered import Remembered
from offhook.runs.ports import Courier
from offhook.tools.forms import McpDefinition
from offhook.tools.model import Tool
from streamer.tools.fair_threads import FairThreads
from streamer.tools.http_tool import Presented
from streamer.tools.mcp_tools import McpError, McpServer, RemoteFunction

logger = logging.getLogger(__name__)

LIMIT_S = 2.0
"""How long a call waits for a server before it is taken without the server's tools."""

_FRESH_S = 300.0
# One that does not answer is left alone for a while, or every call would wait for it.
_FAILED_S = 30.0
_MOST_SERVERS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a server could do when it was asked; None where it could not be asked."""

    functions: tuple[RemoteFunction, ...] | None
    until_s: float


class Discovery:
    """Asks servers what they can do, each at most once in a while; of one event loop."""

    def __init__(self, courier: Courier, threads: FairThreads) -> None:
        self._courier = courier
        self._threads = threads
        self._found: Remembered[tuple[str, str, str], _Found] = Remembered(_MOST_SERVERS)
        self._turns: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()

    async def functions(
        self, tool: Tool, definition: McpDefinition, presented: Presented
    ) -> tuple[RemoteFunction, ...] | None:
        """Return the functions of a server, None where it can't tell them; a change of the tool asks anew."""
        key = (tool.organization_id, tool.uuid, tool.updated_at.isoformat())
        # Of calls that begin together one asks, and the others read what it was told.
        async with self._turns.setdefault(key, asyncio.Lock()):
            found = self._found.get(key)
            if found is None or found.until_s < monotonic():
                before = found.functions if found else None
                found = await self._ask(tool.organization_id, definition, presented, before)
                self._found.put(key, found)
            return found.functions

    async def _ask(
        self,
        organization_id: str,
        definition: McpDefinition,
        presented: Presented,
        before: tuple[RemoteFunction, ...] | None,
    ) -> _Found:
        def ask() -> tuple[RemoteFunction, ...]:
            headers = presented(definition.credential_uuid)
            server = McpServer(definition=definition, courier=self._courier, presented=headers)
            return server.functions(LIMIT_S)

        try:
            async with asyncio.timeout(LIMIT_S):
                functions = await self._threads.run(organization_id, ask)
        except (McpError, NotFoundError, InvalidInputError, StorageError, TimeoutError) as error:
            logger.warning("MCP server not reached", extra={"error_type": type(error).__name__})
            # What it could do a while ago it can do still.
            return _Found(functions=before, until_s=monotonic() + _FAILED_S)
        return _Found(functions=functions, until_s=monotonic() + _FRESH_S)
