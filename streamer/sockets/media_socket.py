"""WebSockets without a task or a queue per message: the listener is called from the transport's own callback.

`websockets` does the handshake, pings, fragments, closing and everything unusual. What a call consists of, whole
messages in and bursts of them out, passes its general machinery by: 2 us for a message instead of 9.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, cast

from websockets.asyncio.server import Server as WebSocketServer
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import DATA_OPCODES, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import Event, State

from streamer.failures import log_failure
from streamer.sockets.close_codes import CloseCode, closing_for, cut_reason
from streamer.sockets.intake import Intake
from streamer.sockets.websocket_frames import (
    MAX_MESSAGE_BYTES,
    WHOLE_BINARY,
    WHOLE_TEXT,
    header,
    is_close,
    payload_of,
)

logger = logging.getLogger(__name__)

MAX_HEAD_BYTES = 32_768
MAX_UNREAD_BYTES = 1_000_000
"""Two minutes of audio that the peer has not read: it is gone, or it means harm."""

CLOSE_TIMEOUT_S = 2.0
PING_INTERVAL_S = 20.0

_INVALID_TEXT = 1007
_HEAD_END = b"\r\n\r\n"

# The library logs every frame and request path at DEBUG: audio and tokens, whatever the level of the root.
_library_logger = logging.getLogger("streamer.websockets")
_library_logger.setLevel(logging.WARNING)


class MediaListener(Protocol):
    """Who hears what a socket receives; called on the event loop, in order, and expected to return at once."""

    def on_message(self, data: bytes | str) -> None:
        """Take a text message as str, a binary one as bytes; an error closes the socket."""

    def on_closed(self) -> None:
        """Learn, once, that the conversation is over; no message follows."""


class Door(Protocol):
    """Who keeps count of the sockets: each comes in, and most prove to be calls."""

    def came(self, socket: "MediaSocket") -> None:
        """Take note of a new connection."""

    def gone(self, socket: "MediaSocket") -> None:
        """Take note that a connection is gone."""

    def admit(self, socket: "MediaSocket") -> None:
        """Give a socket the place of a call; raise NoRoomError (1013)."""

    def readmit(self, socket: "MediaSocket") -> None:
        """Take the place of a call back from a guest."""


class MediaSocket(ServerConnection):
    """The server's end of one WebSocket.

    What comes while no listener is attached is kept for the next one. Nothing is taken faster than `Intake` allows.
    """

    intake: Intake

    def __init__(self, *arguments: Any, door: Door, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._door = door
        self._listener: MediaListener | None = None
        self._head = bytearray()
        self._has_request = False
        self._has_fragments = False
        self._fragments = bytearray()
        self._fragments_are_text = True
        self._is_closing = False
        self._is_over = False
        self._is_lost = False

    @property
    def is_open(self) -> bool:
        """Whether messages can still be sent."""
        return self.protocol.state is State.OPEN

    @property
    def path(self) -> str:
        """The path that the peer asked for, without its query."""
        return self._target().partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query string, which may hold secrets."""
        return self._target().partition("?")[2]

    @property
    def request_headers(self) -> dict[str, str]:
        """The headers of the upgrade request by their names in lower case, the first of equal ones."""
        if self.request is None:
            return {}
        return {name.lower(): value for name, value in reversed(list(self.request.headers.raw_items()))}

    @property
    def forwarded_for(self) -> str:
        """What the proxies on the way say about where the peer is, all in one line; empty where there are none."""
        return "" if self.request is None else ",".join(self.request.headers.get_all("X-Forwarded-For"))

    def take_place(self) -> None:
        """Count as a call from now on, as what the peer sent has proved; raise NoRoomError (1013)."""
        self._door.admit(self)

    def leave_place(self) -> None:
        """Count as a guest again, as before `take_place`."""
        self._door.readmit(self)

    def attach(self, listener: MediaListener) -> None:
        """Give all messages, those kept first, to this listener in place of any other."""
        self._listener = listener
        if self._is_over:
            self._tell_closed()
        else:
            self.intake.flow()

    def detach(self) -> None:
        """Keep messages again until the next listener is attached."""
        self._listener = None
        if not self._is_closing:
            self.intake.hold()

    def send_many(self, messages: Sequence[str | bytes]) -> None:
        """Send messages, str as text and bytes as binary, in one write; to a closed socket, do nothing.

        Nothing waits for the peer to read: one that leaves a megabyte unread is cut off.
        """
        if self.protocol.state is not State.OPEN:
            return
        parts: list[bytes] = []
        for message in messages:
            payload = message.encode() if isinstance(message, str) else message
            kind = WHOLE_TEXT if isinstance(message, str) else WHOLE_BINARY
            parts += (header(kind, len(payload)), payload)
        self.transport.write(b"".join(parts))
        if self.transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            logger.warning("peer does not read, cut off")
            self.transport.abort()

    @property
    def unread_bytes(self) -> int:
        """How much was sent that the peer has not read, beside what the network holds."""
        return self.transport.get_write_buffer_size()

    async def until_read(self) -> None:
        """Wait while the peer has tens of kilobytes to read, and is there."""
        with suppress(OSError):
            await self.drain()

    async def close(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Close and wait for the peer to agree, two seconds at most."""
        self.drop(code, reason)
        await self.wait_closed()

    def drop(self, code: int, reason: str, *, cut_after_s: float = CLOSE_TIMEOUT_S) -> None:
        """Close without waiting for anything; for callbacks, which cannot. A peer that does not take it is cut off."""
        if self.protocol.state is State.OPEN:
            self.protocol.send_close(code, cut_reason(reason))
            self.send_data()
        self._begin_to_close(cut_after_s)

    def evict(self, reason: str) -> None:
        """Close at once, for others need the room."""
        if self.protocol.state is State.OPEN:
            self.drop(CloseCode.TRY_AGAIN_LATER, reason)
            self.transport.close()
        else:
            self.transport.abort()

    def fail(self, error: Exception) -> None:
        """Close because a callback of this conversation raised this error."""
        closing = closing_for(error)
        if closing.code is CloseCode.INTERNAL_ERROR:
            log_failure(logger, "callback of a media socket failed", error)
        self.drop(closing.code, closing.reason)

    # What the transport calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.intake = Intake(self.transport, self)
        self._door.came(self)

    def data_received(self, data: bytes) -> None:
        if self._has_request:
            self.intake.feed(data)
        else:
            self._take_head(data)

    def process_event(self, event: Event) -> None:
        if isinstance(event, Frame) and event.opcode in DATA_OPCODES:
            self._gather(event)
        else:
            super().process_event(event)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._is_lost = True
        self._door.gone(self)
        self.intake.end()

    # What the intake calls.

    def take_frame(self, data: bytes | bytearray, start: int, end: int) -> None:
        kind = data[start]
        if self._is_closing:
            # What comes after our goodbye is skipped up to the peer's own.
            if is_close(kind):
                self._hand_over(data[start:end])
        elif kind in (WHOLE_TEXT, WHOLE_BINARY) and not self._has_fragments:
            self._receive(payload_of(data, start, end), is_text=kind == WHOLE_TEXT)
        else:
            self._hand_over(data[start:end])

    def take_unusual(self, data: bytes | bytearray) -> None:
        if not self._is_closing:
            self._hand_over(data)

    def take_end(self) -> None:
        self._tell_closed()

    def _take_head(self, data: bytes) -> None:
        """Gather the request, so that the library always stands at the border of frames after it."""
        from_ = max(0, len(self._head) - len(_HEAD_END))
        self._head += data
        end = self._head.find(_HEAD_END, from_)
        if end >= 0:
            end += len(_HEAD_END)
            head, rest, self._head = self._head[:end], self._head[end:], bytearray()
            self._has_request = True
            super().data_received(bytes(head))
            self.intake.feed(bytes(rest))
        elif len(self._head) > MAX_HEAD_BYTES:
            self.transport.abort()

    def _hand_over(self, data: bytes | bytearray) -> None:
        """Have the library take these bytes, and follow it when that began the end."""
        if self._is_lost:
            return
        super().data_received(bytes(data))
        if self.protocol.state is not State.OPEN:
            self._begin_to_close()

    def _gather(self, frame: Frame) -> None:
        self._has_fragments = not frame.fin
        if frame.opcode is not Opcode.CONT:
            self._fragments_are_text = frame.opcode is Opcode.TEXT
        self._fragments += frame.data
        if frame.fin:
            message, self._fragments = bytes(self._fragments), bytearray()
            self._receive(message, is_text=self._fragments_are_text)

    def _receive(self, payload: bytes, *, is_text: bool) -> None:
        if not is_text:
            self._deliver(payload)
            return
        try:
            text = str(payload, "utf-8")
        except UnicodeDecodeError:
            self.drop(_INVALID_TEXT, "Text is not UTF-8")
            return
        self._deliver(text)

    def _deliver(self, message: bytes | str) -> None:
        if self._listener is None:
            return
        try:
            self._listener.on_message(message)
        except Exception as error:  # noqa: BLE001 - the top of a call, as far as its messages go
            self.fail(error)

    def _begin_to_close(self, cut_after_s: float = CLOSE_TIMEOUT_S) -> None:
        if not self._is_closing:
            self._is_closing = True
            # A peer that never ends the connection must not keep it.
            self.loop.call_later(cut_after_s, self.transport.abort)
        self._tell_closed()
        self.intake.close()

    def _tell_closed(self) -> None:
        self._is_over = True
        listener, self._listener = self._listener, None
        if listener is None:
            return
        try:
            listener.on_closed()
        except Exception as error:  # noqa: BLE001 - as above
            log_failure(logger, "callback of a media socket failed", error)

    def _target(self) -> str:
        return self.request.path if self.request is not None else ""


async def listen(
    handler: Callable[[MediaSocket], Awaitable[None]],
    *,
    host: str,
    port: int,
    door: Door,
    process_request: Callable[[ServerConnection, Request], Response | Awaitable[Response | None] | None],
) -> WebSocketServer:
    """Start to listen; each socket gets a run of `handler` and is closed when that returns."""
    return await serve(
        # Its connections are those of `create_connection`.
        cast("Callable[[ServerConnection], Awaitable[None]]", handler),
        host,
        port,
        create_connection=partial(MediaSocket, door=door),  # type: ignore[arg-type]  # any factory is one
        process_request=process_request,
        compression=None,
        max_size=MAX_MESSAGE_BYTES,
        ping_interval=PING_INTERVAL_S,
        close_timeout=CLOSE_TIMEOUT_S,
        server_header=None,
        logger=_library_logger,
    )
