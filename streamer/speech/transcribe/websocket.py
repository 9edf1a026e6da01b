"""Transcribe over WebSocket: a presigned address, events without signatures."""

import asyncio
import ssl
import struct
from binascii import crc32
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache
from typing import cast

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.eventstream import EventStreamBuffer, EventStreamMessage, ParserError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.protocol import State

from streamer.speech.aws_failures import AwsSpeechError, Failure, failure_named
from streamer.speech.transcribe.options import Patience, Place, TranscribeOptions, Transport
from streamer.speech.transcribe.results import TranscribeResult, read_event
from streamer.speech.transcribe.stream import SERVICE, Outlet

_PATH = "/stream-transcription-websocket"
_EXPIRES_SECONDS = 300
_STRING = 7
_AUDIO_HEADERS = b"".join(
    bytes([len(name)]) + name + struct.pack("!BH", _STRING, len(value)) + value
    for name, value in (
        (b":content-type", b"application/octet-stream"),
        (b":event-type", b"AudioEvent"),
        (b":message-type", b"event"),
    )
)


async def open_websocket(
    place: Place, options: TranscribeOptions, credentials: ReadOnlyCredentials, patience: Patience
) -> "WebSocketStream":
    """Open a stream; raise AwsSpeechError."""
    url = _presigned(place, options, credentials)
    try:
        # The time limit is ours and around all of it: the library's covers less.
        async with asyncio.timeout(patience.open):
            is_secure = url.startswith("wss:")
            socket = await connect(
                url,
                ssl=_tls(place.ca_file) if is_secure else None,
                # A handshake that is given up, since its caller has left, is kept by the event loop for so long, with a
                # third of a megabyte: not for the minute that it would be.
                ssl_handshake_timeout=patience.open if is_secure else None,
                compression=None,
                open_timeout=None,
                close_timeout=patience.close,
                ping_interval=None,
                proxy=None,
            )
    except InvalidStatus as error:
        status = error.response.status_code
        raise AwsSpeechError(
            failure_named("", status=status), service=SERVICE, reason=f"HTTP {status}"
        ) from error
    except TimeoutError as error:
        raise AwsSpeechError(Failure.STALLED, service=SERVICE) from error
    except (OSError, InvalidHandshake, InvalidMessage, EOFError) as error:
        raise AwsSpeechError(Failure.LOST, service=SERVICE, reason=type(error).__name__) from error
    return WebSocketStream(socket, patience)


class WebSocketStream:
    """One socket. Owns one task, begun here and ended by `close` or by the end of the stream."""

    def __init__(self, socket: ClientConnection, patience: Patience) -> None:
        self._socket = socket
        self._patience = patience
        self._outlet = Outlet()
        self._buffer = EventStreamBuffer()
        self._is_finishing = False
        self._task = asyncio.get_running_loop().create_task(self._receive())

    async def send(self, pcm: bytes) -> None:
        self._outlet.raise_failure()
        await self._send_event(pcm)

    async def finish(self) -> None:
        self._is_finishing = True
        if self._outlet.failure is None:
            await self._send_event(b"")

    def results(self) -> AsyncIterator[TranscribeResult]:
        return self._outlet.results()

    async def close(self) -> None:
        self._outlet.end()
        self._task.cancel()
        await asyncio.wait([self._task])
        # Whatever it still has to send: a peer that reads nothing would hold an orderly close up.
        self._socket.transport.abort()
        await self._socket.wait_closed()

    async def _send_event(self, payload: bytes) -> None:
        event = audio_event(payload)
        # The library's own `send`, under a time limit, is for when there is something to wait for: it costs as much CPU as
        # all the rest of the stream, ten times a second.
        if self._socket.state is State.OPEN and not self._socket.transport.get_write_buffer_size():
            self._socket.protocol.send_binary(event)
            self._socket.send_data()
        else:
            await self._wait_and_send(event)

    async def _wait_and_send(self, event: bytes) -> None:
        try:
            async with asyncio.timeout(self._patience.send):
                await self._socket.send(event)
        except TimeoutError as error:
            self._outlet.end(AwsSpeechError(Failure.STALLED, service=SERVICE))
            raise AwsSpeechError(Failure.STALLED, service=SERVICE) from error
        except ConnectionClosed as error:
            # The reader knows the reason better: an exception event may be on its way.
            await asyncio.wait([self._task], timeout=self._patience.close)
            self._outlet.raise_failure()
            raise _lost(error) from error

    async def _receive(self) -> None:
        try:
            while True:
                self._take(await self._socket.recv())
        except AwsSpeechError as error:
            self._outlet.end(error)
        except ConnectionClosed as error:
            is_wanted = self._is_finishing and error.rcvd is not None and error.rcvd.code == 1000
            self._outlet.end(None if is_wanted else _lost(error))

    def _take(self, data: str | bytes) -> None:
        try:
            self._buffer.add_data(data.encode() if isinstance(data, str) else data)
            for message in self._buffer:
                for result in _results(message):
                    self._outlet.put(result)
        except (ParserError, ValueError) as error:
            raise AwsSpeechError(Failure.CORRUPT, service=SERVICE, reason=type(error).__name__) from error


def audio_event(pcm: bytes) -> bytes:
    """Frame audio as the event that the WebSocket API takes; no audio is the end."""
    headers_length = len(_AUDIO_HEADERS)
    prelude = struct.pack("!II", 16 + headers_length + len(pcm), headers_length)
    checked = b"".join((prelude, struct.pack("!I", crc32(prelude)), _AUDIO_HEADERS, pcm))
    return checked + struct.pack("!I", crc32(checked))


def _results(message: EventStreamMessage) -> tuple[TranscribeResult, ...]:
    headers = cast("Mapping[str, object]", message.headers)
    if headers.get(":message-type") != "event":
        name = str(headers.get(":exception-type") or headers.get(":error-code") or "unknown")
        raise AwsSpeechError(failure_named(name), service=SERVICE, reason=name)
    return tuple(read_event(message.payload)) if headers.get(":event-type") == "TranscriptEvent" else ()


def _presigned(place: Place, options: TranscribeOptions, credentials: ReadOnlyCredentials) -> str:
    url = place.url_for(Transport.WEBSOCKET) + _PATH
    request = AWSRequest(method="GET", url=url, params=options.parameters())
    SigV4QueryAuth(credentials, "transcribe", place.region, expires=_EXPIRES_SECONDS).add_auth(request)
    return str(request.url)


def _lost(error: ConnectionClosed) -> AwsSpeechError:
    reason = f"close code {error.rcvd.code}" if error.rcvd is not None else "the connection broke off"
    return AwsSpeechError(Failure.LOST, service=SERVICE, reason=reason)


@lru_cache(maxsize=4)
def _tls(ca_file: str | None) -> ssl.SSLContext:
    # Kept: reading the machine's authorities takes 20 ms.
    return ssl.create_default_context(cafile=ca_file)
