"""Transcribe over HTTP/2: event streams both ways in one request, each of the client's events signed."""

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import ProtocolError

from local.aws.speech import event_stream
from local.aws.speech.faults import Service, reset
from local.aws.speech.refusals import RefusalError, bad_request
from local.aws.speech.signatures import (
    Account,
    EventChain,
    HttpRequest,
    Scope,
    check_request,
)
from local.aws.speech.transcribe_request import TranscriptionRequest
from local.aws.speech.transcribe_stream import Transcribe, TranscribeStream

_PATH = "/stream-transcription"
_PREFIX = "x-amzn-transcribe-"


class Http2Connection(asyncio.Protocol):
    """One connection; the streams in it are tasks, ended with it."""

    def __init__(
        self, service: Transcribe, account: Account, connections: set[asyncio.WriteTransport]
    ) -> None:
        self.service = service
        self.account = account
        self._connections = connections
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._streams: dict[int, _Http2Stream] = {}
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self._transport)
        self.h2.initiate_connection()
        self.flush()

    def data_received(self, data: bytes) -> None:
        try:
            for event in self.h2.receive_data(data):
                self._handle(event)
        except ProtocolError:
            self.abort()
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._connections.discard(self._transport)
        self._transport = None
        for stream in list(self._streams.values()):
            stream.cancel()

    def flush(self) -> None:
        if self._transport is not None and (data := self.h2.data_to_send()):
            self._transport.write(data)

    def abort(self) -> None:
        """Break off as a network does: the peer reads a reset."""
        if self._transport is not None:
            reset(self._transport)

    def forget(self, stream_id: int) -> None:
        self._streams.pop(stream_id, None)

    def _handle(self, event: events.Event) -> None:
        match event:
            case events.RequestReceived():
                self._begin(event)
            case events.DataReceived():
                self._take(event)
            case events.StreamEnded():
                self._with(event.stream_id, lambda stream: stream.feed_end())
            case events.StreamReset():
                self._with(event.stream_id, lambda stream: stream.cancel())
            case events.WindowUpdated():
                for stream in list(self._streams.values()):
                    stream.write()
            case events.ConnectionTerminated():
                for stream in list(self._streams.values()):
                    stream.cancel()

    def _take(self, event: events.DataReceived) -> None:
        stream = self._streams.get(event.stream_id or 0)
        if stream is None or stream.feed(event.data):
            self.acknowledge(event.stream_id or 0, event.flow_controlled_length)

    def acknowledge(self, stream_id: int, length: int) -> None:
        """Let the peer send so much more."""
        self.h2.acknowledge_received_data(length, stream_id)
        self.flush()

    def _with(self, stream_id: int | None, use: "Callable[[_Http2Stream], None]") -> None:
        if (stream := self._streams.get(stream_id or 0)) is not None:
            use(stream)

    def _begin(self, event: events.RequestReceived) -> None:
        stream_id = event.stream_id or 0
        headers = {str(name): str(value) for name, value in event.headers or ()}
        self._streams[stream_id] = _Http2Stream(self, stream_id, headers)


