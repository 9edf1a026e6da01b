"""Streamers as processes of their own behind one address, with the simulated carrier and a person on the line."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.types import Receive, Scope, Send

from functions.reaper.services import make_services as make_reaper
from local.cloudonix import CloudonixSimulator
from local.install.edge import Edge
from local.install.ports import KEY_FILE_VARIABLE, LocalPorts
from local.install.rest import create_rest
from local.install.seed import CLOUDONIX_DOMAIN, Seed, plant
from local.people.caller import CallerEvent, CallerEventKind
from local.people.scripts import CallerScript
from local.processes.children import Child, child, start_together
from local.processes.ports import HOST, take_port
from local.processes.serving import serving
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.clock import system_clock
from offhook.ids import new_run_id
from offhook.runs.ending.media import media_prefix
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import Speaker, TakeoverEvent, TranscriptEvent
from offhook.runs.model import Run, RunStatus
from offhook.settings import Settings
from streamer.speech.embedded.offline import OfflineSynthesiser
from tests.support.aws import with_tables_of_its_own
from tests.support.makers import make_run
from tests.support.phone import Phone, dial

CARRIER_TOKEN = "XI-the-secret-of-the-carrier"
CALLED = "+15555550101"
_POLL_SECONDS = 0.02
# A minute at least; each poll takes a moment of its own.
_POLLS = 3000

Condition = Callable[[list[LogEntry]], bool]


@dataclass
class Redirects:
    """The REST functions, and when the carrier came back to ask how to go on; a test may have it wait for that."""

    app: Any = None
    at: list[datetime] = field(default_factory=list)
    may_pass: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "/telephony/continue/" in scope["path"]:
            await self.may_pass.wait()
            self.at.append(system_clock())
        await self.app(scope, receive, send)


@dataclass(kw_only=True)
class Fleet:
    """All of an install; its streamers take their turns, the next one when the one before it is lost."""

    ports: LocalPorts
    carrier: CloudonixSimulator
    edge: Edge
    redirects: Redirects
    seed: Seed
    http: httpx.AsyncClient
    streamers: list[Child]
    person: list[CallerEventKind]
    turn: int = -1

    @property
    def store(self) -> Store:
        return self.ports.store

    async def call(self) -> int:
        """Have the agent call the person; return the run's id."""
        reply = await self.http.post(
            f"/api/v1/public/agent/{self.seed.trigger_path}",
            json={"phone_number": CALLED, "initial_context": {"customer_name": "Ada"}},
            headers={"X-API-Key": self.seed.api_key},
        )
        assert reply.status_code == 200, reply.text
        return int(reply.json()["workflow_run_id"])

    async def run(self, run_id: int) -> Run:
        return await asyncio.to_thread(self.store.runs.get_for_carrier, run_id)

    async def log(self, run_id: int) -> list[LogEntry]:
        return await asyncio.to_thread(lambda: list(self.store.events.read(run_id, consistent=True)))

    async def until(self, run_id: int, condition: Condition) -> list[LogEntry]:
        """Wait until this is true of the run's log; return that."""
        for _ in range(_POLLS):
            if condition(log := await self.log(run_id)):
                return log
            await asyncio.sleep(_POLL_SECONDS)
        raise AssertionError("it did not come true in time")

    async def until_spoken_to(self, run_id: int, times: int) -> list[LogEntry]:
        """Wait until the agent begins to speak so often, for the log and for the person's ears; return the log."""
        log = await self.until(run_id, lambda log: turns(log) >= times)
        await self.until_person(CallerEventKind.AGENT_BEGINS, times)
        return log

    async def until_person(self, kind: CallerEventKind, times: int) -> None:
        """Wait until this has happened at the phone so often."""
        for _ in range(_POLLS):
            if self.person.count(kind) >= times:
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise AssertionError("it did not happen in time")

    async def until_redirected(self, times: int) -> None:
        """Wait until the carrier has asked so often how to go on."""
        for _ in range(_POLLS):
            if len(self.redirects.at) >= times:
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise AssertionError("the carrier did not come back in time")

    async def until_over(self, run_id: int) -> Run:
        for _ in range(_POLLS):
            if (run := await self.run(run_id)).status.is_final:
                return run
            await asyncio.sleep(_POLL_SECONDS)
        raise AssertionError("the call did not end in time")

    def next_streamer_after(self, number: signal.Signals) -> None:
        """Send a signal to the streamer whose turn it is, which is then over."""
        os.kill(self.streamers[self.turn].process.pid, number)
        self.next_streamer()

    def freeze(self, turn: int) -> None:
        """Have a streamer stand still."""
        os.kill(self.streamers[turn].process.pid, signal.SIGSTOP)

    def wake(self, turn: int) -> None:
        """Have a frozen streamer go on."""
        os.kill(self.streamers[turn].process.pid, signal.SIGCONT)

    async def stop(self, turn: int) -> int | None:
        """Stop a streamer in order; return its exit status."""
        await self.streamers[turn].stop()
        return self.streamers[turn].process.returncode

    def segments(self, run: Run) -> list[str]:
        """Return what lies in the bucket of the parts of a run's recording."""
        return [key for key in self.ports.media.keys(media_prefix(run)) if "/segments/" in key]

    def next_streamer(self) -> None:
        """Send new sockets to the next streamer."""
        self.turn += 1
        self.edge.use_streamer((HOST, int(str(self.streamers[self.turn].ready["port"]))))

    async def add_run(self) -> Run:
        """Make a run of the agent whose call nobody has placed; its streams may be opened by a test."""
        agent = await asyncio.to_thread(
            self.store.agents.get, self.seed.organization_id, self.seed.agent_uuid
        )
        now = system_clock()
        run = make_run(
            self.seed.organization_id,
            id=new_run_id(now),
            agent_uuid=agent.uuid,
            version=agent.published_version,
            status=RunStatus.DIALING,
            created_at=now,
            stream_number=1,
        )
        await asyncio.to_thread(self.store.runs.create, run)
        return run

    async def begin_stream(self, run: Run) -> Run:
        return await asyncio.to_thread(self.store.runs.begin_stream, run)

    @asynccontextmanager
    async def phone(self, run: Run, turn: int) -> AsyncIterator[Phone]:
        """Open the run's present stream at one of the streamers, as a carrier does."""
        path = urlsplit(self.ports.links.media_url(run.id, run.stream_number)).path
        port = int(str(self.streamers[turn].ready["port"]))
        async with dial(port, path) as phone:
            yield phone

    async def reap(self) -> None:
        """Call the reaper as its schedule does, now and a minute later by its own clock."""
        reaper = make_reaper(self.ports)
        later = replace(reaper, clock=lambda: system_clock() + timedelta(minutes=1))
        await asyncio.to_thread(reaper.tick)
        await asyncio.to_thread(later.tick)


