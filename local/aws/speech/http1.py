"""The services' end of HTTP/1.1: requests read whole, answers written piece by piece."""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import h11

from local.aws.speech.faults import reset
from local.aws.speech.signatures import HttpRequest
from offhook.json_types import JsonObject

_READ_BYTES = 65_536


class BrokenOffError(Exception):
    """The connection is broken off by a fault."""


class Connection:
    """One connection of HTTP/1.1, whose server may also stop in the middle, or break it off."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._h11 = h11.Connection(h11.SERVER)

    async def serve(self, answer: Callable[[HttpRequest], Awaitable[None]]) -> None:
        """Have each request answered, until the peer or a fault ends the connection."""
        try:
            while (request := await self._request()) is not None:
                await answer(request)
                self._h11.start_next_cycle()
        except (BrokenOffError, ConnectionError, h11.ProtocolError):
            pass
        finally:
            self._writer.close()

    async def answer(self, status: int, content: JsonObject, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(content).encode()
        fields = {"content-type": "application/json", "content-length": str(len(body))}
        await self.begin(status, fields | (headers or {}))
        await self.send(body)
        await self.end()

    async def begin(self, status: int, headers: dict[str, str]) -> None:
        fields = [*headers.items(), ("x-amzn-requestid", str(uuid.uuid4()))]
        await self._send(h11.Response(status_code=status, headers=fields))

    async def send(self, data: bytes) -> None:
        await self._send(h11.Data(data=data))

    async def end(self) -> None:
        await self._send(h11.EndOfMessage())

    def reset(self) -> None:
        reset(self._writer.transport)

    async def wait_closed(self) -> None:
        while await self._reader.read(_READ_BYTES):
            pass

    async def _request(self) -> HttpRequest | None:
        """Return the next request with its body, or None when the peer has gone."""
        head, body = await self._event(), b""
        if not isinstance(head, h11.Request):
            return None
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
        url = urlsplit(head.target.decode())
        headers = {name.decode(): value.decode() for name, value in head.headers}
        return HttpRequest(
            method=head.method.decode(), path=url.path, query=url.query, headers=headers, body=body
        )

    async def _event(self) -> object:
        while (event := self._h11.next_event()) is h11.NEED_DATA:
            if self._h11.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self._h11.receive_data(await self._reader.read(_READ_BYTES))
        return event

    async def _send(self, event: h11.Event) -> None:
        if data := self._h11.send(event):
            self._writer.write(data)
            await self._writer.drain()
