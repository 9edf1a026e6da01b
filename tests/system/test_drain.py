"""Calls through a streamer that is told to stop: none is cut off without its sentence, whatever dies meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from local.install.ports import KEY_FILE_VARIABLE
from local.processes.children import Child, child
from local.processes.ports import HOST
from offhook.json_types import JsonObject
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import EndEvent, Speaker
from offhook.runs.log.projections import transcript
from offhook.runs.model import Run, RunStatus
from offhook.settings import Settings
from streamer.conductor.clips import padded
from streamer.drain import CLOSING_S, LAST_RESORT_S, SETTLING_S
from streamer.sockets.close_codes import CloseCode
from streamer.speech.embedded.offline import OfflineSynthesiser
from streamer.speech.ports import Voice
from tests.support.carrier import DIALLED, Answer, Asked, Silence
from tests.support.makers import make_run
from tests.support.phone import STARTED, Phone, dial
from tests.support.talking import Caller
from tests.support.town import LINKS, SETTINGS, Town

pytestmark = pytest.mark.timeout(240)

DRAIN_S = 2
PATIENCE_S = 60.0
SPEECH = (Path(__file__).parents[2] / "benchmarks/clips/reason.ulaw").read_bytes()
GREETING = (
    "This is the clinic. We call about your appointment. Does Monday at ten in the morning still suit you?"
)
GOODBYE = "We have to stop here.", "Please call us again."
VOICE = Voice(engine="embedded", name="en-us+f2", language="en-US")
OTHER_PERSON = "sess-0f3b"


class Kind(StrEnum):
    """What a call is at when the process is told to stop, or when the drain is over."""

    QUIET = "nobody speaks"
    TALKING = "the caller talks"
    WAITING = "the other person of a transfer is called"
    GREETED = "the greeting sounds"
    LEAVING = "the caller ends the call while the process drains"


TWENTY = [*[Kind.QUIET] * 8, *[Kind.TALKING] * 4, *[Kind.WAITING] * 3, *[Kind.GREETED] * 4, Kind.LEAVING]
# What dies is no matter of how many they are.
TWO_OF_EACH = [*[Kind.QUIET, Kind.TALKING, Kind.WAITING, Kind.GREETED] * 2, Kind.LEAVING]


class Death(StrEnum):
    """What does not answer any more once the process was told to stop."""

    NOTHING = "nothing"
    STORE = "store"
    SPEECH = "speech"
    CARRIER = "carrier"


@pytest.fixture
def agent_settings() -> JsonObject:
    return {"drained_goodbye": " ".join(GOODBYE), "voice": VOICE.name, "idle_timeout_ms": 60_000}


@pytest.fixture
def workflow() -> Any:
    desk = {"to": "+14155550100", "mode": "warm", "hold_say": "", "timeout_seconds": 120}
    outside = {"to": "+14155550100", "message": "One moment.", "failed_say": "Nobody is there."}
    return {
        "nodes": [
            {"id": "greet", "type": "startCall", "data": {"name": "Greet", "say": GREETING}},
            {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Goodbye.", "disposition": "ok"}},
            {"id": "desk", "type": "endCall", "data": {"name": "Desk", "transfer": desk}},
            {"id": "outside", "type": "endCall", "data": {"name": "Outside", "transfer": outside}},
        ],
        "edges": [
            {"id": "b", "source": "greet", "target": "bye", "data": {"dtmf": "1", "phrases": ["yes"]}},
            {"id": "d", "source": "greet", "target": "desk", "data": {"dtmf": "2"}},
            {"id": "o", "source": "greet", "target": "outside", "data": {"dtmf": "3"}},
        ],
    }


class Relay:
    """The way to the database; once `is_cut`, it takes everything and gives nothing back."""

    def __init__(self, behind: str) -> None:
        self._behind = urlsplit(behind)
        self.is_cut = False

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        async with await asyncio.start_server(self._serve, HOST, 0) as server:
            yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_connection(self._behind.hostname, self._behind.port)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pump(reader, back))
                tasks.create_task(self._pump(onward, writer))
        finally:
            back.close()
            writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                if not self.is_cut:
                    writer.write(data)
        finally:
            writer.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: its run, its phone, and the caller who holds it."""

    kind: Kind
    run: Run
    phone: Phone
    caller: Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A streamer as a process of its own, and what it needs, of which each part can die."""

    town: Town
    speech: Child
    streamer: Child
    relay: Relay
    tasks: asyncio.TaskGroup

    @property
    def port(self) -> int:
        return int(str(self.streamer.ready["port"]))

    async def add_run(self) -> Run:
        changes = {"id": make_run().id, "telephony": replace(self.town.run.telephony, call_id=None)}
        run = replace(self.town.run, **changes)  # type: ignore[arg-type]
        await asyncio.to_thread(self.town.store.runs.create, run)
        return run

    async def call(self, kind: Kind) -> Call:
        run, made = await self.add_run(), asyncio.Queue[Call](1)
        self.tasks.create_task(self._hold(kind, run, made))
        return await made.get()

    async def _hold(self, kind: Kind, run: Run, made: asyncio.Queue[Call]) -> None:
        async with dial(self.port, path_of(run)) as phone:
            await phone.start(replace(STARTED, session=session_of(run)))
            made.put_nowait(Call(kind=kind, run=run, phone=phone, caller=(caller := Caller(phone))))
            await caller.run()

    async def goodbye_bytes(self) -> int:
        """Return how long the closing sentences are on the line."""
        synthesiser = OfflineSynthesiser(str(self.speech.ready["synthesise_url"]))
        said = [
            b"".join([part async for part in synthesiser.synthesise(text, voice=VOICE)]) for text in GOODBYE
        ]
        return sum(len(padded(audio)) for audio in said)

    async def kill(self, death: Death) -> None:
        if death is Death.STORE:
            self.relay.is_cut = True
        elif death is Death.SPEECH:
            self.speech.process.kill()
            await self.speech.process.wait()
        elif death is Death.CARRIER:
            self.town.carrier.answer_to = lambda _: Silence.UNANSWERED


def path_of(run: Run) -> str:
    return LINKS.media_url(run.id, run.stream_number).removeprefix("wss://offhook.test")


def session_of(run: Run) -> str:
    return f"session-{run.id}"


@asynccontextmanager
async def house(
    town: Town, settings: Settings, aws_url: str, key_file: Path, *, drain_s: int = DRAIN_S
) -> AsyncIterator[House]:
    relay = Relay(aws_url)
    async with AsyncExitStack() as stack:
        database_url = await stack.enter_async_context(relay.serving())
        speech = await stack.enter_async_context(child("local.speech", "--port", "0"))
        settings = replace(
            settings,
            public_base_url=SETTINGS.public_base_url,
            cloudonix_url=town.carrier.url,
            recogniser_url=str(speech.ready["recognise_url"]),
            synthesiser_url=str(speech.ready["synthesise_url"]),
            drain_seconds=drain_s,
        )
        environment = {
            **settings.to_env(),
            KEY_FILE_VARIABLE: str(key_file),
            "AWS_ENDPOINT_URL_DYNAMODB": database_url,
        }
        streamer = await stack.enter_async_context(
            child("local.install.streamer", "--port", "0", env=environment, stop_limit_s=1)
        )
        async with asyncio.TaskGroup() as tasks:
            yield House(town=town, speech=speech, streamer=streamer, relay=relay, tasks=tasks)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.05)


async def all_at_what_they_do(house: House, kinds: Sequence[Kind]) -> list[Call]:
    """Return the calls, each at what it is to be at when the process is told to stop."""
    early = [await house.call(kind) for kind in kinds if kind is not Kind.GREETED]
    sentences = GREETING.count(".") + 1
    await until(lambda: all(len(call.phone.marks) >= sentences for call in early))
    for call in early:
        if call.kind is Kind.TALKING:
            house.tasks.create_task(call.caller.say(SPEECH * 5))
        elif call.kind is Kind.WAITING:
            await call.phone.press("2")
    wanted = kinds.count(Kind.WAITING)
    await until(lambda: sum(is_dial(asked) for asked in house.town.carrier.asked) == wanted)
    late = [await house.call(kind) for kind in kinds if kind is Kind.GREETED]
    await until(lambda: all(call.phone.audio for call in late))
    return early + late


def is_dial(asked: Asked) -> bool:
    return asked.method == "POST" and asked.path.endswith("acme.cloudonix.net/application")


def hung_up(town: Town) -> set[str]:
    return {asked.path.rpartition("/")[2] for asked in town.carrier.asked if asked.method == "DELETE"}


async def assert_nobody_else_is_taken(house: House) -> None:
    run = await house.add_run()
    async with dial(house.port, path_of(run)) as phone:
        assert await phone.wait_closed() == CloseCode.TRY_AGAIN_LATER
    # The carrier's Redirect brings the caller to another process, to which nothing stands in the way.
    stored = await asyncio.to_thread(house.town.store.runs.get_for_carrier, run.id)
    assert (stored.ownership, stored.status) == (None, RunStatus.DIALING)
    async with httpx.AsyncClient(trust_env=False) as client:
        health = await client.get(f"http://{HOST}:{house.port}/healthz")
    assert health.status_code == HTTPStatus.OK


def assert_drained(town: Town, run: Run) -> None:
    stored = town.store.runs.get_for_carrier(run.id)
    log = list(town.store.events.read(run.id, consistent=True))
    (end,) = (entry.event for entry in log if isinstance(entry.event, EndEvent))
    assert (end.reason, end.disposition) == (EndReason.DRAINED, "drained")
    assert (stored.status, stored.disposition) == (RunStatus.COMPLETED, "drained")
    said = [segment.text for segment in transcript(log) if segment.speaker == Speaker.AGENT]
    assert said[-len(GOODBYE) :] == list(GOODBYE)


async def timed(awaited: Awaitable[object]) -> float:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    await awaited
    return loop.time() - began_s


@pytest.fixture(autouse=True)
def carrier_that_transfers(town: Town) -> None:
    town.add_number("+12025550100")
    town.carrier.answer_to = lambda asked: DIALLED if is_dial(asked) else Answer(status=200, body={})


@pytest.mark.parametrize(
    ("death", "kinds"),
    [
        pytest.param(Death.NOTHING, TWENTY, id="twenty calls"),
        pytest.param(Death.SPEECH, TWO_OF_EACH, id="speech"),
        pytest.param(Death.STORE, TWO_OF_EACH, id="store", marks=pytest.mark.long),
        pytest.param(Death.CARRIER, TWO_OF_EACH, id="carrier", marks=pytest.mark.long),
    ],
)
async def test_no_call_is_cut_off_without_its_sentence(
    death: Death,
    kinds: Sequence[Kind],
    town: Town,
    storage_settings: Settings,
    aws_endpoint_url: str,
    tmp_path: Path,
) -> None:
    async with house(town, storage_settings, aws_endpoint_url, tmp_path / "key") as made:
        calls = await all_at_what_they_do(made, kinds)
        goodbye_bytes = await made.goodbye_bytes()

        made.streamer.process.terminate()
        leaving = next(call for call in calls if call.kind is Kind.LEAVING)
        await assert_nobody_else_is_taken(made)
        await leaving.phone.press("1")
        await until(lambda: leaving.phone.close_code is not None)
        await made.kill(death)
        took_s = await timed(made.streamer.process.wait())

    assert made.streamer.process.returncode == 0
    assert took_s < DRAIN_S + LAST_RESORT_S + 1
    told = [call for call in calls if call is not leaving]
    # No two syntheses have the same bytes: all have heard the clip that was kept, to its end.
    (goodbye,) = {call.phone.audio[-goodbye_bytes:] for call in told}
    assert len(goodbye) == goodbye_bytes
    assert not leaving.phone.audio.endswith(goodbye)
    if death is not Death.STORE:
        for call in told:
            await asyncio.to_thread(assert_drained, town, call.run)
    if death in (Death.NOTHING, Death.SPEECH):
        assert {call.phone.close_code for call in calls} == {CloseCode.NORMAL}
        assert hung_up(town) == {session_of(call.run) for call in calls} | {OTHER_PERSON}
    left = await asyncio.to_thread(town.store.runs.get_for_carrier, leaving.run.id)
    assert left.disposition == "ok"


@pytest.mark.long
async def test_a_caller_who_is_put_through_at_that_moment_is_left_to_whoever_gets_them_back(
    town: Town, storage_settings: Settings, aws_endpoint_url: str, tmp_path: Path
) -> None:
    async with house(town, storage_settings, aws_endpoint_url, tmp_path / "key", drain_s=0) as made:
        call = await made.call(Kind.QUIET)
        await until(lambda: len(call.phone.marks) >= GREETING.count(".") + 1)
        await call.phone.press("3")
        await until(lambda: any(session_of(call.run) in asked.path for asked in town.carrier.asked))
        await call.phone.hang_up()
        # That it waits is told by its own clock, which does not stand still as this loop's does.
        told_s = time.monotonic()
        made.streamer.process.terminate()
        took_s = await timed(made.streamer.process.wait())
        waited_s = time.monotonic() - told_s
    assert made.streamer.process.returncode == 0
    assert waited_s >= CLOSING_S + SETTLING_S
    assert took_s < LAST_RESORT_S + 1
    left = await asyncio.to_thread(town.store.runs.get_for_carrier, call.run.id)
    assert left.status is RunStatus.IN_PROGRESS
    assert session_of(left) not in hung_up(town)
    # Nobody came to the phone, and the carrier's Redirect opens the next stream.
    back = await asyncio.to_thread(town.store.runs.begin_stream, left)
    async with town.streamer() as server, dial(server.port, path_of(back)) as phone:
        await phone.start(replace(STARTED, session=session_of(back)))
        await phone.hear_out()
    log = list(town.store.events.read(call.run.id, consistent=True))
    assert [segment.text for segment in transcript(log)][-1] == "Nobody is there."
    (end,) = (entry.event for entry in log if isinstance(entry.event, EndEvent))
    assert end.disposition == "transfer_failed"
