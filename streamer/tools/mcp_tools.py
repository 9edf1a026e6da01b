"""The tools of remote MCP servers, through the SDK's client on a transport of ours: the guarded client.

Each exchange has a session of its own, in a thread of its own: nothing of one call is left to another, the event loop of the
calls has none of the SDK's tasks on it, and no address is reached but one that was checked.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from offhook.errors import InvalidInputError, NotFoundError, OffhookError, StorageError
from offhook.json_types import JsonObject
from offhook.runs.ports import Courier
from offhook.tools.forms import MOST_FUNCTIONS, McpDefinition
from streamer.tools.answers import bounded
from streamer.tools.fair_threads import FairThreads
from streamer.tools.http_tool import NO_CREDENTIAL, UNKNOWN_WHETHER_DONE, Presented
from streamer.tools.ports import Answer, ToolContext

if TYPE_CHECKING:
    import httpx2
    from mcp import Client

T = TypeVar("T")

MAX_MCP_BYTES = 512 * 1024
"""What is read of one answer of a server: a list of a hundred tools has some 200 KB."""

_FAILED = "The server did not answer as an MCP server does."
_NOT_INSTALLED = "This install can't use MCP servers: it lacks the extra `mcp`."
_MOST_DESCRIPTION_CHARACTERS = 1000
_MOST_SCHEMA_CHARACTERS = 8000


class McpError(OffhookError):
    """An MCP server can't be used, for a reason that a model may be told."""

    code = "mcp-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFunction:
    """A tool of a server, as the server describes it; `is_repeatable` says that it may be called twice."""

    name: str
    description: str
    parameters: JsonObject
    is_repeatable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServer:
    """One server, and who asks it."""

    definition: McpDefinition
    courier: Courier
    presented: Mapping[str, str]

    def functions(self, limit_s: float) -> tuple[RemoteFunction, ...]:
        """Return the tools of the server's first page that agents may use; raise McpError. Blocks."""
        wanted = self.definition.tools_filter

        async def ask(client: "Client") -> tuple[RemoteFunction, ...]:
            listed = (await client.list_tools()).tools
            usable = (tool for tool in listed if (not wanted or tool.name in wanted) and _is_small(tool))
            return tuple(map(_function, islice(usable, MOST_FUNCTIONS)))

        return self._exchange(ask, limit_s)

    def call(self, name: str, arguments: JsonObject, limit_s: float) -> Answer:
        """Call a tool of the server and return its answer; raise McpError. Blocks."""

        async def ask(client: "Client") -> Answer:
            result = await client.call_tool(name, arguments)
            return Answer(text=bounded(_text(result), self.presented), is_error=bool(result.is_error))

        return self._exchange(ask, limit_s)

    def _exchange(self, ask: "Callable[[Client], Awaitable[T]]", limit_s: float) -> T:
        # Imported by the first server of a process: it takes a second of CPU time that few processes need.
        try:
            import httpx2
            from mcp import Client
            from mcp.client.streamable_http import streamable_http_client
        except ModuleNotFoundError:
            raise McpError(_NOT_INSTALLED) from None
        transport = _GuardedTransport(self.courier, self.presented, monotonic() + limit_s)

        async def exchange() -> T:
            http = httpx2.AsyncClient(transport=cast("Any", transport), max_redirects=0, trust_env=False)
            stream = streamable_http_client(self.definition.url, http_client=http)
            async with asyncio.timeout(limit_s), http, Client(stream, cache=None) as client:
                return await ask(client)

        try:
            return asyncio.run(exchange())
        except Exception:  # noqa: BLE001 - whatever a foreign server makes of a foreign library is one failure
            raise McpError(transport.failure or _FAILED) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class McpTool:
    """Implements Function: one tool of a server."""

    definition: McpDefinition
    function: RemoteFunction
    organization_id: str
    courier: Courier
    presented: Presented
    threads: FairThreads

    async def call(self, arguments: JsonObject, context: ToolContext) -> Answer:
        until_s = monotonic() + self.definition.timeout_ms / 1000
        return await self.threads.run(self.organization_id, lambda: self._ask(arguments, until_s))

    def _ask(self, arguments: JsonObject, until_s: float) -> Answer:
        try:
            presented = self.presented(self.definition.credential_uuid)
        except (NotFoundError, InvalidInputError, StorageError):
            return Answer(text=NO_CREDENTIAL, is_error=True)
        server = McpServer(definition=self.definition, courier=self.courier, presented=presented)
        left_s = until_s - monotonic()
        if left_s <= 0:
            raise TimeoutError
        try:
            return server.call(self.function.name, arguments, left_s)
        except McpError as failed:
            advice = "" if self.function.is_repeatable else f" {UNKNOWN_WHETHER_DONE}"
            return Answer(text=failed.detail + advice, is_error=True)


class _GuardedTransport:
    """An httpx2 transport that asks the guarded client; it blocks, in a loop that has nothing else to do.

    `failure` is why the last request came to nothing.
    """

    def __init__(self, courier: Courier, presented: Mapping[str, str], until_s: float) -> None:
        self._courier = courier
        self._presented = presented
        self._until_s = until_s
        self.failure = ""

    async def handle_async_request(self, request: "httpx2.Request") -> "httpx2.Response":
        import httpx2

        if request.method == "GET":
            # A stream of what the server has to say of itself, which nobody here would hear.
            return httpx2.Response(405, request=request)
        try:
            reply = self._courier.request(
                request.method,
                str(request.url),
                headers={**request.headers, **self._presented},
                body=await request.aread(),
                timeout=max(0.0, self._until_s - monotonic()),
                most_bytes=MAX_MCP_BYTES,
            )
        except OffhookError as failed:
            self.failure = failed.detail
            raise httpx2.ConnectError(failed.detail) from None
        if len(reply.body) >= MAX_MCP_BYTES:
            self.failure = "The answer of the server is too long."
            raise httpx2.ReadError(self.failure)
        self.failure = f"The server answered with the status {reply.status}." if reply.status >= 300 else ""
        headers = {name: value for name, value in reply.headers.items() if name not in _OF_A_CONNECTION}
        return httpx2.Response(reply.status, headers=headers, content=reply.body, request=request)

    async def aclose(self) -> None:
        """There is nothing open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """There is nothing open."""


_OF_A_CONNECTION = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


def _function(tool: Any) -> RemoteFunction:
    hints = tool.annotations
    return RemoteFunction(
        name=tool.name,
        description=(tool.description or tool.title or "")[:_MOST_DESCRIPTION_CHARACTERS],
        parameters=tool.input_schema,
        is_repeatable=bool(hints and (hints.read_only_hint or hints.idempotent_hint)),
    )


def _is_small(tool: Any) -> bool:
    # All of it goes into every request to the model.
    return len(json.dumps(tool.input_schema)) <= _MOST_SCHEMA_CHARACTERS


def _text(result: Any) -> str:
    """Return what a model can read of a result: its texts, else what is structured in it."""
    texts = [each.text for each in result.content if each.type == "text"]
    if texts or result.structured_content is None:
        return "\n".join(texts)
    return json.dumps(result.structured_content, ensure_ascii=False)
