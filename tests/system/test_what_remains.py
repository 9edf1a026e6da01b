"""Nothing is left of calls through Transcribe and Polly, whatever befalls them; `benchmarks.remains` has a thousand come."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from benchmarks.aws_services import words_of
from benchmarks.remains import FAULTS
from benchmarks.speech import load_clips
from benchmarks.visitors import Leaving, visit
from local.aws.speech.transcribe_stream import Limits, Transcribe
from local.aws.speech.words import Pace
from offhook.agents.engines import POLLY, TRANSCRIBE
from offhook.json_types import JsonObject
from offhook.models.ports import ModelChoice
from offhook.models.requests import ModelEvent, ModelRequest, TextDelta
from offhook.runs.model import RunStatus
from streamer.conductor.conductor import Conductor
from streamer.conductor.engines import Engines
from streamer.conductor.playout import Pacer
from streamer.media import mulaw
from streamer.record.owned_call import OwnedCall
from streamer.record.possession import Possession
from streamer.sockets.server import Server
from streamer.speech.polly import PollySynthesiser
from streamer.speech.ports import Voice, VoiceChoice
from streamer.speech.transcribe import Transport
from streamer.speech.transcribe.http2 import Http2Stream
from streamer.speech.transcribe.recogniser import TranscribeRecogniser
from streamer.speech.transcribe.websocket import WebSocketStream
from streamer.speech.voice import WebRtcVoiceDetector
from streamer.stub import StubCalls
from tests.support.aws_speech import Held, held, tones, until_held
from tests.support.aws_speech import Town as Services
from tests.support.aws_speech import town as services_town
from tests.support.makers import make_run
from tests.support.phone import DEADLINE_S
from tests.support.town import Town

POLLY_THREADS = 4
# Connections to Polly that are kept for the next texts; both of their ends are here.
SPARE_SOCKETS = 2 * POLLY_THREADS
CALLS = 2 * len(FAULTS)
AT_A_TIME = 8
# Of Polly, and for credentials; the store's and the bucket's are there after a few calls.
SPARE_THREADS = POLLY_THREADS + AT_A_TIME + 16
STORE_SOCKETS = 16
VOICE = "Joanna+standard"
CLIP = load_clips()[0]
PATIENCE_S = 4.0


OF_CALLS = (Conductor, OwnedCall, Possession, Http2Stream, WebSocketStream)


class Talker:
    """Says two sentences, whatever is asked."""

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        yield TextDelta(text="Yes. Good.")


@pytest.fixture
def agent_settings() -> JsonObject:
    return {"recogniser": TRANSCRIBE, "synthesiser": POLLY, "voice": VOICE}


@contextmanager
def engines_of(services: Services, transport: Transport) -> Iterator[Engines]:
    with ThreadPoolExecutor(POLLY_THREADS) as threads:
        yield Engines(
            recognisers=(TranscribeRecogniser(services.transcriber(transport)),),
            voices=(
                VoiceChoice(
                    voice=Voice(engine=POLLY, name=VOICE),
                    synthesiser=PollySynthesiser(services.speaker(threads, read_timeout_seconds=0.5)),
                ),
            ),
            models=(ModelChoice(engine="talker", model=Talker()),),
            new_detector=WebRtcVoiceDetector,
        )


@asynccontextmanager
async def speech(folder: Path) -> AsyncIterator[Services]:
    transcribe = Transcribe(limits=Limits(streams=100), pace=Pace(told_ms=100, stable_ms=0, final_ms=400))
    transcribe.scripts.add(mulaw.decode(b"".join(CLIP.chunks)), words_of(CLIP))
    async with services_town(folder, transcribe, speak=tones) as services:
        yield services


def of_calls() -> int:
    """Count the objects of calls and of their streams."""
    gc.collect()
    return sum(type(found) in OF_CALLS for found in gc.get_objects())


async def until_none_is_left() -> int:
    """Wait, for a while, until no object of a call is left; threads let go of theirs one by one."""
    for _ in range(200):
        if not (left := of_calls()):
            break
        await asyncio.sleep(0.1)
    return left


async def nothing_is_left(before: Held, *, spare_sockets: int = SPARE_SOCKETS) -> None:
    """Wait until this process holds no more than before but what is kept for the next calls; fail if that never comes."""
    after = await until_held(replace(before, sockets=before.sockets + spare_sockets))
    assert after.tasks <= before.tasks
    assert after.sockets <= before.sockets + spare_sockets
    assert after.threads <= before.threads + SPARE_THREADS
    assert await until_none_is_left() == 0


@pytest.mark.parametrize("transport", list(Transport))
async def test_nothing_is_left_of_calls_whatever_befalls_them(tmp_path: Path, transport: Transport) -> None:
    async with speech(tmp_path) as services:
        with engines_of(services, transport) as engines:
            stub_calls = StubCalls(Pacer(asyncio.get_running_loop()), engines=engines)
            async with Server(stub_calls.routes, max_calls=100) as server:
                await _come_and_go(services, server.port)


async def _come_and_go(services: Services, port: int) -> None:
    # What is made once for all calls is there after the first.
    assert await visit(port, CLIP, Leaving.SATISFIED, patience_s=3 * PATIENCE_S)
    before, answered = held(), list[bool]()
    coming = zip(range(CALLS), cycle(Leaving), strict=False)

    async def come() -> None:
        for n, leaving in coming:
            if n % 2:
                services.transcribe.faults.add(FAULTS[n // 2])
            answered.append(await visit(port, CLIP, leaving, patience_s=PATIENCE_S))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_A_TIME):
            tasks.create_task(come())
    await nothing_is_left(before)
    # Three in four wait for an answer, and half of these at least have met no failure.
    assert sum(answered) >= CALLS * 3 // 8


async def test_nothing_is_left_of_calls_that_are_stored(town: Town, tmp_path: Path) -> None:
    paths = [path_of_another_run(town, n) for n in range(1 + len(FAULTS))]
    async with speech(tmp_path) as services:
        with engines_of(services, Transport.WEBSOCKET) as engines:
            async with town.streamer(engines=engines, return_limit_s=1) as server:
                await visit(server.port, CLIP, Leaving.SATISFIED, patience_s=PATIENCE_S, path=paths[0])
                assert await until_none_is_left() == 0
                before = held()
                for fault in FAULTS:
                    services.transcribe.faults.add(fault)
                async with asyncio.TaskGroup() as tasks:
                    for path, leaving in zip(paths[1:], cycle(Leaving), strict=False):
                        tasks.create_task(visit(server.port, CLIP, leaving, patience_s=PATIENCE_S, path=path))
                assert await server.drain(2 * DEADLINE_S)
                await nothing_is_left(before, spare_sockets=SPARE_SOCKETS + STORE_SOCKETS)


def path_of_another_run(town: Town, n: int) -> str:
    telephony = replace(town.run.telephony, call_id=f"call-{n}") if town.run.telephony else None
    run = make_run(
        town.run.organization_id,
        agent_uuid=town.run.agent_uuid,
        status=RunStatus.DIALING,
        telephony=telephony,
        stream_number=1,
    )
    town.store.runs.create(run)
    return replace(town, run=run).path()
