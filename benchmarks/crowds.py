"""Hostile peers who come in numbers: they ping without an end, are refused, say nothing, or make calls up."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import ClassVar, TypeAlias

from websockets.frames import Opcode

from benchmarks.messages import ANNOUNCED_UPGRADE, REFUSED_UPGRADE, UPGRADE, connected, frame, opening

_LOOK_S = 0.01
_CONNECT_LIMIT_S = 5.0
# Not that of the callers.
STRANGERS_ADDRESS = "127.0.0.2"
_TRY_AGAIN_AFTER_S = 0.05
_PINGS = frame(Opcode.PING, b"") * 10_000
_BUFFER_BYTES = 65_536
_END_BYTES = 127
_CLOSE = 0x88


class Crowd:
    """Peers of one process; what became of them is counted."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends: Counter[str] = Counter()
        self._begun_s = time.perf_counter()

    def account(self) -> str:
        """Return what became of the peers."""
        seconds = time.perf_counter() - self._begun_s
        ends = (
            ", ".join(f"{end} ({count} times)" for end, count in self._ends.items()) or "stayed on the line"
        )
        return f"{ends}; {self._ends.total() / seconds:.0f} ends/s"

    def send(self, peer: Coroutine[None, None, None]) -> None:
        """Have another peer come."""
        task = asyncio.create_task(peer)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def open(self, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect and send a request for an upgrade; raise OSError."""
        async with asyncio.timeout(_CONNECT_LIMIT_S):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self._port, local_addr=(STRANGERS_ADDRESS, 0)
            )
        writer.write(request)
        return reader, writer

    async def see_out(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read until the streamer has had enough."""
        end = b""
        with suppress(OSError):
            while data := await reader.read(_BUFFER_BYTES):
                end = (end + data)[-_END_BYTES:]
        self._ends[_end_of(end)] += 1
        writer.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pings:
    """Peers with a bad token who send pings as fast as they can be written, and come back when they are thrown out."""

    peers: int = 8
    name: ClassVar[str] = "pings, bad token"

    async def run(self, crowd: Crowd) -> None:
        """Attack until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.peers):
                tasks.create_task(self._ping_on(crowd))

    async def _ping_on(self, crowd: Crowd) -> None:
        while True:
            with suppress(OSError, TimeoutError):
                reader, writer = await crowd.open(REFUSED_UPGRADE)
                out = asyncio.create_task(crowd.see_out(reader, writer))
                with suppress(OSError):
                    while not out.done():
                        writer.write(_PINGS)
                        await writer.drain()
                        await asyncio.sleep(0)
                await out
            await asyncio.sleep(_TRY_AGAIN_AFTER_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Peers with a bad token, so many a second, who stay until they are thrown out."""

    per_second: float = 211.0
    name: ClassVar[str] = "sockets, bad token"

    async def run(self, crowd: Crowd) -> None:
        """Attack until cancelled."""
        await _at_pace(crowd, self.per_second, self._come)

    async def _come(self, crowd: Crowd) -> None:
        with suppress(OSError, TimeoutError):
            await crowd.see_out(*await crowd.open(REFUSED_UPGRADE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Peers whose handshake is good, who then say as little as they may: `connected` just in time, and no `start`."""

    per_second: float = 9.0
    connected_after_s: float = 9.0
    name: ClassVar[str] = "silent handshakes"

    async def run(self, crowd: Crowd) -> None:
        """Attack until cancelled."""
        await _at_pace(crowd, self.per_second, self._come)

    async def _come(self, crowd: Crowd) -> None:
        with suppress(OSError, TimeoutError):
            reader, writer = await crowd.open(UPGRADE)
            out = asyncio.create_task(crowd.see_out(reader, writer))
            await asyncio.wait([out], timeout=self.connected_after_s)
            writer.write(connected())
            await out


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """Peers who open an agent's Agent Stream for calls that are none; the streamer is that of `benchmarks.announced`."""

    per_second: float = 10.0
    name: ClassVar[str] = "made-up calls"

    async def run(self, crowd: Crowd) -> None:
        """Attack until cancelled."""
        await _at_pace(crowd, self.per_second, self._come)

    async def _come(self, crowd: Crowd) -> None:
        with suppress(OSError, TimeoutError):
            reader, writer = await crowd.open(ANNOUNCED_UPGRADE)
            writer.write(opening())
            await crowd.see_out(reader, writer)


CrowdAttack: TypeAlias = Pings | Refused | Silent | MadeUp


def attack_in_numbers(attack: CrowdAttack, port: int, control: Connection) -> str:
    """Attack until told to stop; return what became of it."""

    async def run() -> str:
        crowd = Crowd(port)
        task = asyncio.create_task(attack.run(crowd))
        await asyncio.to_thread(control.recv)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return crowd.account()

    return asyncio.run(run())


async def _at_pace(
    crowd: Crowd, per_second: float, come: Callable[[Crowd], Coroutine[None, None, None]]
) -> None:
    begun_s, count = time.perf_counter(), 0
    while True:
        due = int((time.perf_counter() - begun_s) * per_second)
        for _ in range(due - count):
            crowd.send(come(crowd))
        count = due
        await asyncio.sleep(_LOOK_S)


def _end_of(data: bytes) -> str:
    at = data.rfind(bytes([_CLOSE]))
    return f"closed {int.from_bytes(data[at + 2 : at + 4], 'big')}" if at >= 0 else "cut off"
