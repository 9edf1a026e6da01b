"""A town around a streamer: the real store, bucket and carrier client, engines that do as they are told, and a run."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from local.aws.key_file import KeyFileSecretBox
from offhook.adapters.cloudonix.client import CloudonixClient
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.media import S3Media
from offhook.aws import AwsPorts
from offhook.json_types import JsonObject
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import KnownEvent
from offhook.runs.model import Run, RunStatus, RunTelephony
from offhook.runs.ports import EventLog, MediaStore
from offhook.settings import Settings
from offhook.telephony.links import CarrierLinks
from offhook.telephony.model import PhoneNumber
from offhook.telephony.ports import Carrier
from streamer.conductor.engines import Engines
from streamer.conductor.playout import Pacer
from streamer.engine_room import EngineRoom
from streamer.record.shelf import Shelf
from streamer.sockets.server import Server
from streamer.wiring import Calls, compose, make_services
from tests.support.calls import APPOINTMENT
from tests.support.carrier import ScriptedCarrier
from tests.support.cloudonix import add_cloudonix
from tests.support.engines import SILENCE, VOICE, ScriptedRecogniser, make_engines, room_of
from tests.support.makers import NOON, make_agent, make_run
from tests.support.phone import DEADLINE_S, Phone

SETTINGS = Settings(
    public_base_url="https://offhook.test",
    install_secret="a-secret-for-tests-of-32-characters",
    allowed_networks="127.0.0.0/8",
)
LINKS = CarrierLinks(SETTINGS.public_base_url, SETTINGS.install_secret)
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

    def add_number(self, address: str) -> None:
        """Give the run's configuration a number that its carrier has confirmed."""
        self.store.telephony.add_number(
            PhoneNumber(
                id="n1",
                configuration_id=self.run.telephony.configuration_id or "",
                organization_id=self.run.organization_id,
                address=address,
                created_at=NOON,
                verified_at=NOON,
                verified_account="acme.cloudonix.net",
            )
        )

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
        *,
        engines: Engines | None = None,
        room: EngineRoom | None = None,
        media: MediaStore | None = None,
        log: EventLog | None = None,
        handshake_limit_s: float = 5,
        return_limit_s: int = 5,
        place_limit_s: float = 30,
        shelf: Shelf | None = None,
        max_calls: int = 300,
        max_guests: int = 500,
        carrier: Carrier | None = None,
        on_made: Callable[[Calls], None] = lambda calls: None,
        address: str | None = None,
    ) -> AsyncIterator[Server]:
        """Run one streamer process's worth of calls; others reach it at `address`, where it listens unless told."""
        client = CloudonixClient(self.carrier.url)
        ports = self._ports(carrier or client, media or self.media, log or self.store.events)
        made = make_services(ports)
        services = replace(
            made,
            handshake_limit_s=handshake_limit_s,
            return_limit_s=return_limit_s,
            place_limit_s=place_limit_s,
            shelf=shelf or made.shelf,
        )
        pacer = Pacer(asyncio.get_running_loop())
        calls = compose(ports, services, pacer, room or room_of(engines))
        on_made(calls)
        async with Server(calls.routes, max_calls=max_calls, max_guests=max_guests) as server:
            where = f"127.0.0.1:{server.port}" if address is None else address
            beside = asyncio.create_task(calls.run_beside(where))
            yield server
            assert await server.drain(2 * DEADLINE_S)
            beside.cancel()
        services.close()
        client.close()

    def _ports(self, carrier: Carrier, media: MediaStore, log: EventLog) -> AwsPorts:
        ports = AwsPorts(SETTINGS)
        # Not paced, for all tests call from one domain.
        ports.impatient_carrier, ports.secret_box = carrier, self.box
        ports.store, ports.media = replace(self.store, events=log), media
        return ports


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
    agent, draft = make_agent(organization_id)
    draft = replace(draft, workflow_definition=workflow, settings=agent_settings)
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
