"""Nothing is left of calls through Transcribe and Polly, whatever befalls them; `benchmarks.remains` has a thousand come."""

import asyncio
import gc
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
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
from offhook.agents.engines import POLLY
from streamer.conductor.conductor import Conductor
from streamer.conductor.engines import Engines
from streamer.conductor.playout import Pacer
from streamer.media import mulaw
from streamer.sockets.server import Server
from streamer.speech.polly import PollySynthesiser
from streamer.speech.ports import ModelEvent, ModelRequest, TextDelta, Voice, VoiceChoice
from streamer.speech.transcribe import Transport
from streamer.speech.transcribe.http2 import Http2Stream
from streamer.speech.transcribe.recogniser import TranscribeRecogniser
from streamer.speech.transcribe.websocket import WebSocketStream
from streamer.speech.voice import WebRtcVoiceDetector
from streamer.stub import StubCalls
from tests.support.aws_speech import Town, held, tones, town, until_held

POLLY_THREADS = 4
# Connections to Polly that are kept for the next texts; both of their ends are here.
SPARE_SOCKETS = 2 * POLLY_THREADS
CALLS = 2 * len(FAULTS)
AT_A_TIME = 8
PATIENCE_S = 4.0


class Talker:
    """Says two sentences, whatever is asked."""

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        yield TextDelta(text="Yes. Good.")


@asynccontextmanager
async def calls(services: Town, transport: Transport) -> AsyncIterator[Server]:
    """Run a streamer of stub calls that listen and speak through the services."""
    with ThreadPoolExecutor(POLLY_THREADS) as threads:
        engines = Engines(
            recognisers=(TranscribeRecogniser(services.transcriber(transport)),),
            voices=(
                VoiceChoice(
                    voice=Voice(engine=POLLY, name="Joanna+standard"),
                    synthesiser=PollySynthesiser(services.speaker(threads, read_timeout_seconds=0.5)),
                ),
            ),
            model=Talker(),
            new_detector=WebRtcVoiceDetector,
        )
        stub_calls = StubCalls(Pacer(asyncio.get_running_loop()), engines=engines)
        async with Server(stub_calls.routes, max_calls=100) as server:
            yield server


def of_calls() -> int:
    """Count the objects of calls and of their streams."""
    gc.collect()
    return sum(type(found) in (Conductor, Http2Stream, WebSocketStream) for found in gc.get_objects())


async def until_none_is_left() -> int:
    """Wait, for a while, until no object of a call is left; threads let go of theirs one by one."""
    for _ in range(50):
        if not (left := of_calls()):
            break
        await asyncio.sleep(0.1)
    return left


@pytest.mark.parametrize("transport", list(Transport))
async def test_nothing_is_left_of_calls_whatever_befalls_them(tmp_path: Path, transport: Transport) -> None:
    clip = load_clips()[0]
    transcribe = Transcribe(limits=Limits(streams=100), pace=Pace(told_ms=100, stable_ms=0, final_ms=400))
    transcribe.scripts.add(mulaw.decode(b"".join(clip.chunks)), words_of(clip))
    async with town(tmp_path, transcribe, speak=tones) as services, calls(services, transport) as server:
        # What is made once for all calls is there after the first.
        assert await visit(server.port, clip, Leaving.SATISFIED, patience_s=3 * PATIENCE_S)
        before, answered = held(), list[bool]()
        coming = zip(range(CALLS), cycle(Leaving), strict=False)

        async def come() -> None:
            for n, leaving in coming:
                if n % 2:
                    services.transcribe.faults.add(FAULTS[n // 2])
                answered.append(await visit(server.port, clip, leaving, patience_s=PATIENCE_S))

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_A_TIME):
                tasks.create_task(come())
        after = await until_held(replace(before, sockets=before.sockets + SPARE_SOCKETS))
        assert after.tasks <= before.tasks
        # Threads are kept for the next calls.
        assert after.sockets <= before.sockets + SPARE_SOCKETS
        assert after.threads <= before.threads + POLLY_THREADS + AT_A_TIME
        assert await until_none_is_left() == 0
        # Three in four wait for an answer, and half of these at least have met no failure.
        assert sum(answered) >= CALLS * 3 // 8
