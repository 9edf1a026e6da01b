"""One address in front of everything, as CloudFront is on AWS: sockets to the streamer, all else to the REST functions.

The first request of a connection decides where the whole connection goes: both behind us close a connection, or
keep it for themselves, as they like.
"""

import asyncio
import logging
import socket
from asyncio import StreamReader, StreamWriter
from contextlib import suppress
from typing import Self, TypeAlias

logger = logging.getLogger(__name__)

MAX_HEAD_BYTES = 16_384
HEAD_LIMIT_SECONDS = 10.0
_CONNECT_LIMIT_SECONDS = 5.0
_CONNECT_AGAIN_SECONDS = 0.05
_PIPE_BYTES = 65_536

Address: TypeAlias = tuple[str, int]


class Edge:
    """Use as `async with Edge(take_port(), rest=…, streamer=…) as edge: edge.port`; the socket is its own then."""

    def __init__(self, listener: socket.socket, *, rest: Address, streamer: Address) -> None:
        self._listener = listener
        self._rest = rest
        self._streamer = streamer
        self._server: asyncio.Server | None = None
        self._group = asyncio.TaskGroup()
        self._connections: set[asyncio.Task[None]] = set()
        self.port: int = listener.getsockname()[1]

    def use_streamer(self, address: Address) -> None:
        """Send sockets to another streamer from now on, those that wait for one too."""
        self._streamer = address

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, sock=self._listener, limit=MAX_HEAD_BYTES)
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        # The connections have nothing to do with an error of the block, which goes on as it is.
        await self._group.__aexit__(None, None, None)

    # No coroutine function: the task that asyncio would make of it complains aloud when it is cancelled (Python 3.11).
    def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        connection = self._group.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await self._route(reader, writer)
        except Exception as error:  # noqa: BLE001 - the top of a connection, whose accident must not end the others
            logger.error("a connection failed", extra={"error_type": type(error).__name__})  # noqa: TRY400
        finally:
            writer.close()

    async def _route(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            async with asyncio.timeout(HEAD_LIMIT_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            await _answer(writer, "431 Request Header Fields Too Large")
            return
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            return
        try:
            async with asyncio.timeout(_CONNECT_LIMIT_SECONDS):
                backend = await self._connect(is_socket=_is_upgrade(head))
        except (OSError, TimeoutError):
            await _answer(writer, "502 Bad Gateway")
            return
        await _join(head, (reader, writer), backend)

    async def _connect(self, *, is_socket: bool) -> tuple[StreamReader, StreamWriter]:
        """Connect to where it belongs; a socket waits for a streamer that is just being started again."""
        while is_socket:
            try:
                return await asyncio.open_connection(*self._streamer)
            except ConnectionError:
                await asyncio.sleep(_CONNECT_AGAIN_SECONDS)
        return await asyncio.open_connection(*self._rest)


async def _join(
    head: bytes, client: tuple[StreamReader, StreamWriter], backend: tuple[StreamReader, StreamWriter]
) -> None:
    backend[1].write(head)
    try:
        async with asyncio.TaskGroup() as tasks:
            upward = tasks.create_task(_pipe(client[0], backend[1]))
            await _pipe(backend[0], client[1])
            # A client may half-close; a backend that has ended is through with the connection.
            upward.cancel()
    finally:
        backend[1].close()


async def _pipe(reader: StreamReader, writer: StreamWriter) -> None:
    """Carry bytes one way, no faster than they are taken, until that side says that it has ended."""
    # To shut a socket that was reset meanwhile fails with an OSError that is no ConnectionError.
    with suppress(OSError):
        while data := await reader.read(_PIPE_BYTES):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
            return
    writer.close()


def _is_upgrade(head: bytes) -> bool:
    fields = (line.partition(b":") for line in head.lower().split(b"\r\n")[1:])
    return any(name == b"upgrade" and value.strip() == b"websocket" for name, _, value in fields)


async def _answer(writer: StreamWriter, status: str) -> None:
    with suppress(ConnectionError):
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
