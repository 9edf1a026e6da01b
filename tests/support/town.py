"""A town around a streamer: the real store, bucket and carrier client, engines that do as they are told, and a run."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.aws.key_file import KeyFileSecretBox
from offhook.adapters.carriers.by_provider import dialects
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.agents.model import Agent, AgentStatus, Version, VersionStatus
from offhook.clock import system_clock
from offhook.ids import new_uuid
from offhook.json_types import JsonObject
from offhook.runs.carrier.incoming import CallTaker
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ending.prices import built_in_prices
from offhook.runs.ending.settling import Settler
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import KnownEvent
from offhook.runs.model import Run, RunStatus, RunTelephony
from offhook.runs.ports import EventLog, MediaStore
from offhook.telephony.links import CarrierLinks
from offhook.telephony.ports import Carrier
from streamer.agent_streams import AgentStreams
from streamer.conductor.engines import Engines
from streamer.conductor.playout import Pacer
from streamer.engine_room import EngineRoom
from streamer.phone_calls import PhoneCalls
from streamer.record.call_services import CallServices
from streamer.record.possession import RunKeeper
from streamer.record.threads import Threads
from streamer.sockets.server import Route, Server
from tests.support.calls import APPOINTMENT
from tests.support.carrier import ScriptedCarrier
from tests.support.cloudonix import add_cloudonix
from tests.support.engines import SILENCE, VOICE, ScriptedRecogniser, make_engines, room_of
from tests.support.makers import NOON, make_run
from tests.support.phone import DEADLINE_S, Phone

LINKS = CarrierLinks("https://offhook.test", "a-secret-for-tests-of-32-characters")
ROUTE = "/api/v1/telephony/ws/{run_id}/{token}"
STREAM_ROUTES = ("/api/v1/agent-stream/{agent_uuid}", "/api/v1/agent-stream/{provider}/{agent_uuid}")
UTTERANCE = SILENCE * 20 + VOICE * 30 + SILENCE * 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """All that stands around a streamer: one store, one bucket, one carrier, and a run to be called about."""

    store: Store
    media: S3Media
    carrier: ScriptedCarrier
    box: KeyFileSecretBox
    run: Run

    @property
    def stored_run(self) -> Run:
        return self.store.runs.get(self.run.organization_id, self.run.id)

    @property
    def log(self) -> list[LogEntry]:
        return list(self.store.events.read(self.run.id, consistent=True))

    def told(self, kind: type[KnownEvent]) -> list[JsonObject]:
        return [entry.data for entry in self.log if isinstance(entry.event, kind)]

    def path(self, stream_number: int = 1) -> str:
        return LINKS.media_url(self.run.id, stream_number).removeprefix("wss://offhook.test")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until this is true of what is stored."""
        for _ in range(round(DEADLINE_S / 0.02)):
            if await asyncio.to_thread(condition):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("it did not come true in time")

    @asynccontextmanager
    async def streamer(
        self,
        owner: str = "streamer-1",
        *,
        engines: Engines | None = None,
        room: EngineRoom | None = None,
        media: MediaStore | None = None,
        log: EventLog | None = None,
        handshake_limit_s: float = 5,
        return_limit_s: int = 5,
        max_calls: int = 300,
        carrier: Carrier | None = None,
    ) -> AsyncIterator[Server]:
        """Run one streamer process's worth of calls."""
        threads = [Threads(name, size=4) for name in ("store", "media", "carrier")]
        client = CloudonixClient(self.carrier.url)
        log, media = log or self.store.events, media or self.media
        ender = RunEnder(
            runs=self.store.runs, ledgers=self.store.ledgers, aftercalls=None, clock=system_clock
        )
        services = CallServices(
            keeper=RunKeeper(ender=ender, log=log, threads=threads[0], clock=system_clock, owner=owner),
            agents=self.store.agents,
            telephony=self.store.telephony,
            secret_box=self.box,
            carrier=carrier or client,
            media=media,
            links=LINKS,
            clock=system_clock,
            settler=Settler(ender=ender, log=log, media=media, prices=built_in_prices(), clock=system_clock),
            store_threads=threads[0],
            media_threads=threads[1],
            carrier_threads=threads[2],
            handshake_limit_s=handshake_limit_s,
            return_limit_s=return_limit_s,
        )
        calls = PhoneCalls(
            services, engines=room or room_of(engines), pacer=Pacer(asyncio.get_running_loop())
        )
        streams = AgentStreams(
            calls,
            services,
            organizations=self.store.organizations,
            taker=CallTaker(
                runs=self.store.runs, ledgers=self.store.ledgers, organizations=self.store.organizations
            ),
            dialects=dialects(),
        )
        routes = [Route(ROUTE, calls.serve), *(Route(route, streams.serve) for route in STREAM_ROUTES)]
        async with Server(routes, max_calls=max_calls) as server:
            yield server
            assert await server.drain(2 * DEADLINE_S)
        client.close()
        for pool in threads:
            pool.close()


@pytest.fixture(name="carrier")
def scripted_carrier() -> Iterator[ScriptedCarrier]:
    with ScriptedCarrier().serving() as carrier:
        yield carrier


@pytest.fixture
def workflow() -> JsonObject:
    """Return what the town's agent follows; a test module may have another one."""
    return APPOINTMENT


@pytest.fixture
def agent_settings() -> JsonObject:
    """Return the settings of the town's agent; a test may have others."""
    return {}


@pytest.fixture
def town(
    store: Store,
    media: S3Media,
    carrier: ScriptedCarrier,
    organization_id: str,
    tmp_path: Path,
    workflow: JsonObject,
    agent_settings: JsonObject,
) -> Town:
    box = KeyFileSecretBox(tmp_path / "key")
    configuration = add_cloudonix(
        store.telephony,
        box,
        organization_id,
        domain="acme",
        bearer_token="secret-token",
    )
    agent = Agent(
        uuid=new_uuid(),
        organization_id=organization_id,
        name="Reminder",
        status=AgentStatus.ACTIVE,
        created_at=NOON,
        updated_at=NOON,
        draft_version=1,
    )
    draft = Version(
        agent_uuid=agent.uuid,
        number=1,
        status=VersionStatus.DRAFT,
        workflow_definition=workflow,
        settings=agent_settings,
        created_at=NOON,
    )
    store.agents.create(agent, draft, [])
    run = make_run(
        organization_id,
        agent_uuid=agent.uuid,
        status=RunStatus.DIALING,
        initial_context={"customer_name": "Ada"},
        telephony=RunTelephony(
            configuration_id=configuration.id,
            caller_number="+15550100",
            called_number="+15550101",
            call_id="from-the-dial",
        ),
        stream_number=1,
    )
    store.runs.create(run)
    return Town(store=store, media=media, carrier=carrier, box=box, run=run)


async def hear_greeting(phone: Phone) -> None:
    await phone.wait_until(lambda: len(phone.marks) >= 2)
    for mark in phone.marks:
        await phone.confirm(mark)


async def say_and_hear(phone: Phone, sentences: int) -> None:
    """Say something, and let so many sentences of the answer be heard."""
    before = len(phone.marks)
    await phone.say(UTTERANCE)
    await phone.wait_until(lambda: len(phone.marks) == before + sentences)
    for mark in phone.marks[before:]:
        await phone.confirm(mark)


def hearing(*texts: str) -> Engines:
    return make_engines(recogniser=ScriptedRecogniser(*texts))
