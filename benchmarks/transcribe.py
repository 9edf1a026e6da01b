"""What a stream of Transcribe costs its client, by transport: `python -m benchmarks.transcribe`.

The client has one core and the service's stand-in another. Every stream sends 100 ms of audio at a time, at real time; a
word is due with the piece of audio that ends it, so that what is measured is the way there and back.
"""

import argparse
import asyncio
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import httpx
from botocore.session import Session

from benchmarks.figures import percentile
from benchmarks.processes import cpu_seconds, machine
from benchmarks.speech import load_clips
from streamer.media import mulaw
from streamer.speech.transcribe import Place, TranscribeOptions, Transcriber, TranscribeStream, Transport

_PIECE_MS = 100
_WORD_MS = 200
_ROUND_MS = 4000
_SERVICE = ("local.aws.speech.server", "--streams", "1000")
_BETWEEN_OPENINGS_S = 0.12
_URLS = {Transport.HTTP2: "transcribe_http2_url", Transport.WEBSOCKET: "transcribe_websocket_url"}

HEADER = (
    "transport   streams   CPU ms per      result ms          opening ms        loop late   service   lost\n"
    "                      stream-second   p50 / p95 / p99    p50 / p95         ms p99      % CPU"
)


@dataclass(slots=True)
class Samples:
    """What all streams of one run saw, in milliseconds."""

    openings: list[float] = field(default_factory=list)
    results: list[float] = field(default_factory=list)
    lateness: list[float] = field(default_factory=list)
    lost: int = 0
    is_measuring: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The stand-in, and what it costs."""

    addresses: dict[str, str]
    process_id: int

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.process_id) or 0.0


class Caller:
    """One stream: sends its round of speech and silence over and over, and waits for each word."""

    def __init__(self, line: bytes, samples: Samples) -> None:
        self._line = line
        self._samples = samples
        self._sent_at: dict[int, float] = {}

    async def call(self, stream: TranscribeStream, over: asyncio.Event) -> None:
        hearing = asyncio.create_task(self._hear(stream))
        try:
            await self._say(stream, over)
        finally:
            await stream.close()
            await hearing

    async def _say(self, stream: TranscribeStream, over: asyncio.Event) -> None:
        begun = time.perf_counter()
        size = _PIECE_MS * 16
        for n in count():
            if over.is_set():
                break
            due = begun + n * _PIECE_MS / 1000
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            now = time.perf_counter()
            if self._samples.is_measuring:
                self._samples.lateness.append(1000 * (now - due))
            self._sent_at[(n + 1) * _PIECE_MS] = now
            start = n * size % len(self._line)
            await stream.send(self._line[start : start + size])

    async def _hear(self, stream: TranscribeStream) -> None:
        told: set[int] = set()
        async for result in stream.results():
            now = time.perf_counter()
            end_ms = result.items[-1].end_ms
            sent_at = self._sent_at.get(end_ms)
            if sent_at is not None and end_ms not in told:
                told.add(end_ms)
                if self._samples.is_measuring:
                    self._samples.results.append(1000 * (now - sent_at))


@contextmanager
def service(*module: str, cpu: int) -> Iterator[Service]:
    """Run a stand-in, a module with its arguments, on a core of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", *module, "--folder", folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            os.sched_setaffinity(process.pid, {cpu})
            try:
                addresses = json.loads(process.stdout.readline()) if process.stdout else {}
                yield Service(addresses=addresses, process_id=process.pid)
            finally:
                process.terminate()


def make_round(control_url: str) -> bytes:
    """Return a round of speech and silence, whose words the service has been told."""
    speech = b"".join(load_clips()[0].chunks)
    words = [
        {"text": f"word{n}", "start_ms": n * _WORD_MS, "end_ms": (n + 1) * _WORD_MS}
        for n in range(len(speech) // 8 // _WORD_MS)
    ]
    script = {"audio": base64.b64encode(speech).decode(), "words": words, "told_ms": 0, "stable_ms": 0}
    httpx.post(f"{control_url}/_control/scripts", json=script).raise_for_status()
    silence = bytes([mulaw.SILENCE]) * (_ROUND_MS * 8 - len(speech))
    return mulaw.decode(speech + silence)


async def run(transport: Transport, streams: int, seconds: float, town: Service) -> str:
    """Make so many calls and return their line of the table."""
    line = make_round(town.addresses["polly_url"])
    credentials = Session()
    credentials.set_credentials("local", "local")
    place = Place(region="us-east-1", url=town.addresses[_URLS[transport]], ca_file=town.addresses["ca_file"])
    transcriber = Transcriber(place, transport=transport, session=credentials)
    samples = Samples()
    await (await transcriber.open(TranscribeOptions())).close()  # what is made once is made
    over = asyncio.Event()
    calls: list[asyncio.Task[None]] = []
    for _ in range(streams):
        calls.append(asyncio.create_task(_call(transcriber, line, samples, over)))
        await asyncio.sleep(_BETWEEN_OPENINGS_S)
    while len(samples.openings) < streams and not any(call.done() for call in calls):  # noqa: ASYNC110
        await asyncio.sleep(_PIECE_MS / 1000)
    samples.is_measuring = True
    cpu, service_cpu, begun = time.process_time(), town.cpu_seconds(), time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - begun
    per_second = 1000 * (time.process_time() - cpu) / (streams * took)
    service_percent = 100 * (town.cpu_seconds() - service_cpu) / took
    over.set()
    ends = await asyncio.gather(*calls, return_exceptions=True)
    samples.lost = sum(isinstance(end, BaseException) for end in ends)
    return _line(transport, streams, samples, per_second, service_percent)


async def _call(transcriber: Transcriber, line: bytes, samples: Samples, over: asyncio.Event) -> None:
    begun = time.perf_counter()
    stream = await transcriber.open(TranscribeOptions())
    samples.openings.append(1000 * (time.perf_counter() - begun))
    await Caller(line, samples).call(stream, over)


def _line(transport: Transport, streams: int, samples: Samples, cpu_ms: float, service_percent: float) -> str:
    results, openings = samples.results, samples.openings
    return (
        f"{transport:9}   {streams:7}   {cpu_ms:13.2f}   {percentile(results, 50):4.0f} / {percentile(results, 95):4.0f}"
        f" / {percentile(results, 99):4.0f}   {percentile(openings, 50):4.0f} / {percentile(openings, 95):4.0f}"
        f"       {percentile(samples.lateness, 99):9.1f}   {service_percent:7.0f}   {samples.lost:4}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transcribe", description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[25, 50, 100], help="numbers of streams")
    parser.add_argument("--seconds", type=float, default=12.0, help="how long each run lasts")
    parsed = parser.parse_args(arguments)
    os.sched_setaffinity(0, {0})
    print(machine(), HEADER, sep="\n")
    for streams in parsed.streams:
        for transport in Transport:
            with service(*_SERVICE, cpu=1 % (os.cpu_count() or 1)) as town:
                print(asyncio.run(run(transport, streams, parsed.seconds, town)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
