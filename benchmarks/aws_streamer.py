"""A streamer of stub calls with the real clients of Transcribe and Polly, which says where its CPU time goes.

`python -m benchmarks.aws_streamer --services JSON --transport websocket` prints `{"port": N}` as the streamer does, and at
each SIGUSR1 the CPU seconds of its parts so far.
"""

import argparse
import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvloop
from botocore.session import Session

from benchmarks.cpu_parts import CpuParts
from offhook.agents.engines import POLLY
from streamer.conductor.engines import Engines
from streamer.conductor.playout import Pacer
from streamer.sockets.server import Server
from streamer.speech.polly import Polly, PollySynthesiser, make_client
from streamer.speech.ports import ModelEvent, ModelRequest, TextDelta, Voice, VoiceChoice
from streamer.speech.transcribe import Place, Transcriber, Transport
from streamer.speech.transcribe.recogniser import TranscribeRecogniser
from streamer.speech.voice import WebRtcVoiceDetector
from streamer.stub import StubCalls

REGION = "us-east-1"
VOICE = "Joanna+standard"
REPLY = "This is the first sentence of it. And this is the second one, no longer."
"""Two sentences of two seconds each, as the services here speak."""


class Talker:
    """A language model that takes no time."""

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Yield two sentences, each of which is synthesised."""
        yield TextDelta(text=REPLY)


def make_engines(services: dict[str, str], transport: Transport, threads: ThreadPoolExecutor) -> Engines:
    session = Session()
    session.set_credentials("local", "local")
    url = services["transcribe_http2_url" if transport is Transport.HTTP2 else "transcribe_websocket_url"]
    place = Place(region=REGION, url=url, ca_file=services["ca_file"])
    client = make_client(session, region=REGION, url=services["polly_url"])
    return Engines(
        recognisers=(TranscribeRecogniser(Transcriber(place, transport=transport, session=session)),),
        voices=(
            VoiceChoice(
                voice=Voice(engine=POLLY, name=VOICE), synthesiser=PollySynthesiser(Polly(client, threads))
            ),
        ),
        model=Talker(),
        new_detector=WebRtcVoiceDetector,
    )


async def _run(options: argparse.Namespace) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    threads = ThreadPoolExecutor(64, thread_name_prefix="polly")
    calls = StubCalls(Pacer(loop), engines=make_engines(options.services, options.transport, threads))
    async with Server(calls.routes, max_calls=int(os.environ["OFFHOOK_MAX_CALLS"])) as server:
        parts = CpuParts()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGUSR1, lambda: _say(dict(parts.seconds())))
        _say({"port": server.port})
        await stop.wait()
        await server.drain(0)
        threads.shutdown(wait=False, cancel_futures=True)


def _say(line: dict[Any, Any]) -> None:
    print(json.dumps(line), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aws_streamer", description=__doc__)
    parser.add_argument(
        "--services", type=json.loads, required=True, help="addresses, as the services say them"
    )
    parser.add_argument("--transport", type=Transport, required=True, help="Transcribe's")
    uvloop.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
