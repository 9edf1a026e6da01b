"""One media socket, as the carrier opens it: Twilio-compatible messages, 20 ms each, in real time."""

import asyncio
import logging
from base64 import b64encode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from local.cloudonix.dial import StreamEnd
from local.cloudonix.phones.phone import Phone
from local.cloudonix.phones.stream_faults import (
    DROP_AFTER_CHUNKS,
    GARBAGE,
    SECOND_SOCKET_CHUNKS,
    early_media,
)
from local.people.caller import Said
from local.people.scripts import StreamFault
from offhook.errors import ProtocolError
from streamer.media import Audio, ClearRequested, MarkRequested, MediaStream, Role, Started, State
from streamer.media.mulaw import CHUNK_MS

logger = logging.getLogger(__name__)

OPEN_LIMIT_SECONDS = 5.0
CLOSE_LIMIT_SECONDS = 2.0
# Two seconds: a peer that reads slower than that misses sound, as on a congested network.
_OUTBOX_MESSAGES = 100
_MAX_MESSAGE_BYTES = 1_048_576


async def run_media_stream(
    url: str, started: Started, phone: Phone, fault: StreamFault | None = None
) -> StreamEnd:
    """Open the socket and carry the call until the agent's side ends it, doing wrong what the fault says.

    When cancelled (somebody hung up), sends `stop` and closes. Logs a sentence when the socket can't be opened.
    """
    try:
        socket = await _open(url)
    except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
        logger.warning("the media stream could not be opened", extra={"reason": type(error).__name__})
        return StreamEnd(code=None, reason=_refusal(error))
    async with socket, asyncio.TaskGroup() as tasks:
        if fault is StreamFault.TWO_SOCKETS:
            tasks.create_task(_second_socket(url, started, phone))
        await CarrierSocket(socket, phone, fault).run(started)
    return StreamEnd(code=socket.close_code, reason=socket.close_reason or "")


async def _open(url: str) -> ClientConnection:
    async with asyncio.timeout(OPEN_LIMIT_SECONDS):
        return await connect(
            url,
            compression=None,
            max_size=_MAX_MESSAGE_BYTES,
            proxy=None,
            close_timeout=CLOSE_LIMIT_SECONDS,
        )


def _refusal(error: Exception) -> str:
    if isinstance(error, InvalidStatus):
        return f"The socket was refused with HTTP status {error.response.status_code}."
    return f"The socket could not be opened ({type(error).__name__})."


async def _second_socket(url: str, started: Started, phone: Phone) -> None:
    await asyncio.sleep(SECOND_SOCKET_CHUNKS * phone.tick_seconds)
    await run_media_stream(url, started, phone)


class CarrierSocket:
    """The open socket: the phone's line in one direction, the phone's playout in the other."""

    def __init__(self, socket: ClientConnection, phone: Phone, fault: StreamFault | None) -> None:
        self._socket = socket
        self._phone = phone
        self._fault = fault
        self._stream = MediaStream(role=Role.CARRIER)
        self._outbox: asyncio.Queue[str] = asyncio.Queue(_OUTBOX_MESSAGES)
        self._sequence = 0
        self._chunks = 0

    async def run(self, started: Started) -> None:
        """Carry the call until either side ends the stream."""
        self._begin(started)
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(self._send())
                await self._receive()
                sending.cancel()
        except asyncio.CancelledError:
            await self._stop()
            raise
        finally:
            self._phone.disconnect(self)

    def _begin(self, started: Started) -> None:
        self._post(self._stream.connected())
        if self._fault is StreamFault.NEVER_STARTS:
            return
        if self._fault is StreamFault.MEDIA_BEFORE_START:
            self._post(early_media(started.stream_sid))
        self._post(self._stream.start(started))
        if self._fault is StreamFault.GARBAGE:
            for message in GARBAGE:
                self._post_raw(message)
        self._phone.connect(self)

    # What the phone calls.

    def say(self, said: Said) -> None:
        self._chunks += 1
        if self._fault is StreamFault.DROPS and self._chunks > DROP_AFTER_CHUNKS:
            self._socket.transport.abort()
            return
        message = self._stream.media(b64encode(said.audio).decode())
        # The fields that the real carrier sends beside the payload, all of them strings.
        timestamp = (self._chunks - 1) * CHUNK_MS
        self._post(f'{message[:-2]},"track":"inbound","chunk":"{self._chunks}","timestamp":"{timestamp}"}}}}')
        if said.digit:
            self._post(self._stream.dtmf(said.digit))

    def reach(self, mark: str) -> None:
        self._post(self._stream.mark(mark))

    async def _receive(self) -> None:
        try:
            async for message in self._socket:
                self._take(message)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else None
            logger.info("the media stream was closed", extra={"code": code})

    def _take(self, message: str | bytes) -> None:
        try:
            event = self._stream.receive(message)
        except ProtocolError as error:
            logger.warning("the agent sent a bad message", extra={"reason": error.detail})
            return
        match event:
            case Audio(payload):
                self._phone.playout.push(payload)
            case MarkRequested(name=name):
                self._phone.playout.mark(name)
            case ClearRequested():
                for name in self._phone.clear():
                    self.reach(name)

    async def _send(self) -> None:
        try:
            while True:
                await self._socket.send(await self._outbox.get())
        except ConnectionClosed:
            # The receiving side sees it too, and ends the stream.
            return

    async def _stop(self) -> None:
        self._phone.disconnect(self)
        try:
            async with asyncio.timeout(CLOSE_LIMIT_SECONDS):
                if self._stream.state is State.STREAMING:
                    await self._socket.send(self._numbered(self._stream.stop()))
                await self._socket.close()
        except (ConnectionClosed, TimeoutError):
            return

    def _post(self, message: str) -> None:
        self._post_raw(self._numbered(message))

    def _post_raw(self, message: str) -> None:
        if not self._outbox.full():
            self._outbox.put_nowait(message)

    def _numbered(self, message: str) -> str:
        self._sequence += 1
        return f'{message[:-1]},"sequenceNumber":"{self._sequence}"}}'
