"""Transcribe, Polly and models for calls that are measured: `python -m benchmarks.aws_services --folder DIR` says where they are.

They know the words of the callers' clips, and speak without an engine: what they cost is their protocols.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from functools import cache
from pathlib import Path

from benchmarks.speech import Clip, load_clips
from local.aws.speech.polly import Polly
from local.aws.speech.server import speech_services
from local.aws.speech.transcribe_stream import Limits, Transcribe
from local.aws.speech.words import Pace, Word
from local.models.script import Reply, Rule, Script, Text
from local.models.server import model_services
from local.processes.parent import live_with_parent
from streamer.media import mulaw

TOLD_MS = 300
"""A word is told, and will not change, so long after its end."""

FIRST_AUDIO_MS = 100
"""Polly takes so long before the first syllable."""

FIRST_TOKEN_MS, BETWEEN_TOKENS_MS = 300, 20
REPLY = ("This is the ", "first sentence ", "of it. ", "And this ", "is the second ", "one, no ", "longer.")
FIRST_SENTENCE_MS = FIRST_TOKEN_MS + 3 * BETWEEN_TOKENS_MS
"""A model takes so long until it is known that its first sentence is whole."""

# Longer than what of a turn may have no words yet, so that no turn is over before its last word is told.
_WORD_MS = 600
_MS_A_CHARACTER = 60
_PIECE_MS = 100
_FINAL_MS = 600
_NO_LIMIT = 10_000


def words_of(clip: Clip) -> list[Word]:
    """Return words that fill a clip; the first is the one that the agent of stub calls waits for."""
    length_ms = len(clip.chunks) * mulaw.CHUNK_MS
    count = max(1, length_ms // _WORD_MS)
    bounds = [length_ms * n // count for n in range(count + 1)]
    return [
        Word(text=f"word{n}" if n else "stub", start_ms=bounds[n], end_ms=bounds[n + 1]) for n in range(count)
    ]


async def speak(text: str, _voice: str) -> AsyncIterator[bytes]:
    """Speak for as long as the text is, in pieces as a service sends them."""
    await asyncio.sleep(FIRST_AUDIO_MS / 1000)
    audio = _speech()
    size = _PIECE_MS * mulaw.BYTES_PER_MS
    for n in range(len(text) * _MS_A_CHARACTER // _PIECE_MS):
        start = n * size % (len(audio) - size)
        yield audio[start : start + size]


@cache
def _speech() -> bytes:
    return b"".join(load_clips()[0].chunks)


async def _run(folder: Path) -> None:
    transcribe = Transcribe(
        limits=Limits(streams=_NO_LIMIT), pace=Pace(told_ms=TOLD_MS, stable_ms=0, final_ms=_FINAL_MS)
    )
    for clip in load_clips():
        transcribe.scripts.add(mulaw.decode(b"".join(clip.chunks)), words_of(clip))
    polly = Polly(speak=speak, faults=transcribe.faults)
    polly.requests_per_second = dict.fromkeys(polly.requests_per_second, _NO_LIMIT)
    async with (
        speech_services(transcribe, polly, folder=folder) as addresses,
        model_services(Script(Rule(reply=_reply()))) as models_url,
    ):
        print(json.dumps(asdict(addresses) | {"models_url": models_url}), flush=True)
        await asyncio.get_running_loop().create_future()


def _reply() -> Reply:
    first, *rest = REPLY
    parts = (Text(text=first), *(Text(text=text, after_ms=BETWEEN_TOKENS_MS) for text in rest))
    return Reply(parts=parts, first_ms=FIRST_TOKEN_MS)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aws_services", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="folder for the authority's certificate")
    live_with_parent()
    asyncio.run(_run(parser.parse_args().folder))


if __name__ == "__main__":
    main()
