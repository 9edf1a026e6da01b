"""The other end of a carrier's media sockets, for tests of the simulated carrier: records, and does as it is told."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from streamer.media import Audio, Event, MediaStream, Started

VOICE = b"\x10\x90" * 80
_PIECE_MS = 1_000


@dataclass(slots=True)
class AgentSocket:
    """One media socket, seen by the agent."""

    socket: ServerConnection
    stream: MediaStream = field(default_factory=MediaStream)
    raw: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    close_code: int | None = None

    @property
    def started(self) -> Started:
        return next(event for event in self.events if isinstance(event, Started))

    @property
    def audio(self) -> list[bytes]:
        return [event.payload for event in self.events if isinstance(event, Audio)]

    async def say(self, ms: int, mark: str = "") -> None:
        for begin_ms in range(0, ms, _PIECE_MS):
            audio = VOICE * (min(_PIECE_MS, ms - begin_ms) // 20)
            await self.socket.send(self.stream.media(b64encode(audio).decode()))
        if mark:
            await self.socket.send(self.stream.mark(mark))

    async def clear(self) -> None:
        await self.socket.send(self.stream.clear())

    async def until(self, event: Event) -> None:
        """Read on until the carrier has sent this."""
        while event not in self.events:
            await self.receive()

    async def until_type(self, kind: type[Any]) -> None:
        seen = len(self.events)
        while not any(isinstance(event, kind) for event in self.events[seen:]):
            await self.receive()

    async def receive(self) -> None:
        message = await self.socket.recv()
        assert isinstance(message, str)
        self.raw.append(message)
        event = self.stream.receive(message)
        if event is not None:
            self.events.append(event)

    async def drain(self) -> None:
        """Read until the carrier closes."""
        try:
            while True:
                await self.receive()
        except ConnectionClosed as closed:
            self.close_code = closed.rcvd.code if closed.rcvd else 1006


@dataclass(slots=True)
class AgentsEnd:
    """A server that records its sockets."""

    port: int = 0
    sockets: list[AgentSocket] = field(default_factory=list)
    opened: asyncio.Queue[AgentSocket] = field(default_factory=asyncio.Queue)
    done: asyncio.Queue[AgentSocket] = field(default_factory=asyncio.Queue)

    def url(self, path: str = "/media") -> str:
        return f"ws://127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def agents_end(behave: Callable[[AgentSocket], Awaitable[None]]) -> AsyncIterator[AgentsEnd]:
    """Serve media sockets: each is handed to `behave` once its `start` has come, and closed after it."""
    end = AgentsEnd()

    async def handle(socket: ServerConnection) -> None:
        agent = AgentSocket(socket)
        end.sockets.append(agent)
        await agent.until_type(Started)
        end.opened.put_nowait(agent)
        await behave(agent)
        end.done.put_nowait(agent)

    async with serve(handle, "127.0.0.1", 0, compression=None) as server:
        end.port = next(iter(server.sockets)).getsockname()[1]
        yield end