@asynccontextmanager
async def fleet(
    settings: Settings, media: S3Media, folder: Path, *lines: str, streamers: int, max_calls: int = 100
) -> AsyncIterator[Fleet]:
    """Start so many streamers, and all that calls need beside them; the person on the line follows the script."""
    async with AsyncExitStack() as stack:
        person: list[CallerEventKind] = []
        (speech,) = await start_together(stack, ("local.speech", "--port", "0"))
        carrier = await stack.enter_async_context(
            CloudonixSimulator(
                {CLOUDONIX_DOMAIN: CARRIER_TOKEN},
                scripts={CALLED: CallerScript(lines=lines)},
                synthesiser=OfflineSynthesiser(str(speech.ready["synthesise_url"])),
                on_event=lambda _token, event: (
                    person.append(event.kind) if isinstance(event, CallerEvent) else None
                ),
                ring_seconds=0.1,
            )
        )
        redirects = Redirects()
        redirects.may_pass.set()
        rest_port = await stack.enter_async_context(serving(redirects))
        edge = await stack.enter_async_context(
            Edge(take_port(), rest=(HOST, rest_port), streamer=(HOST, rest_port))
        )
        settings = replace(
            await asyncio.to_thread(with_tables_of_its_own, settings),
            public_base_url=f"http://{HOST}:{edge.port}",
            cloudonix_url=carrier.url,
            recogniser_url=str(speech.ready["recognise_url"]),
            synthesiser_url=str(speech.ready["synthesise_url"]),
            allowed_networks="127.0.0.0/8",
            max_calls=max_calls,
        )
        environment = settings.to_env() | {KEY_FILE_VARIABLE: str(folder / "key")}
        ports = LocalPorts(settings, key_file=folder / "key")
        stack.callback(ports.close)
        seed = await asyncio.to_thread(plant, ports, CARRIER_TOKEN, folder)
        redirects.app = create_rest(ports)
        children = await _start(stack, streamers, environment)
        http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=settings.public_base_url, timeout=20, trust_env=False)
        )
        made = Fleet(
            ports=ports,
            carrier=carrier,
            edge=edge,
            redirects=redirects,
            seed=seed,
            http=http,
            streamers=children,
            person=person,
        )
        made.next_streamer()
        # The carrier goes first, while those whom it tells of its calls' ends still stand.
        stack.push_async_exit(carrier)
        yield made


async def _start(stack: AsyncExitStack, streamers: int, environment: Mapping[str, str]) -> list[Child]:
    # A group, so that one that does not start ends the others too.
    async with asyncio.TaskGroup() as group:
        starting = [
            group.create_task(
                stack.enter_async_context(child("local.install.streamer", "--port", "0", env=environment))
            )
            for _ in range(streamers)
        ]
    return [each.result() for each in starting]


def turns(log: list[LogEntry]) -> int:
    """Count how often a log says that the agent began to speak, after the caller or another process."""
    count, is_next = 0, True
    for event in log:
        if isinstance(event.event, TranscriptEvent):
            is_agent = event.data["speaker"] == Speaker.AGENT
            count += is_agent and is_next
            is_next = not is_agent
        elif isinstance(event.event, TakeoverEvent):
            is_next = True
    return count


def takeovers(log: list[LogEntry]) -> list[LogEntry]:
    return [event for event in log if isinstance(event.event, TakeoverEvent)]
