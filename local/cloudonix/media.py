"""One media socket, as the carrier opens it: Twilio-compatible messages, 20 ms each, in real time."""

import asyncio
import logging
from base64 import b64encode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from local.caller import CHUNK_MS, Said
from local.cloudonix.phone import Phone
from offhook.errors import ProtocolError
from streamer.media import Audio, ClearRequested, MarkRequested, MediaStream, Role, Started

logger = logging.getLogger(__name__)

OPEN_LIMIT_SECONDS = 5.0
CLOSE_LIMIT_SECONDS = 2.0
# Two seconds: a peer that reads slower than that misses sound, as on a congested network.
_OUTBOX_MESSAGES = 100
_MAX_MESSAGE_BYTES = 1_048_576


async def run_media_stream(url: str, started: Started, phone: Phone) -> None:
    """Open the socket and carry the call until the agent's side ends it; log a sentence when it can't be opened.

    When cancelled (somebody hung up), sends `stop` and closes.
    """
    try:
        async with asyncio.timeout(OPEN_LIMIT_SECONDS):
            socket = await connect(
                url,
                compression=None,
                max_size=_MAX_MESSAGE_BYTES,
                proxy=None,
                close_timeout=CLOSE_LIMIT_SECONDS,
            )
    except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
        logger.warning("the media stream could not be opened", extra={"reason": type(error).__name__})
        return
    async with socket:
        await _MediaSocket(socket, phone).run(started)


class _MediaSocket:
    """The open socket: the phone's line in one direction, the phone's playout in the other."""

    def __init__(self, socket: ClientConnection, phone: Phone) -> None:
        self._socket = socket
        self._phone = phone
        self._stream = MediaStream(role=Role.CARRIER)
        self._outbox: asyncio.Queue[str] = asyncio.Queue(_OUTBOX_MESSAGES)
        self._sequence = 0
        self._chunks = 0

    async def run(self, started: Started) -> None:
        self._post(self._stream.connected())
        self._post(self._stream.start(started))
        self._phone.connect(self)
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(self._send())
                await self._receive()
                sending.cancel()
        except asyncio.CancelledError:
            await self._stop()
            raise
        finally:
            self._phone.disconnect()

    # What the phone calls.

    def say(self, said: Said) -> None:
        self._chunks += 1
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
        self._phone.disconnect()
        try:
            async with asyncio.timeout(CLOSE_LIMIT_SECONDS):
                await self._socket.send(self._numbered(self._stream.stop()))
                await self._socket.close()
        except (ConnectionClosed, TimeoutError):
            return

    def _post(self, message: str) -> None:
        if not self._outbox.full():
            self._outbox.put_nowait(self._numbered(message))

    def _numbered(self, message: str) -> str:
        self._sequence += 1
        return f'{message[:-1]},"sequenceNumber":"{self._sequence}"}}'
