"""Tools of remote MCP servers: the SDK's own server, one of the older protocol, and ones that mean harm."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp

from streamer.loop_time import now_s
from tests.support.peers import listening, replies
from tests.support.rest import Install, Tenant
from tests.support.tool_calls import SECRET, ToolCaller, run
from tests.support.tool_server import Asked, tool_server

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application with its lifespan on a free port, and return its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module", autouse=True)
def library() -> None:
    """Have the library imported, which the first call of a process does within the time of its first server.

    It takes a second of processor, which every worker would spend that finds what tests there are.
    """
    import_module("httpx2")
    import_module("mcp.client.streamable_http")


@pytest.fixture(scope="module")
def crm() -> Iterator[str]:
    from mcp.server import MCPServer
    from mcp.types import ToolAnnotations

    server = MCPServer("crm")

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    def find(name: str) -> str:
        """Finds a customer."""
        return f"{name} lives in Oslo."

    @server.tool()
    def remove(name: str) -> str:
        """Removes a customer."""
        raise ValueError(name)

    @server.tool(name="odd.name/of a tool")
    def odd() -> dict[str, int]:
        """Counts."""
        return {"count": 3}

    with serving(server.streamable_http_app()) as url:
        yield url


@pytest.fixture
async def caller(install: Install, tenant: Tenant) -> AsyncIterator[ToolCaller]:
    made = ToolCaller(install, tenant)
    yield made
    made.catalogue.close()


async def test_a_servers_tools_are_offered_each_by_a_name_of_its_own(caller: ToolCaller, crm: str) -> None:
    uuid = caller.add(name="Our-CRM", category="mcp", url=crm, message="Let me see.")
    offered = {tool.name: tool for tool in (await caller.tools(uuid)).offered["start"]}
    find, remove, *odd = offered
    assert (find, remove) == ("mcp__our_crm__find", "mcp__our_crm__remove")
    assert odd[0].startswith("mcp__our_crm__odd_name_of_a_tool_")
    assert offered[find].description == "Finds a customer."
    assert offered[find].parameters["required"] == ["name"]
    assert (offered[find].message, offered[find].timeout_seconds) == ("Let me see.", 5)
    assert (offered[find].is_idempotent, offered[remove].is_idempotent) == (True, False)


async def test_they_are_called_and_answer(caller: ToolCaller, crm: str) -> None:
    tools = await caller.tools(caller.add(name="crm", category="mcp", url=crm))
    found = await run(tools, {"name": "Ada"}, name="mcp__crm__find")
    assert (found.text, found.is_error) == ("Ada lives in Oslo.", False)
    failed = await run(tools, {"name": "Ada"}, name="mcp__crm__remove")
    assert failed.is_error
    odd = next(tool.name for tool in tools.offered["start"] if "odd" in tool.name)
    assert json.loads((await run(tools, name=odd)).text) == {"count": 3}


async def test_the_author_and_the_node_choose_among_them(caller: ToolCaller, crm: str) -> None:
    some = caller.add(name="crm", category="mcp", url=crm, tools_filter=["find", "remove", "lost"])
    assert len((await caller.tools(some)).offered["start"]) == 2
    for wanted in (["find"], ["mcp__crm__find"]):
        [tool] = (await caller.tools(some, mcp_tool_filters={some: wanted})).offered["start"]
        assert tool.name == "mcp__crm__find"
    assert (await caller.tools(some, mcp_tool_filters={some: []})).offered["start"] == ()


async def test_two_servers_whose_names_look_alike_keep_their_functions_apart(
    caller: ToolCaller, crm: str
) -> None:
    from mcp.server import MCPServer

    other = MCPServer("other")

    @other.tool()
    def find(name: str) -> str:
        return f"{name} lives in Rome."

    with serving(other.streamable_http_app()) as url:
        first = caller.add(name="crm_1", category="mcp", url=crm, tools_filter=["find"])
        second = caller.add(name="crm-1", category="mcp", url=url)
        filters = {second: ["mcp__crm_1__find"]}
        tools = await caller.tools(first, second, mcp_tool_filters=filters)
        offered = {tool.uuid: tool.name for tool in tools.offered["start"]}
        answers = [await run(tools, {"name": "Ada"}, name=offered[uuid]) for uuid in (first, second)]
    assert [answer.text for answer in answers] == ["Ada lives in Oslo.", "Ada lives in Rome."]
    assert offered[first] == "mcp__crm_1__find"


async def test_a_server_is_asked_once_in_a_while_what_it_can_do(caller: ToolCaller) -> None:
    with tool_server(older) as server:
        uuid = caller.add(name="old", category="mcp", url=server.url)
        for call in await asyncio.gather(*(caller.tools(uuid) for _ in range(100))):
            assert call.offered["start"]
        assert (await caller.tools(uuid)).offered["start"]
    assert sum(b'"tools/list"' in asked.body for asked in server.asked) == 1


async def test_of_a_server_with_very_many_tools_agents_use_64(caller: ToolCaller) -> None:
    many = [{"name": f"f{number}", "inputSchema": {"type": "object"}} for number in range(200)]
    with tool_server(partial(older, listed=many)) as server:
        first = caller.add(name="all", category="mcp", url=server.url)
        assert len((await caller.tools(first)).offered["start"]) == 64
        last = caller.add(name="last", category="mcp", url=server.url, tools_filter=["f199"])
        assert [tool.name for tool in (await caller.tools(last)).offered["start"]] == ["mcp__last__f199"]


ECHO = {"name": "echo", "inputSchema": {"type": "object"}}


def older(asked: Asked, listed: Sequence[dict[str, Any]] = (ECHO,)) -> tuple[int, Any]:
    """Answer as a server of 2025 does, which knows no discovery."""
    if asked.method != "POST":
        return 405, {}
    message = asked.document
    results: dict[str, Any] = {
        "initialize": {
            "protocolVersion": "2025-06-18",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "old", "version": "1"},
        },
        "tools/list": {"tools": list(listed)},
        "tools/call": {"content": [{"type": "text", "text": asked.headers.get("authorization", "none")}]},
    }
    if "id" not in message:
        return 202, {}
    if message["method"] not in results:
        return 200, {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32601, "message": "No."}}
    return 200, {"jsonrpc": "2.0", "id": message["id"], "result": results[message["method"]]}


async def test_a_server_of_the_older_protocol_is_spoken_to_and_its_echo_of_the_secret_is_masked(
    caller: ToolCaller,
) -> None:
    with tool_server(older) as server:
        credential = caller.add_credential("bearer_token", token=SECRET)
        tools = await caller.tools(
            caller.add(name="old", category="mcp", url=server.url, credential_uuid=credential)
        )
        outcome = await run(tools)
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {SECRET}"}
    assert "[secret]" in outcome.text
    assert SECRET not in outcome.text


@pytest.mark.parametrize(
    "head",
    [
        "HTTP/1.1 200 OK\nContent-Type: text/event-stream\n\ndata: {",
        "HTTP/1.1 307 Moved\nLocation: /x\n\n",
        "junk\n\n",
    ],
)
async def test_a_server_that_is_none_is_done_without(caller: ToolCaller, head: str) -> None:
    with listening(replies(head)) as peer:
        uuid = caller.add(name="none", category="mcp", url=peer.url)
        began_s = now_s()
        tools = await caller.tools(uuid)
    assert (tools.offered["start"], tools.missing) == ((), (uuid,))
    assert now_s() - began_s < 4
    assert len(peer.requests) < 6


async def test_a_server_that_hangs_holds_a_call_up_once(caller: ToolCaller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uuid = caller.add(name="hangs", category="mcp", url=f"http://127.0.0.1:{silent.getsockname()[1]}/mcp")
        began_s = now_s()
        assert (await caller.tools(uuid)).missing == (uuid,)
        assert now_s() - began_s < 4
        silent.setblocking(False)
        silent.accept()[0].close()
        assert {call.missing for call in await asyncio.gather(*(caller.tools(uuid) for _ in range(5)))} == {
            (uuid,)
        }
        with pytest.raises(BlockingIOError):
            silent.accept()
