"""A phone for tests: the carrier's end of a media stream, over a real socket."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from streamer.media import Audio, ClearRequested, Event, MarkRequested, MediaStream, Role, Started

DEADLINE_S = 5.0
CHUNK_BYTES = 160
STARTED = Started(
    stream_sid="MZ1",
    call_sid="CA1",
    account_sid="acme.cloudonix.net",
    session="session-1",
    caller="+15550100",
    called="+15550101",
)


class Phone:
    """Speaks to a streamer and keeps all that it hears."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._stream = MediaStream(role=Role.CARRIER)
        self._changed = asyncio.Condition()
        self.heard: list[Event] = []
        self.close_code: int | None = None
        self.close_reason = ""

    @property
    def audio(self) -> bytes:
        """All agent audio so far, as if none had been cleared."""
        return b"".join(event.payload for event in self.heard if isinstance(event, Audio))

    @property
    def marks(self) -> list[str]:
        """The names of the marks so far."""
        return [event.name for event in self.heard if isinstance(event, MarkRequested)]

    @property
    def clears(self) -> int:
        """How often the agent had what it said dropped."""
        return sum(isinstance(event, ClearRequested) for event in self.heard)

    async def start(self, started: Started = STARTED) -> None:
        """Send `connected` and `start`."""
        await self.send_text(self._stream.connected())
        await self.send_text(self._stream.start(started))

    async def send_text(self, text: str) -> None:
        """Send any text message; after the streamer has closed, it goes nowhere."""
        with suppress(ConnectionClosed):
            await self._connection.send(text)

    async def say(self, audio: bytes, *, chunk_bytes: int = CHUNK_BYTES) -> None:
        """Send mu-law in messages of this size, as fast as the socket takes them."""
        for start in range(0, len(audio), chunk_bytes):
            payload = base64.b64encode(audio[start : start + chunk_bytes]).decode()
            await self.send_text(self._stream.media(payload))

    async def press(self, digit: str) -> None:
        """Press a key."""
        await self.send_text(self._stream.dtmf(digit))

    async def confirm(self, mark: str) -> None:
        """Say that a mark was reached."""
        await self.send_text(self._stream.mark(mark))

    async def hear_out(self) -> None:
        """Confirm every mark until the streamer closes, as a phone does that plays everything."""
        confirmed: list[str] = []
        while self.close_code is None:
            await self.wait_until(lambda: len(self.marks) > len(confirmed) or self.close_code is not None)
            for mark in self.marks[len(confirmed) :]:
                await self.confirm(mark)
                confirmed.append(mark)

    async def knock(self) -> None:
        """Wait until the streamer has taken in all that was sent."""
        await (await self._connection.ping())

    def drop(self) -> None:
        """Lose the connection without a goodbye."""
        self._connection.transport.abort()

    async def hang_up(self) -> None:
        """Send `stop` and close."""
        await self.send_text(self._stream.stop())
        await self._connection.close()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until what was heard makes this true; raise TimeoutError after a few seconds."""
        async with asyncio.timeout(DEADLINE_S), self._changed:
            await self._changed.wait_for(condition)

    async def wait_closed(self) -> int | None:
        """Wait for the streamer to close; return its close code."""
        await self.wait_until(lambda: self.close_code is not None)
        return self.close_code

    async def listen(self) -> None:
        """Hear until the socket closes; `dial` runs this."""
        with suppress(ConnectionClosed):  # the code below says it
            async for message in self._connection:
                await self._note(self._stream.receive(message))
        self.close_reason = self._connection.close_reason or ""
        self.close_code = self._connection.close_code
        await self._note(None)

    async def _note(self, event: Event | None) -> None:
        async with self._changed:
            if event is not None:
                self.heard.append(event)
            self._changed.notify_all()


@asynccontextmanager
async def dial(port: int, path: str) -> AsyncIterator[Phone]:
    """Open a socket at a streamer on this machine; it is closed at the end."""
    async with connect(f"ws://127.0.0.1:{port}{path}", compression=None, proxy=None) as connection:
        phone = Phone(connection)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(phone.listen())
            yield phone
            await connection.close()
