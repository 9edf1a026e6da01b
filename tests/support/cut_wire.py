"""A wire between a client and an address that can be cut: every connection through it breaks off at once."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from urllib.parse import urlsplit

_PIPE_BYTES = 65_536


class CutWire:
    """Carries bytes both ways; `url` is its near end."""

    def __init__(self, host: str, port: int) -> None:
        self._far = (host, port)
        self._writers: set[StreamWriter] = set()
        self._is_down = False
        self.url = ""

    def cut(self) -> None:
        """Break off all connections; new ones are carried again."""
        for writer in self._writers:
            writer.transport.abort()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Break off all connections, and carry none until the end of the block."""
        self._is_down = True
        self.cut()
        try:
            yield
        finally:
            self._is_down = False

    async def carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Carry one connection until either side ends it."""
        if self._is_down:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._far)
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.close()


async def _pipe(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_PIPE_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def cut_wire(url: str) -> AsyncIterator[CutWire]:
    """Have a wire to this address for the time of the block."""
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    wire = CutWire(parts.hostname, parts.port)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield wire
        wire.cut()
