"""A streamer of stub calls with the real clients of Transcribe, Polly and a model, which says where its CPU time goes.

`python -m benchmarks.aws_streamer` takes the streamer's settings, and prints `{"port": N}` as the streamer does, and at
each SIGUSR1 the CPU seconds of its parts so far, at each SIGUSR2 what it holds.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping

import uvloop

from benchmarks.cpu_parts import CpuParts, Part
from benchmarks.held import held
from benchmarks.processes import Streamer
from offhook.adapters.models.by_engine import InstalledModels
from offhook.agents.engines import BEDROCK, OPENAI, POLLY
from offhook.agents.offered import Offered
from offhook.agents.settings import AgentSettings
from offhook.models.ports import ModelChoice
from offhook.models.requests import ModelEvent, ModelRequest, TextDelta
from offhook.settings import Settings
from streamer.conductor.engines import Engines
from streamer.conductor.playout import Pacer
from streamer.sockets.server import Server
from streamer.speech.polly import engine as polly
from streamer.speech.ports import Voice, VoiceChoice
from streamer.speech.transcribe import Transport
from streamer.speech.transcribe import engine as transcribe
from streamer.speech.voice import WebRtcVoiceDetector
from streamer.stub import StubCalls

VOICE = Voice(engine=POLLY, name="Joanna+standard")
REPLY = "This is the first sentence of it. And this is the second one, no longer."
"""Two sentences of two seconds each, as the services here speak."""


def aws_streamer(addresses: dict[str, str], transport: Transport, *options: str, calls: int) -> Streamer:
    """Return one that reaches the services at these addresses."""
    url = addresses["transcribe_http2_url" if transport is Transport.HTTP2 else "transcribe_websocket_url"]
    return Streamer(
        [sys.executable, "-m", "benchmarks.aws_streamer", *options],
        max_calls=calls,
        settings={
            "OFFHOOK_TRANSCRIBE_URL": url,
            "OFFHOOK_TRANSCRIBE_TRANSPORT": transport,
            "OFFHOOK_TRANSCRIBE_CA_FILE": addresses["ca_file"],
            "AWS_ENDPOINT_URL_POLLY": addresses["polly_url"],
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": addresses["models_url"],
            "OFFHOOK_MODELS": f"{BEDROCK},{OPENAI}",
            "OFFHOOK_LLM_URL": f"{addresses['models_url']}/v1",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        },
    )


class Talker:
    """A language model that takes no time."""

    def __init__(self, reply: str) -> None:
        self._reply = reply

    async def reply(self, request: ModelRequest) -> AsyncIterator[ModelEvent]:
        """Yield the reply at once."""
        yield TextDelta(text=self._reply)


def make_engines(settings: Settings, reply: str, model: str = "") -> Engines:
    return Engines(
        recognisers=(transcribe.make_recogniser(settings),),
        voices=(VoiceChoice(voice=VOICE, synthesiser=polly.make_synthesiser(settings)),),
        models=_models(settings, model) if model else (ModelChoice(engine="talker", model=Talker(reply)),),
        new_detector=WebRtcVoiceDetector,
    )


def _models(settings: Settings, engine: str) -> tuple[ModelChoice, ...]:
    models = InstalledModels(settings, Offered.by(settings))
    return models.choose(AgentSettings(model=engine, model_id="scripted"))


async def _run(settings: Settings, reply: str, model: str) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    calls = StubCalls(Pacer(loop), engines=make_engines(settings, reply, model))
    async with Server(calls.routes, max_calls=settings.max_calls) as server:
        parts = CpuParts()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        loop.add_signal_handler(signal.SIGUSR1, lambda: _say(parts.seconds()))
        loop.add_signal_handler(signal.SIGUSR2, lambda: _say(held()))
        _say({"port": server.port})
        await stop.wait()
        await server.drain(0)


def _say(line: Mapping[str, float] | Mapping[Part, float]) -> None:
    print(json.dumps(line), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aws_streamer", description=__doc__)
    parser.add_argument("--reply", default=REPLY, help="what the agent says each time")
    parser.add_argument("--model", default="", help="the engine that thinks; none: one that takes no time")
    options = parser.parse_args()
    uvloop.run(_run(Settings.from_env(os.environ), options.reply, options.model))


if __name__ == "__main__":
    main()
