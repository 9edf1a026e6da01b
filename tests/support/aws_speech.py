"""Transcribe and Polly on this machine, and what their clients are made of."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.session import Session

from local.aws.speech.polly import Polly as PollyService
from local.aws.speech.polly import Speak
from local.aws.speech.polly_http import PollyFront
from local.aws.speech.server import Addresses, speech_services
from local.aws.speech.transcribe_stream import Transcribe
from local.aws.speech.words import Word
from streamer.media import mulaw
from streamer.speech.polly import Polly, make_client
from streamer.speech.transcribe import (
    Patience,
    Place,
    Transcriber,
    TranscribeResult,
    TranscribeStream,
    Transport,
)

CLIP = mulaw.decode((Path(__file__).parents[2] / "benchmarks/clips/question.ulaw").read_bytes())
WORDS = (
    Word(text="nine", start_ms=100, end_ms=400),
    Word(text="thirty", start_ms=450, end_ms=800),
    Word(text="please", start_ms=900, end_ms=1300),
)
LEAD_MS = 500
AUDIO = bytes(16 * LEAD_MS) + CLIP + bytes(16 * 1500)
"""Half a second of quiet, the clip, and what the service needs of quiet to tell the final."""

PIECE_BYTES = 1600
LOCAL = "local"


def session(*, key_id: str = LOCAL, secret: str = LOCAL) -> Session:
    made = Session()
    made.set_credentials(key_id, secret)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Running services."""

    transcribe: Transcribe
    polly: PollyService
    addresses: Addresses

    def transcriber(
        self,
        transport: Transport,
        *,
        credentials: Session | None = None,
        patience: Patience | None = None,
        url: str | None = None,
    ) -> Transcriber:
        urls = {
            Transport.HTTP2: self.addresses.transcribe_http2_url,
            Transport.WEBSOCKET: self.addresses.transcribe_websocket_url,
        }
        place = Place(region="us-east-1", url=url or urls[transport], ca_file=self.addresses.ca_file)
        return Transcriber(
            place, transport=transport, session=credentials or session(), patience=patience or Patience()
        )

    def speaker(self, threads: Executor, *, secret: str = LOCAL, read_timeout_seconds: float = 3.0) -> Polly:
        client = make_client(
            session(secret=secret),
            region="us-east-1",
            url=self.addresses.polly_url,
            read_timeout_seconds=read_timeout_seconds,
        )
        return Polly(client, threads)


async def tones(text: str, _voice: str) -> AsyncIterator[bytes]:
    """Speak each character as 100 ms of its own code."""
    for character in text:
        yield bytes([ord(character) % 256]) * 800


@asynccontextmanager
async def town(
    folder: Path, transcribe: Transcribe | None = None, speak: Speak = tones
) -> AsyncIterator[Town]:
    transcribe = transcribe or Transcribe()
    transcribe.scripts.add(CLIP, WORDS)
    polly = PollyService(speak=speak, faults=transcribe.faults)
    async with speech_services(transcribe, polly, folder=folder) as addresses:
        yield Town(transcribe=transcribe, polly=polly, addresses=addresses)


async def say(stream: TranscribeStream, audio: bytes = AUDIO) -> None:
    """Send the audio piece by piece, faster than a telephone would."""
    for start in range(0, len(audio), PIECE_BYTES):
        await stream.send(audio[start : start + PIECE_BYTES])
        await asyncio.sleep(0.001)


async def hear(stream: TranscribeStream, audio: bytes = AUDIO) -> list[TranscribeResult]:
    """Send the audio and return all results; a failure of either is raised."""
    async with asyncio.TaskGroup() as tasks:
        results = tasks.create_task(_collect(stream))
        await say(stream, audio)
        await stream.finish()
    return results.result()


async def drain(results: AsyncIterator[TranscribeResult], *, seconds: float) -> None:
    """Take all that is left of the results."""
    async with asyncio.timeout(seconds):
        async for _ in results:
            pass


async def _collect(stream: TranscribeStream) -> list[TranscribeResult]:
    return [result async for result in stream.results()]


@dataclass(frozen=True, slots=True)
class Held:
    """What this process holds: threads, descriptors of sockets, tasks."""

    threads: int
    sockets: int
    tasks: int

    def is_within(self, other: "Held") -> bool:
        return self.sockets <= other.sockets and self.tasks <= other.tasks


def held() -> Held:
    sockets = sum(_is_socket(descriptor) for descriptor in Path("/proc/self/fd").iterdir())
    tasks = sum(not _serves_polly(task) for task in asyncio.all_tasks())
    return Held(threading.active_count(), sockets, tasks)


def _serves_polly(task: asyncio.Task[Any]) -> bool:
    """Say whether this is the stand-in's end of a connection, which the client's pool keeps for the next sentence."""
    return getattr(task.get_coro(), "__qualname__", "") == PollyFront.serve.__qualname__


def _is_socket(descriptor: Path) -> bool:
    try:
        return str(descriptor.readlink()).startswith("socket:")
    except OSError:
        return False  # the one that listing had open


async def until_held(expected: Held, *, seconds: float = 5.0) -> Held:
    """Wait until no more than this is held, or time is up; return what is held.

    More threads are no matter: the pool of `asyncio.to_thread` grows to what was ever needed at once, and stays.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    while not (now := held()).is_within(expected) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    return now
