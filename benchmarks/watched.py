"""A streamer with stub calls, of which the first can be watched and listened to at /watch, as a session is.

`python -m benchmarks.watched` prints `{"port": N}` as the streamer does. Its log lies in memory: what is measured is what
those who watch cost the calls, not the store.
"""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop

from offhook.clock import system_clock
from offhook.ids import new_run_id
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import Event
from offhook.runs.model import Direction, Run, RunStatus
from offhook.runs.ports import EventLog, RunRepository
from offhook.sessions.tokens import Grant, TokenScope
from streamer.conductor.playout import Pacer
from streamer.live_calls import LiveCall, LiveCalls
from streamer.media import MediaStream, Role
from streamer.record.event_writer import GATHER_S
from streamer.record.owned_call import OwnedCall
from streamer.record.threads import Threads
from streamer.sessions.commanding import Commanding
from streamer.sessions.feeds import Feeds
from streamer.sessions.follower import Follower
from streamer.sessions.listening import Channel, Listening
from streamer.sessions.session_sockets import SessionSockets
from streamer.sessions.web_calls import WebCalls
from streamer.sockets.guests import Attend
from streamer.sockets.handshake import handshake
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.server import Route, Server
from streamer.stub import StubCalls

_THREADS = 2


@dataclass
class _Log:
    """The log of the watched run, flushed as often as a real one."""

    feeds: Feeds
    run: Run
    entries: list[LogEntry] = field(default_factory=list)
    unsaid: list[LogEntry] = field(default_factory=list)

    def add(self, event: Event) -> None:
        seq = len(self.entries) + len(self.unsaid) + 1
        self.unsaid.append(LogEntry.new(seq=seq, at=system_clock(), event=event))
        if len(self.unsaid) == 1:
            asyncio.get_running_loop().call_later(GATHER_S, self._flush)

    def read(self, run_id: int, *, after_seq: int = 0, consistent: bool = False) -> Iterator[LogEntry]:
        return iter(self.entries[after_seq:])

    def ends(self, run_id: int) -> tuple[int, int]:
        return min(1, len(self.entries)), len(self.entries)

    def _flush(self) -> None:
        flushed, self.unsaid = self.unsaid, []
        self.entries += flushed
        self.feeds.stored(self.run.id, flushed)


class _Record:
    """What the calls of a process are asked of their records, where nothing is kept."""

    def doubt(self) -> None:
        """Nobody else can have the run."""


class _Nowhere:
    """No other process has a call."""

    def open(self, channel: Channel) -> partial[None]:
        channel.tell(is_live=False)
        return partial(_nothing)


def _nothing() -> None:
    """Nothing was opened."""


class WatchedCalls(StubCalls):
    """Stub calls; the first one is a run."""

    def __init__(self, pacer: Pacer) -> None:
        super().__init__(pacer)
        now = system_clock()
        self._run = Run(
            id=new_run_id(now),
            organization_id="benchmark",
            name="WR-API-0000",
            agent_uuid="benchmark",
            version=1,
            status=RunStatus.IN_PROGRESS,
            direction=Direction.INBOUND,
            mode="cloudonix",
            created_at=now,
        )
        feeds, threads = Feeds(), Threads("sessions", size=_THREADS)
        self._live_calls = LiveCalls(pacer)
        self._log = _Log(feeds, self._run)
        log = cast(EventLog, self._log)
        self._sockets = SessionSockets(
            feeds=feeds,
            follower=Follower(
                log=log, runs=cast(RunRepository, None), threads=threads, is_ours=lambda _: True
            ),
            log=log,
            commands=cast(Commanding, None),
            lines=cast(WebCalls, None),
            listening=Listening(self._live_calls, _Nowhere(), system_clock),
            threads=threads,
            clock=system_clock,
        )

    @property
    def routes(self) -> tuple[Route, ...]:
        return Route("/watch", gate=self._admit), *super().routes

    async def serve(self, socket: MediaSocket, match: dict[str, str]) -> None:
        if self._live_calls.find(self._run.id) is not None:
            await super().serve(socket, match)
            return
        stream = MediaStream(role=Role.AGENT)
        await handshake(socket, stream)
        socket.take_place()
        conductor = self.conductor(socket, stream, self._log.add)
        call = LiveCall(conductor=conductor, record=cast(OwnedCall, _Record()))
        self._live_calls.add(self._run.id, call)
        try:
            await conductor.run()
        finally:
            self._live_calls.remove(call)

    async def _admit(self, socket: MediaSocket, _: dict[str, str]) -> Attend:
        grant = Grant(organization_id=self._run.organization_id, scope=TokenScope.OBSERVE)
        return partial(self._sockets.serve, run=self._run, grant=grant)


async def _run() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    calls = WatchedCalls(Pacer(asyncio.get_running_loop()))
    async with Server(calls.routes, max_calls=int(os.environ["OFFHOOK_MAX_CALLS"])) as server:
        print(json.dumps({"port": server.port}), flush=True)
        await stop.wait()
        await server.drain(0)


if __name__ == "__main__":
    uvloop.run(_run())