class _Http2Stream:
    """One request: the wire of one transcription."""

    def __init__(self, connection: Http2Connection, stream_id: int, headers: dict[str, str]) -> None:
        self._connection = connection
        self._h2 = connection.h2
        self._id = stream_id
        self._headers = headers
        self._service = connection.service
        self._account = connection.account
        self._decoder = event_stream.Decoder()
        self._events: asyncio.Queue[event_stream.Message | RefusalError | None] = asyncio.Queue()
        self._outgoing = bytearray()
        self._is_answered = self._is_ending = self._is_over = self._is_paused = False
        self._has_peer_ended = False
        self._task = asyncio.get_running_loop().create_task(self._run())

    def feed(self, data: bytes) -> bool:
        """Take data of the request; say whether the peer may send more."""
        try:
            for message in self._decoder.feed(data):
                self._events.put_nowait(message)
        except RefusalError as error:
            self._events.put_nowait(error)
        return not self._is_paused

    def feed_end(self) -> None:
        self._has_peer_ended = True
        self._events.put_nowait(None)

    def cancel(self) -> None:
        self._is_over = True
        self._task.cancel()

    def write(self) -> None:
        """Send as much of what waits as the peer's window takes."""
        while self._outgoing and not self._is_over:
            size = min(
                self._h2.local_flow_control_window(self._id),
                self._h2.max_outbound_frame_size,
                len(self._outgoing),
            )
            if size <= 0:
                break
            self._h2.send_data(self._id, bytes(self._outgoing[:size]))
            del self._outgoing[:size]
        if self._is_ending and not self._outgoing and not self._is_over:
            self._is_over = True
            self._h2.end_stream(self._id)
        self._connection.flush()

    async def open(self, request: TranscriptionRequest) -> None:
        self._answer(
            200,
            "application/vnd.amazon.eventstream",
            {_PREFIX + name: value for name, value in request.asked.items()}
            | {_PREFIX + "session-id": request.session_id},
        )

    async def send_event(self, payload: bytes, *, spoiled: bool = False) -> None:
        self._send(event_stream.transcript_event(payload, spoiled=spoiled))

    async def refuse(self, error: RefusalError) -> None:
        if self._is_answered:
            self._send(event_stream.exception(error))
        else:
            self._answer(error.status, "application/json", {"x-amzn-errortype": error.name})
            self._send(json.dumps({"Message": str(error)}).encode())
        self._end()

    async def end(self) -> None:
        if not self._is_answered:
            self._answer(200, "application/vnd.amazon.eventstream", {})
        self._end()
        if not self._has_peer_ended:
            # A peer that is still sending would not take the end of the answer for the end of the stream.
            self._h2.reset_stream(self._id, ErrorCodes.NO_ERROR)
            self._connection.flush()

    def _end(self) -> None:
        self._is_ending = True
        self.write()

    async def read_audio(self) -> bytes | None:
        event = await self._events.get()
        if isinstance(event, RefusalError):
            raise event
        if event is None:
            return None
        self._chain.check(event, datetime.now(UTC))
        return self._audio(event.payload)

    def _audio(self, payload: bytes) -> bytes | None:
        """Return the audio of a signed event, in which the event itself is framed once more; None for the empty last."""
        inner = next(iter(event_stream.Decoder().feed(payload)), None) if payload else None
        if inner is None:
            return None
        if inner.headers.get(":event-type") != "AudioEvent" or inner.headers.get(":message-type") != "event":
            raise bad_request("Send audio events only.")
        return inner.payload or None

    def pause_reading(self) -> None:
        self._is_paused = True

    async def wait_closed(self) -> None:
        await asyncio.get_running_loop().create_future()  # the task is cancelled with its stream

    def reset(self, *, connection: bool) -> None:
        self._is_over = True
        if connection:
            self._connection.abort()
        else:
            self._h2.reset_stream(self._id, ErrorCodes.INTERNAL_ERROR)
            self._connection.flush()

    async def _run(self) -> None:
        try:
            scope = self._check_request()
            self._chain = EventChain(scope, self._account)
            asked = {
                name.removeprefix(_PREFIX): value
                for name, value in self._headers.items()
                if name.startswith(_PREFIX)
            }
            await TranscribeStream(self._service, self).serve(
                asked, self._service.faults.take(Service.TRANSCRIBE)
            )
        except RefusalError as error:
            await self.refuse(error)
        finally:
            self._connection.forget(self._id)

    def _check_request(self) -> Scope:
        path = urlsplit(self._headers.get(":path", ""))
        if path.path != _PATH or self._headers.get(":method") != "POST":
            raise RefusalError("UnknownOperationException", "There is no such operation.", status=404)
        headers = {"host": self._headers.get(":authority", "")} | self._headers
        request = HttpRequest(method="POST", path=path.path, query=path.query, headers=headers)
        return check_request(request, self._account, service="transcribe", now=datetime.now(UTC))

    def _answer(self, status: int, content_type: str, headers: dict[str, str]) -> None:
        self._is_answered = True
        fields = {
            ":status": str(status),
            "content-type": content_type,
            "x-amzn-request-id": str(uuid.uuid4()),
        }
        self._h2.send_headers(self._id, [*(fields | headers).items()])
        self._connection.flush()

    def _send(self, data: bytes) -> None:
        if not self._is_over:
            self._outgoing += data
            self.write()
