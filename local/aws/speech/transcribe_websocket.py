"""Transcribe over WebSocket: a presigned address, and event-stream messages that are not signed one by one."""

import asyncio
import http
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit
from weakref import WeakKeyDictionary

from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from local.aws.speech import event_stream
from local.aws.speech.faults import Fault, Kind, Service, reset
from local.aws.speech.refusals import RefusalError, bad_request
from local.aws.speech.signatures import Account, HttpRequest, check_presigned
from local.aws.speech.transcribe_request import TranscriptionRequest
from local.aws.speech.transcribe_stream import Transcribe, TranscribeStream

_PATH = "/stream-transcription-websocket"


# Errors come as events after it, as the service's own do.
_BEFORE_THE_UPGRADE = (Kind.STALL, Kind.SLOW, Kind.RESET_STREAM, Kind.RESET_CONNECTION)
_LOOK_SECONDS = 0.05


class WebSocketFront:
    """Checks each address before the upgrade, and serves one stream on each socket."""

    def __init__(self, service: Transcribe, account: Account) -> None:
        self._service = service
        self._account = account
        self._faults: WeakKeyDictionary[ServerConnection, Fault | None] = WeakKeyDictionary()

    async def check(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse an address without a good signature with HTTP 403, as the service does."""
        url = urlsplit(request.path)
        if url.path != _PATH:
            return _response(404, "There is no such operation.")
        signed = HttpRequest(
            method="GET",
            path=url.path,
            query=url.query,
            headers={name.lower(): value for name, value in request.headers.raw_items()},
        )
        try:
            check_presigned(signed, self._account, service="transcribe", now=datetime.now(UTC))
        except RefusalError as error:
            return _response(error.status, str(error))
        fault = self._service.faults.take(Service.TRANSCRIBE)
        if fault is None or fault.after_ms is not None or fault.kind not in _BEFORE_THE_UPGRADE:
            self._faults[connection] = fault
        else:
            await _befall(fault, connection)
        return None

    async def serve(self, connection: ServerConnection) -> None:
        """Serve the socket's stream to its end."""
        path = connection.request.path if connection.request is not None else ""
        query = dict(parse_qsl(urlsplit(path).query, keep_blank_values=True))
        asked = {name: value for name, value in query.items() if not name.startswith("X-Amz-")}
        try:
            await TranscribeStream(self._service, _Wire(connection)).serve(
                asked, self._faults.get(connection)
            )
        except* ConnectionClosed:
            pass


class _Wire:
    """One socket as the wire of one transcription."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._decoder = event_stream.Decoder()

    async def open(self, request: TranscriptionRequest) -> None:
        """Say nothing: the socket is open."""

    async def send_event(self, payload: bytes, *, spoiled: bool = False) -> None:
        await self._connection.send(event_stream.transcript_event(payload, spoiled=spoiled))

    async def refuse(self, error: RefusalError) -> None:
        await self._connection.send(event_stream.exception(error))
        await self.end()

    async def end(self) -> None:
        await self._connection.close()

    async def read_audio(self) -> bytes | None:
        data = await self._connection.recv()
        if isinstance(data, str):
            raise bad_request("Send binary messages only.")
        messages = list(self._decoder.feed(data))
        if len(messages) != 1:
            raise bad_request("Send one event in each message.")
        if messages[0].headers.get(":event-type") != "AudioEvent":
            raise bad_request("Send audio events only.")
        return messages[0].payload or None

    def pause_reading(self) -> None:
        """Do nothing: who does not read would not see that the peer has gone."""

    async def wait_closed(self) -> None:
        async for _ in self._connection:
            pass

    def reset(self, *, connection: bool) -> None:
        _break_off(self._connection, with_reset=connection)


async def _befall(fault: Fault, connection: ServerConnection) -> None:
    if fault.kind is Kind.SLOW:
        await asyncio.sleep(fault.delay_ms / 1000)
    elif fault.kind is Kind.STALL:
        while not connection.transport.is_closing():  # noqa: ASYNC110 - the library tells nobody before the upgrade
            await asyncio.sleep(_LOOK_SECONDS)
    else:
        _break_off(connection, with_reset=fault.kind is Kind.RESET_CONNECTION)


def _break_off(connection: ServerConnection, *, with_reset: bool) -> None:
    if with_reset:
        reset(connection.transport)
    else:
        connection.transport.abort()


def _response(status: int, sentence: str) -> Response:
    body = json.dumps({"Message": sentence}).encode()
    headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body))})
    return Response(status, http.HTTPStatus(status).phrase, headers, body)
