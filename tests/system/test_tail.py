"""`offhook tail` follows a run that lives over its session's socket, wherever that breaks off."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

import pytest

from local.client import following
from local.client.following import follow
from local.client.rest import InstallClient
from local.client.target import Target
from local.install.edge import Edge
from local.processes.ports import take_port
from offhook.clock import system_clock
from offhook.runs.model import Run, RunStatus
from offhook.sessions.tokens import Grant
from streamer.record.threads import Threads
from streamer.sessions.feeds import Feeds
from streamer.sessions.follower import Follower
from streamer.sessions.gate import SessionGate
from streamer.sessions.session_sockets import SessionSockets
from streamer.sockets.media_socket import MediaSocket
from streamer.sockets.server import Route, Server
from tests.support.live_runs import add_run
from tests.support.makers import make_event
from tests.support.rest import Install, Tenant
from tests.support.session_sockets import NOTHING_IS_WANTED


@dataclass
class Front:
    """An install's front door, with the sockets of sessions behind it, in a thread of its own."""

    install: Install
    port: int = 0
    opened: int = 0
    sockets: list[MediaSocket] = field(default_factory=list)
    _is_up: threading.Event = field(default_factory=threading.Event)

    @property
    def client(self) -> InstallClient:
        return InstallClient(Target(base_url=f"http://127.0.0.1:{self.port}", api_key=self.api_key))

    @contextmanager
    def serving(self, tenant: Tenant) -> Iterator["Front"]:
        self.api_key = tenant.api_key
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        thread.start()
        assert self._is_up.wait(10)
        yield self
        self._loop.call_soon_threadsafe(self._stop.set)
        thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        store, threads = self.install.store, Threads("sessions", size=4)
        follower = Follower(
            log=store.events, runs=store.runs, threads=threads, is_ours=lambda _: False, look_every_s=0.02
        )
        self._sessions = SessionSockets(
            feeds=Feeds(),
            follower=follower,
            log=store.events,
            threads=threads,
            clock=system_clock,
            **NOTHING_IS_WANTED,
        )
        gate = SessionGate(
            self._attend,
            tokens=self.install.ports.session_tokens,
            runs=store.runs,
            threads=threads,
            clock=system_clock,
        )
        rest = urlsplit(str(self.install.http.base_url))
        async with (
            Server([Route("/api/v1/streaming/sessions/{session_id}/ws", gate=gate.ask)]) as server,
            Edge(
                take_port(), rest=("127.0.0.1", rest.port or 0), streamer=("127.0.0.1", server.port)
            ) as edge,
        ):
            self.port = edge.port
            self._is_up.set()
            await self._stop.wait()
        threads.close()

    async def _attend(self, socket: MediaSocket, run: Run, grant: Grant) -> None:
        self.opened += 1
        self.sockets.append(socket)
        await self._sessions.serve(socket, run, grant)

    def lose(self) -> None:
        """Break the newest socket off."""
        self._loop.call_soon_threadsafe(self.sockets[-1].transport.abort)


@contextmanager
def tailing(front: Front, run: Run, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Follow a run in another thread; the function waits for its end, and returns what was printed."""
    with ThreadPoolExecutor(1) as pool, front.client as client:
        done = pool.submit(follow, client, str(run.id), as_json=True)

        def printed() -> str:
            done.result(10)
            return capsys.readouterr().out

        yield printed


def wait_for(condition: Callable[[], bool]) -> None:
    is_true = threading.Event()
    for _ in range(1000):
        if condition():
            return
        is_true.wait(0.01)
    raise AssertionError("it did not come true in time")


def append(install: Install, run: Run, *seqs: int) -> None:
    install.store.events.append(run.id, [make_event(seq, digit=str(seq), offset_ms=seq) for seq in seqs])


def end(install: Install, run: Run) -> None:
    install.store.runs.advance(replace(run, ended_at=system_clock()), RunStatus.COMPLETED)


def test_events_come_over_the_socket_once_each_though_it_breaks_off(
    install: Install, tenant: Tenant, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_PAUSE_SECONDS", 0)
    run = add_run(install, tenant, RunStatus.IN_PROGRESS)
    append(install, run, 1, 2)
    with Front(install).serving(tenant) as front, tailing(front, run, capsys) as printed:
        wait_for(lambda: front.opened == 1)
        append(install, run, 3)
        front.lose()
        wait_for(lambda: front.opened == 2)
        append(install, run, 4, 5)
        end(install, run)
        events = [json.loads(line) for line in printed().splitlines()]
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5]
    shown = install.http.get(f"/api/v1/runs/{run.id}/events", headers={"X-API-Key": tenant.api_key}).json()
    assert events == shown["items"], "as the REST API shows them"
    assert front.opened == 2


def test_a_run_that_is_over_opens_no_socket(
    install: Install, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    run = add_run(install, tenant, RunStatus.IN_PROGRESS)
    append(install, run, 1)
    end(install, run)
    with Front(install).serving(tenant) as front, tailing(front, run, capsys) as printed:
        assert [json.loads(line)["seq"] for line in printed().splitlines()] == [1]
    assert front.opened == 0
