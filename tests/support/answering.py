"""A streamer whose calls say nothing, and the words that begin one."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from offhook.errors import UnauthenticatedError
from streamer.media import Audio, MediaStream
from streamer.sockets.handshake import handshake
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.newcomers import MOST_PER_SECOND
from streamer.sockets.server import Route, Server
from tests.support.phone import DEADLINE_S

ROUTE = "/api/v1/telephony/ws/{run_id}/{token}"
CALL = "/api/v1/telephony/ws/7/secret-token"
Serve = Callable[[MediaSocket, dict[str, str]], Awaitable[None]]


def start_message(**more: object) -> str:
    ids = {"streamSid": "MZ1", "callSid": "CA1", "accountSid": "acme.cloudonix.net"}
    return json.dumps({"event": "start", "start": {**ids, **more}})


START = start_message()


class Call:
    """A listener that lasts until the peer closes."""

    def __init__(self, stream: MediaStream) -> None:
        self._stream = stream
        self.audio = b""
        self.over = asyncio.Event()

    def on_message(self, data: bytes | str) -> None:
        event = self._stream.receive(data)
        if isinstance(event, Audio):
            self.audio += event.payload

    def on_closed(self) -> None:
        self.over.set()


async def answer(socket: MediaSocket, match: dict[str, str]) -> None:
    """Serve a call that says nothing, if its token is not bad."""
    if match["token"] == "bad":
        raise UnauthenticatedError("Not this token")
    stream = MediaStream()
    await handshake(socket, stream)
    socket.take_place()
    call = Call(stream)
    socket.attach(call)
    await call.over.wait()


@asynccontextmanager
async def serving(
    serve: Serve,
    *,
    max_calls: int = 8,
    max_unproved: int = 50,
    trusted_proxies: int = 0,
    most_per_second: int = MOST_PER_SECOND,
) -> AsyncIterator[Server]:
    async with Server(
        [Route(ROUTE, serve)],
        max_calls=max_calls,
        max_unproved=max_unproved,
        trusted_proxies=trusted_proxies,
        most_per_second=most_per_second,
    ) as server:
        yield server


async def get(port: int, path: str) -> tuple[int, str, str]:
    """Ask over plain HTTP; return status, content type and body."""
    async with asyncio.timeout(DEADLINE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
        writer.close()
        await writer.wait_closed()
    status_line, *headers = head.split("\r\n")
    types = [line.partition(": ")[2] for line in headers if line.startswith("Content-Type")]
    return int(status_line.split()[1]), ",".join(types), body


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.001)
