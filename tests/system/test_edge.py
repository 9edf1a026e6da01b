"""The front door over real sockets: it routes, pipes both ways, respects slow readers, and leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from local.install import edge as edge_module
from local.install.edge import Address, Edge
from local.processes.ports import take_port
from tests.support.peers import nobody

pytestmark = [pytest.mark.every_python, pytest.mark.timeout(30)]

_Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _server(handle: _Handler) -> AsyncIterator[Address]:
    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[:2]


async def _hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while head := await _head(reader):
        path = head.split()[1]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path))
    writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


@pytest.fixture
def nowhere() -> Iterator[Address]:
    with nobody() as peer:
        yield "127.0.0.1", peer.port


async def test_requests_go_to_the_rest_functions_over_one_kept_connection(nowhere: Address) -> None:
    async with (
        _server(_hello) as rest,
        Edge(take_port(), rest=rest, streamer=nowhere) as edge,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{edge.port}") as client,
    ):
        assert [(await client.get(path)).text for path in ("/a", "/b?c=1")] == ["/a", "/b?c=1"]


async def test_websockets_go_to_the_streamer_with_path_and_query(nowhere: Address) -> None:
    async def echo(socket: ServerConnection) -> None:
        assert socket.request
        await socket.send(socket.request.path)
        async for message in socket:
            await socket.send(message)
        await socket.close()

    async with serve(echo, "127.0.0.1", 0) as server:
        streamer = next(iter(server.sockets)).getsockname()[:2]
        async with (
            Edge(take_port(), rest=nowhere, streamer=streamer) as edge,
            connect(f"ws://127.0.0.1:{edge.port}/media?x=1") as socket,
        ):
            assert await socket.recv() == "/media?x=1"
            await socket.send("x" * 300_000)
            assert await socket.recv() == "x" * 300_000


async def test_a_backend_that_is_down_is_a_502(nowhere: Address) -> None:
    async with Edge(take_port(), rest=nowhere, streamer=nowhere) as edge, httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{edge.port}/")).status_code == 502


async def test_a_head_without_an_end_is_cut_off(nowhere: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_module, "HEAD_LIMIT_SECONDS", 0.05)
    async with Edge(take_port(), rest=nowhere, streamer=nowhere) as edge:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(b"GET / HTTP/1.1\r\nX: y")
        assert await reader.read() == b""
        writer.close()


async def test_a_head_that_is_too_long_is_refused(nowhere: Address) -> None:
    async with Edge(take_port(), rest=nowhere, streamer=nowhere) as edge:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(b"GET / HTTP/1.1\r\nX: " + b"y" * 40_000)
        assert (await reader.readline()).startswith(b"HTTP/1.1 431")
        writer.close()


async def test_a_client_that_has_said_everything_still_gets_its_answer() -> None:
    async def answer_after_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = (await reader.read()).partition(b"\r\n\r\n")[2]
        writer.write(b"got " + body)
        writer.close()

    async with _server(answer_after_the_end) as rest, Edge(take_port(), rest=rest, streamer=rest) as edge:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(b"POST / HTTP/1.1\r\n\r\nbody")
        writer.write_eof()
        assert await reader.read() == b"got body"
        writer.close()


async def test_a_backend_that_is_not_read_is_slowed_down() -> None:
    sent = 0
    is_stuck = asyncio.Event()
    size = 64 * 1024 * 1024

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await _head(reader)
        while sent < size:
            writer.write(b"x" * 65_536)
            sent += 65_536
            try:
                async with asyncio.timeout(0.5):
                    await writer.drain()
            except TimeoutError:
                is_stuck.set()
                await writer.drain()
        writer.close()

    async with _server(flood) as rest, Edge(take_port(), rest=rest, streamer=rest) as edge:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await is_stuck.wait()
        assert sent < size / 2
        received = 0
        while data := await reader.read(1 << 20):
            received += len(data)
        assert received == size
        writer.close()


async def test_leaving_closes_what_is_open() -> None:
    is_gone = asyncio.Event()

    async def wait(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _head(reader)
        writer.write(b"ready\n")
        await reader.read()
        is_gone.set()
        writer.close()

    before = asyncio.all_tasks()
    async with _server(wait) as rest:
        async with Edge(take_port(), rest=rest, streamer=rest) as edge:
            reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            assert await reader.readline() == b"ready\n"
        assert await reader.read() == b""
        async with asyncio.timeout(5):
            await is_gone.wait()
        writer.close()
    assert {task for task in asyncio.all_tasks() - before if "_connected" in repr(task)} == set()
