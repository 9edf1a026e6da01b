"""Callers who come for one sentence: they say it as fast as the streamer takes it, and leave in one of several ways."""

import asyncio
import base64
from contextlib import suppress
from enum import StrEnum

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.speech import Clip
from streamer.media import Audio, MarkRequested, MediaStream, Role, Started
from streamer.media.mulaw import SILENT_CHUNK

_STARTED = Started(
    stream_sid="MZ-visit", call_sid="CA-visit", account_sid="bench.cloudonix.net", session="visit"
)
# The voice detector listens to the line first; after the words the service wants audio for as long as it tells them later.
_QUIET_BEFORE, _QUIET_AFTER = 25, 60


class Leaving(StrEnum):
    """When and how a caller leaves."""

    SATISFIED = "satisfied"  # has heard the reply out, and says goodbye
    CONTENT = "content"  # says goodbye as the reply begins
    CUT_OFF = "cut off"  # is gone without a goodbye as the reply begins
    HURRIED = "hurried"  # does not wait for the reply


async def visit(port: int, clip: Clip, leaving: Leaving, *, patience_s: float, path: str = "/visit") -> bool:
    """Make one call; return whether the agent answered within the patience."""
    async with connect(f"ws://127.0.0.1:{port}{path}", compression=None, proxy=None) as socket:
        visitor = _Visitor(socket, leaving)
        is_answered = False
        with suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(patience_s):
                await visitor.speak(clip)
                is_answered = await visitor.listen()
        await visitor.leave()
        return is_answered


class _Visitor:
    """One call."""

    def __init__(self, socket: ClientConnection, leaving: Leaving) -> None:
        self._socket = socket
        self._leaving = leaving
        self._stream = MediaStream(role=Role.CARRIER)

    async def speak(self, clip: Clip) -> None:
        await self._socket.send(self._stream.connected())
        await self._socket.send(self._stream.start(_STARTED))
        for chunk in (*[SILENT_CHUNK] * _QUIET_BEFORE, *clip.chunks, *[SILENT_CHUNK] * _QUIET_AFTER):
            await self._socket.send(self._stream.media(base64.b64encode(chunk).decode()))

    async def listen(self) -> bool:
        """Hear as much of the reply as this caller wants to; say whether there was any."""
        if self._leaving is Leaving.HURRIED:
            return False
        sentences = 0
        async for message in self._socket:
            event = self._stream.receive(message)
            if isinstance(event, MarkRequested):
                await self._socket.send(self._stream.mark(event.name))
                sentences += 1
            wants_more = self._leaving is Leaving.SATISFIED and sentences < 2
            if isinstance(event, Audio | MarkRequested) and not wants_more:
                return True
        return False

    async def leave(self) -> None:
        if self._leaving is Leaving.CUT_OFF:
            self._socket.transport.abort()
            return
        with suppress(ConnectionClosed):
            await self._socket.send(self._stream.stop())
