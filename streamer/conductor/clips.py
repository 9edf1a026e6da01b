"""Fixed texts as audio that was synthesised and encoded once, for all calls of this process."""

import asyncio
from binascii import b2a_base64
from collections import OrderedDict
from functools import cached_property
from typing import Protocol
from weakref import WeakValueDictionary

from streamer.media.mulaw import BYTES_PER_MS, CHUNK_BYTES, SILENCE
from streamer.speech.ports import Voice

_MOST_CLIPS = 512


class EncodedClip:
    """A fixed text's audio (mu-law) and its messages' payloads, encoded on first use for all calls of the process."""

    def __init__(self, audio: bytes) -> None:
        self.audio = padded(audio)

    @property
    def duration_ms(self) -> int:
        """How long it plays."""
        return len(self.audio) // BYTES_PER_MS

    @cached_property
    def payloads(self) -> tuple[str, ...]:
        """The base64 of each chunk."""
        starts = range(0, len(self.audio), CHUNK_BYTES)
        return tuple(encode_chunk(self.audio[start : start + CHUNK_BYTES]) for start in starts)


class Clips:
    """Keeps the clips used last, by voice and text; a few hundred sentences are some twenty megabytes.

    A voice is told from all others by its engine, its language and its pronunciations too.
    """

    def __init__(self) -> None:
        self._clips: OrderedDict[tuple[Voice, str], EncodedClip] = OrderedDict()
        self._turns: WeakValueDictionary[tuple[Voice, str], asyncio.Lock] = WeakValueDictionary()

    def get(self, voice: Voice, text: str) -> EncodedClip | None:
        """Return the clip, if this process has made it."""
        clip = self._clips.get((voice, text))
        if clip is not None:
            self._clips.move_to_end((voice, text))
        return clip

    def turn(self, voice: Voice, text: str) -> asyncio.Lock:
        """Return what calls that want a clip at the same time hold in turn, so that one of them makes it."""
        return self._turns.setdefault((voice, text), asyncio.Lock())

    def keep(self, voice: Voice, text: str, clip: EncodedClip) -> None:
        """Keep a text's audio for the calls to come."""
        self._clips[voice, text] = clip
        if len(self._clips) > _MOST_CLIPS:
            self._clips.popitem(last=False)


class ClipShelf(Protocol):
    """Where an agent's clips outlast the process."""

    async def stock(self, voice: Voice) -> None:
        """Have those that were made before; return in time for the first words of a call."""

    def keep(self, voice: Voice, text: str, audio: bytes) -> None:
        """Keep one that was made (mu-law), unless it is not the agent's own."""


def encode_chunk(chunk: bytes) -> str:
    """Return a chunk as a media message's payload."""
    return b2a_base64(chunk, newline=False).decode("ascii")


def padded(audio: bytes) -> bytes:
    """Fill the last chunk up with silence."""
    return audio + bytes((SILENCE,)) * (-len(audio) % CHUNK_BYTES)
