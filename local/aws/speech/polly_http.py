"""Polly over HTTP/1.1, and the control routes of a test that runs in another process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from local.aws.speech.faults import Fault, Kind, Service
from local.aws.speech.http1 import BrokenOffError, Connection
from local.aws.speech.polly import Polly, Speech
from local.aws.speech.refusals import RefusalError
from local.aws.speech.signatures import Account, HttpRequest, check_request
from offhook.json_types import JsonObject

Control = Callable[[str, bytes], JsonObject]
"""Carries out a control request: its path and body."""

CONTROL_PATH = "/_control/"
_BYTES_PER_MS = {"audio/mulaw": 8, "audio/pcm": 16}
_FAILURES = {
    Kind.THROTTLE: RefusalError("ThrottlingException", "Rate exceeded"),
    Kind.INTERNAL: RefusalError(
        "ServiceFailureException", "An unknown condition has caused a service failure.", status=500
    ),
    Kind.UNAVAILABLE: RefusalError(
        "ServiceUnavailableException", "Service is currently unavailable.", status=503
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PollyFront:
    """Serves connections."""

    polly: Polly
    account: Account
    control: Control
    connections: set[asyncio.WriteTransport]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until the peer or a fault ends it."""
        connection = Connection(reader, writer)
        strikes: asyncio.Queue[Fault] = asyncio.Queue()

        async def answer(request: HttpRequest) -> None:
            unregister = self.polly.faults.register(Service.POLLY, strikes.put_nowait)
            try:
                await self._answer(connection, request, strikes)
            finally:
                unregister()

        self.connections.add(writer.transport)
        try:
            await connection.serve(answer)
        finally:
            self.connections.discard(writer.transport)

    async def _answer(
        self, connection: Connection, request: HttpRequest, strikes: asyncio.Queue[Fault]
    ) -> None:
        if request.path.startswith(CONTROL_PATH):
            await connection.answer(200, self.control(request.path.removeprefix(CONTROL_PATH), request.body))
            return
        try:
            check_request(request, self.account, service="polly", now=datetime.now(UTC))
            await self._operate(connection, request, strikes)
        except RefusalError as error:
            headers = {"x-amzn-errortype": error.name}
            await connection.answer(error.status, {"message": str(error)}, headers)

    async def _operate(
        self, connection: Connection, request: HttpRequest, strikes: asyncio.Queue[Fault]
    ) -> None:
        match request.method, request.path:
            case "GET", "/v1/voices":
                query = dict(parse_qsl(request.query))
                await connection.answer(200, self.polly.describe_voices(query))
            case "POST", "/v1/speech":
                await self._speak(connection, request, strikes)
            case _:
                raise RefusalError("UnknownOperationException", "There is no such operation.", status=404)

    async def _speak(
        self, connection: Connection, request: HttpRequest, strikes: asyncio.Queue[Fault]
    ) -> None:
        fault = self.polly.faults.take(Service.POLLY)
        if fault is not None and fault.after_ms is None:
            await _befall_before(fault, connection)
        speech = self.polly.synthesize(request.body)
        headers = {"content-type": speech.content_type, "x-amzn-requestcharacters": str(speech.characters)}
        await connection.begin(200, headers | {"transfer-encoding": "chunked"})
        async for piece in _with_faults(speech, fault, strikes, connection):
            await connection.send(piece)
        await connection.end()


async def _befall_before(fault: Fault, connection: Connection) -> None:
    if fault.kind is Kind.SLOW:
        await asyncio.sleep(fault.delay_ms / 1000)
    elif fault.kind in _FAILURES:
        raise _FAILURES[fault.kind]
    elif fault.kind is not Kind.SILENCE:
        await _break_off(fault, connection)


async def _with_faults(
    speech: Speech, fault: Fault | None, strikes: asyncio.Queue[Fault], connection: Connection
) -> AsyncIterator[bytes]:
    """Yield the speech until a fault befalls it; what has been sent by then is exactly what its time says."""
    bytes_per_ms, sent = _BYTES_PER_MS[speech.content_type], 0
    is_silent = fault is not None and fault.kind is Kind.SILENCE and fault.after_ms is None
    async for piece in speech.pieces:
        due = strikes.get_nowait() if not strikes.empty() else None
        left = len(piece)
        if due is None and fault is not None and fault.after_ms is not None:
            left = max(0, fault.after_ms * bytes_per_ms - sent)
            due = fault if left < len(piece) else None
        if due is not None:
            yield piece[:left]
            if due.kind is Kind.SILENCE:
                is_silent, fault = True, None
            elif due.kind is Kind.SLOW:
                await asyncio.sleep(due.delay_ms / 1000)
                fault = None
            else:
                await _break_off(due, connection)
        rest = piece[left:] if due is not None else piece
        sent += len(piece)
        if rest:
            silence = b"\xff" if bytes_per_ms == 8 else b"\0"
            yield silence * len(rest) if is_silent else rest


async def _break_off(fault: Fault, connection: Connection) -> None:
    if fault.kind is Kind.STALL:
        await connection.wait_closed()
    elif fault.kind is Kind.RESET_CONNECTION:
        connection.reset()
    # An exception cannot be told within a body: whatever else it is, the service cuts the body off.
    raise BrokenOffError
