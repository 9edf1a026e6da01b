"""The two ends of a media socket: ears that keep what they hear, and peers that write every byte themselves."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect

from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.server import Route, Server

DEADLINE_S = 5.0
Handler = Callable[[MediaSocket], Awaitable[None]]


@dataclass
class Ear:
    """A listener that keeps what it hears, and fails when it hears what it cannot stand."""

    failures: dict[str | bytes, Exception] = field(default_factory=dict)
    messages: list[str | bytes] = field(default_factory=list)
    arrived: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def on_message(self, data: bytes | str) -> None:
        if data in self.failures:
            raise self.failures[data]
        self.messages.append(data)
        self.arrived.release()

    def on_closed(self) -> None:
        assert not self.closed.is_set(), "told twice"
        self.closed.set()

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(DEADLINE_S):
            for _ in range(count):
                await self.arrived.acquire()

    async def wait_closed(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self.closed.wait()


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    async def serve(socket: MediaSocket, _match: dict[str, str]) -> None:
        await handler(socket)

    async with Server([Route("/{anything*}", serve)]) as server:
        yield server.port


@asynccontextmanager
async def hearing(ear: Ear) -> AsyncIterator[int]:
    """A server whose sockets all talk to this ear."""

    async def serve(socket: MediaSocket) -> None:
        socket.attach(ear)
        await ear.wait_closed()

    async with serving(serve) as port:
        yield port


def dial(port: int, path: str = "/") -> connect:
    return connect(f"ws://127.0.0.1:{port}{path}", compression=None, proxy=None)


async def close_code(connection: ClientConnection) -> tuple[int | None, str | None]:
    async with asyncio.timeout(DEADLINE_S):
        await connection.wait_closed()
    return connection.close_code, connection.close_reason


def frame(opcode: int, payload: bytes, *, final: bool = True, masked: bool = True) -> bytes:
    head = bytes(((0x80 if final else 0) | opcode,))
    flag = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes((flag | len(payload),))
    elif len(payload) < 65_536:
        head += bytes((flag | 126,)) + struct.pack("!H", len(payload))
    else:
        head += bytes((flag | 127,)) + struct.pack("!Q", len(payload))
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))


@asynccontextmanager
async def raw_socket(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A WebSocket of which the test writes every byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    async with asyncio.timeout(DEADLINE_S):
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):  # a server that cuts us off resets the connection
                await writer.wait_closed()


async def read_close(reader: asyncio.StreamReader) -> int:
    """Skip what comes before a close message; return its code."""
    while True:
        first, length = await reader.readexactly(2)
        payload = await reader.readexactly(length)
        if first == 0x88:
            return int.from_bytes(payload[:2], "big")


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.001)
