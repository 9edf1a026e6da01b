"""WebSockets without a task or a queue per message: the listener is called from the transport's own callback.

`websockets` does the handshake, pings, fragments, closing and everything unusual. What a call consists of, whole
messages in and bursts of them out, passes its general machinery by: 0.4 us for a message instead of 5.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from websockets.asyncio.server import Server as WebSocketServer
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import DATA_OPCODES, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import Event, State

from streamer.failures import log_failure
from streamer.sockets.close_codes import CloseCode, closing_for, cut_reason
from streamer.sockets.websocket_frames import (
    INCOMPLETE,
    UNUSUAL,
    WHOLE_BINARY,
    WHOLE_TEXT,
    frame_end,
    header,
    payload_of,
)

logger = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 65_535
MAX_UNREAD_BYTES = 1_000_000
"""Two minutes of audio that the peer has not read: it is gone, or it means harm."""

MAX_BYTES_PER_SECOND = 160_000
"""What is read of one socket: a call sends 50 messages of 300 bytes each second, so ten times real time.

That is room for a carrier that catches up after a hold-up, and little enough work to leave other calls their time.
"""

MAX_EARLY_MESSAGES = 16
CLOSE_TIMEOUT_S = 5.0
PING_INTERVAL_S = 20.0

_INVALID_TEXT = 1007

# The library logs every frame and request path at DEBUG: audio and tokens, whatever the level of the root.
_library_logger = logging.getLogger("streamer.websockets")
_library_logger.setLevel(logging.WARNING)


class MediaListener(Protocol):
    """Who hears what a socket receives; called on the event loop, in order, and expected to return at once."""

    def on_message(self, data: bytes | str) -> None:
        """Take a text message as str, a binary one as bytes; an error closes the socket."""

    def on_closed(self) -> None:
        """Learn, once, that the conversation is over; no message follows."""


class MediaSocket(ServerConnection):
    """The server's end of one WebSocket.

    Messages that come while no listener is attached are kept, the first sixteen of them. Who sends more than
    `max_bytes_per_second` is not read for as long as that was too early; the first second's worth is always free.
    """

    max_bytes_per_second = MAX_BYTES_PER_SECOND

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._listener: MediaListener | None = None
        self._early: deque[bytes | str] = deque()
        self._over = False
        self._counted_bytes = 0
        self._counted_from_s = self.loop.time()
        self._splits = False
        self._tail = b""
        self._fragments = bytearray()
        self._fragments_are_text = True

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

    def attach(self, listener: MediaListener) -> None:
        """Give all messages, those kept first, to this listener in place of any other."""
        self._listener = listener
        while self._early and self._listener is listener:
            self._deliver(self._early.popleft())
        if self._over:
            self._tell_closed()

    def detach(self) -> None:
        """Keep messages again until the next listener is attached."""
        self._listener = None

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

    async def close(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Close and wait for the peer to agree, a few seconds at most."""
        self._tell_closed()
        try:
            async with asyncio.timeout(2 * CLOSE_TIMEOUT_S):
                await super().close(code, cut_reason(reason))
        except TimeoutError:  # its buffers are full, so not even our close message gets out
            self.transport.abort()
            await self.wait_closed()

    def drop(self, code: int, reason: str) -> None:
        """Close without waiting for anything; for callbacks, which cannot."""
        if self.protocol.state is State.OPEN:
            self.protocol.fail(code, cut_reason(reason))
            self.send_data()
            self._abort_later()
        self._tell_closed()

    def fail(self, error: Exception) -> None:
        """Close because a callback of this conversation raised this error."""
        closing = closing_for(error)
        if closing.code is CloseCode.INTERNAL_ERROR:
            log_failure(logger, "callback of a media socket failed", error)
        self.drop(closing.code, closing.reason)

    # What the transport calls.

    def data_received(self, data: bytes) -> None:
        self._counted_bytes += len(data)
        if self._counted_bytes > self.max_bytes_per_second:
            self._slow_down()
        if self._splits:
            self._split(data)
            return
        is_handshake = self.request is None
        self._hand_over(data)
        # A peer that sends more than its request before our answer is odd enough to leave it to the library.
        self._splits = is_handshake and self.request is not None and data.endswith(b"\r\n\r\n")

    def process_event(self, event: Event) -> None:
        if isinstance(event, Frame) and event.opcode in DATA_OPCODES:
            self._gather(event)
        else:
            super().process_event(event)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._tell_closed()

    # Reading no faster than a call could need.

    def _slow_down(self) -> None:
        # A call at normal speed comes here as well, every ten seconds, long after these bytes were due.
        now_s = self.loop.time()
        early_s = self._counted_from_s + self._counted_bytes / self.max_bytes_per_second - now_s
        self._counted_bytes, self._counted_from_s = 0, now_s + max(0.0, early_s)
        if early_s > 0:
            self.transport.pause_reading()
            self.loop.call_later(early_s, self.transport.resume_reading)

    # Splitting the stream at the borders of frames, so that the library always stands at one.

    def _split(self, data: bytes) -> None:
        if self._tail:
            data, self._tail = self._tail + data, b""
        start = 0
        while start < len(data):
            end = frame_end(data, start)
            if end == UNUSUAL:
                self._splits = False
                self._hand_over(data[start:])
                return
            if end == INCOMPLETE or end > len(data):
                self._tail = data[start:]
                return
            self._take_frame(data, start, end)
            start = end

    def _take_frame(self, data: bytes, start: int, end: int) -> None:
        kind, protocol = data[start], self.protocol
        is_whole = kind in (WHOLE_TEXT, WHOLE_BINARY) and protocol.current_size is None
        if is_whole and protocol.state is State.OPEN:
            self._receive(payload_of(data, start, end), is_text=kind == WHOLE_TEXT)
        else:
            self._hand_over(data[start:end])

    def _hand_over(self, data: bytes) -> None:
        """Have the library take these bytes, and follow it when that began the end."""
        super().data_received(data)
        if self.protocol.state is State.CLOSING and not self._over:
            self._abort_later()
            self._tell_closed()

    def _gather(self, frame: Frame) -> None:
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
        if self._listener is not None:
            try:
                self._listener.on_message(message)
            except Exception as error:  # noqa: BLE001 - the top of a call, as far as its messages go
                self.fail(error)
        elif not self._over and len(self._early) < MAX_EARLY_MESSAGES:
            self._early.append(message)

    def _tell_closed(self) -> None:
        self._over = True
        listener, self._listener = self._listener, None
        if listener is None:
            return
        try:
            listener.on_closed()
        except Exception as error:  # noqa: BLE001 - as above
            log_failure(logger, "callback of a media socket failed", error)

    def _abort_later(self) -> None:
        # A peer that never ends the connection must not keep it.
        self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)

    def _target(self) -> str:
        return self.request.path if self.request is not None else ""


async def listen(
    handler: Callable[[MediaSocket], Awaitable[None]],
    *,
    host: str,
    port: int,
    process_request: Callable[[ServerConnection, Request], Response | None],
) -> WebSocketServer:
    """Start to listen; each socket gets a run of `handler` and is closed when that returns."""

    async def handle(connection: ServerConnection) -> None:
        if not isinstance(connection, MediaSocket):
            raise TypeError("the server makes its connections with create_connection")
        await handler(connection)

    return await serve(
        handle,
        host,
        port,
        create_connection=MediaSocket,
        process_request=process_request,
        compression=None,
        max_size=MAX_MESSAGE_BYTES,
        ping_interval=PING_INTERVAL_S,
        close_timeout=CLOSE_TIMEOUT_S,
        server_header=None,
        logger=_library_logger,
    )
