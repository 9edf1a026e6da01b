"""A session to be watched: its log in memory, and clients of its socket that gather what they are sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Any, ParamSpec, TypeVar, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from offhook.errors import StorageError
from offhook.runs.log.entry import LogEntry
from offhook.runs.model import Run, RunStatus
from offhook.runs.ports import EventLog, RunRepository
from streamer.record.threads import Threads
from tests.support.phone import DEADLINE_S

P = ParamSpec("P")
T = TypeVar("T")


NOTHING_IS_WANTED: dict[str, Any] = {"commands": None, "lines": None, "listening": None}
"""For sockets over which clients do no more than watch."""


class InlineThreads:
    """Threads that are none: what blocks is done at once, after others had their turn."""

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await asyncio.sleep(0)
        return call(*args, **kwargs)


def inline_threads() -> Threads:
    return cast(Threads, InlineThreads())


@dataclass
class MemoryLog:
    """One run and its log, by flushes; it counts what it is asked, and fails as often as it is told to."""

    run: Run
    flushes: list[Sequence[LogEntry]] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    rows_read: int = 0
    failures: int = 0

    @property
    def entries(self) -> list[LogEntry]:
        return [entry for flush in self.flushes for entry in flush]

    def append(self, run_id: int, entries: Sequence[LogEntry]) -> None:
        self.flushes.append(tuple(entries))

    def read(self, run_id: int, *, after_seq: int = 0, consistent: bool = False) -> Iterator[LogEntry]:
        self._fail()
        return (entry for flush in self._after(after_seq) for entry in flush if entry.seq > after_seq)

    def follow(self, run_id: int, last_seq: int) -> Iterator[LogEntry]:
        self.asked.append(last_seq)
        self._fail()
        return (entry for flush in self._after(last_seq) if flush[0].seq > last_seq for entry in flush)

    def ends(self, run_id: int) -> tuple[int, int]:
        self._fail()
        return (self.flushes[0][0].seq, self.flushes[-1][-1].seq) if self.flushes else (0, 0)

    def get(self, organization_id: str, run_id: int) -> Run:
        self.rows_read += 1
        return self.run

    def finish(self, **changes: Any) -> None:
        self.run = replace(self.run, status=RunStatus.COMPLETED, **changes)

    def as_log(self) -> EventLog:
        return cast(EventLog, self)

    def as_runs(self) -> RunRepository:
        return cast(RunRepository, self)

    def _after(self, seq: int) -> list[Sequence[LogEntry]]:
        later = takewhile(lambda flush: flush[-1].seq > seq, reversed(self.flushes))
        return list(later)[::-1]

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise StorageError("The log is away.")


class SessionPeer:
    """A client of a session socket, and all that it was sent."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._changed = asyncio.Condition()
        self.texts: list[str] = []
        self.binary: list[bytes] = []
        self.close_code: int | None = None
        self.close_reason = ""

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.texts]

    @property
    def logged(self) -> list[str]:
        """The frames with a seq, as they came."""
        return [text for text in self.texts if "seq" in json.loads(text)]

    def of(self, type_: str) -> list[dict[str, Any]]:
        """The data of the frames of this type that have no seq."""
        return [frame["data"] for frame in self.frames if frame["type"] == type_ and "seq" not in frame]

    async def send(self, type_: str, data: dict[str, Any] | None = None, **more: Any) -> None:
        await self.send_text(json.dumps({"type": type_, "data": data or {}, **more}))

    async def send_text(self, text: str | bytes) -> None:
        with suppress(ConnectionClosed):
            await self._connection.send(text)

    async def ask(self, type_: str, data: dict[str, Any] | None = None, *, id_: str = "q") -> dict[str, Any]:
        """Send a frame; return the data of its answer, with its type."""
        before = len(self.texts)
        await self.send(type_, data, id=id_)
        return await self.answer(before)

    async def answer(self, before: int = 0) -> dict[str, Any]:
        """Return the next answer to a frame."""

        def answers() -> list[dict[str, Any]]:
            return [frame for frame in self.frames[before:] if "request_id" in frame["data"]]

        await self.wait_until(lambda: bool(answers()))
        return {"type": answers()[0]["type"], **answers()[0]["data"]}

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S), self._changed:
            await self._changed.wait_for(condition)

    async def wait_closed(self) -> int | None:
        await self.wait_until(lambda: self.close_code is not None)
        return self.close_code

    def drop(self) -> None:
        """Lose the connection without a goodbye."""
        self._connection.transport.abort()

    async def listen(self) -> None:
        with suppress(ConnectionClosed):
            async for message in self._connection:
                if isinstance(message, str):
                    self.texts.append(message)
                else:
                    self.binary.append(message)
                await self._tell()
        self.close_reason = self._connection.close_reason or ""
        self.close_code = self._connection.close_code
        await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def session_path(run: Run, **query: Any) -> str:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return f"/api/v1/streaming/sessions/{run.session_id}/ws?{asked}"


@asynccontextmanager
async def watch(port: int, run: Run, **query: Any) -> AsyncIterator[SessionPeer]:
    """Open a session's socket at a streamer on this machine; it is closed at the end."""
    url = f"ws://127.0.0.1:{port}{session_path(run, **query)}"
    async with connect(url, compression=None, proxy=None, max_size=None) as connection:
        peer = SessionPeer(connection)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(peer.listen())
            await peer.wait_until(lambda: bool(peer.texts) or peer.close_code is not None)
            yield peer
            await connection.close()
