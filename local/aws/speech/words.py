"""Words with their times, and where they come from: a script for known audio, or an ear that listens."""

import hashlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

_RATE_HZ = 8000
CHUNK_MS = 20
_CHUNK_BYTES = _RATE_HZ * 2 * CHUNK_MS // 1000
_SILENT_CHUNK = bytes(_CHUNK_BYTES)
FINGERPRINT_CHUNKS = 5
_PAUSE_CHUNKS = 25


class Word(BaseModel):
    """One word; milliseconds from the beginning of its audio, or of the stream. It may be told `at_first` as another one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1)
    start_ms: int = Field(ge=0)
    end_ms: int = Field(ge=0)
    at_first: str = ""

    def told(self, *, is_final: bool) -> str:
        return self.text if is_final else self.at_first or self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How the service takes its time: after a word until it is told, until it is stable, and after the last until final."""

    told_ms: int = 300
    stable_ms: int = 300
    final_ms: int = 600


DEFAULT_PACE = Pace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What is said between two silences, on the stream's clock; None is the server's own pace."""

    words: tuple[Word, ...]
    pace: Pace | None = None


class Ear(Protocol):
    """Turns one stream's audio into utterances."""

    async def hear(self, pcm: bytes) -> Sequence[Utterance]:
        """Take the next audio (16-bit, 8000 Hz); return the utterances that are now known."""

    async def finish(self) -> Sequence[Utterance]:
        """Return what is left at the end of the stream."""

    async def close(self) -> None:
        """Free what it holds."""


class Scripts:
    """The words of known audio.

    Audio is known by the SHA-256 of the 100 ms that begin with its first chunk (20 ms) that is no digital silence: long
    enough to tell clips apart, short enough to be told in partials while the rest is still being said. Any stream may
    hold it anywhere, if on a chunk's boundary, as the carrier's audio always is. Where the words hang on nothing but the
    order of utterances (noise was added, say), `in_order` has them.
    """

    def __init__(self) -> None:
        self.by_audio: dict[str, Utterance] = {}
        self.in_order: tuple[Utterance, ...] = ()

    def add(self, pcm: bytes, words: Sequence[Word], pace: Pace | None = None) -> None:
        """Have these words told whenever this audio (16-bit, 8000 Hz) is heard; their times are the audio's own."""
        fingerprint, lead_ms = fingerprint_of(pcm)
        self.by_audio[fingerprint] = shifted(Utterance(words=tuple(words), pace=pace), -lead_ms)


def fingerprint_of(pcm: bytes) -> tuple[str, int]:
    """Return what audio is known by, and the digital silence before that, in milliseconds."""
    lead = 0
    while pcm[lead : lead + _CHUNK_BYTES] == _SILENT_CHUNK:
        lead += _CHUNK_BYTES
    known = pcm[lead : lead + FINGERPRINT_CHUNKS * _CHUNK_BYTES]
    if len(known) < FINGERPRINT_CHUNKS * _CHUNK_BYTES:
        raise ValueError("Audio needs 100 ms of sound to be known by.")
    return hashlib.sha256(known).hexdigest(), lead // _CHUNK_BYTES * CHUNK_MS


def shifted(utterance: Utterance, by_ms: int) -> Utterance:
    words = tuple(
        word.model_copy(
            update={"start_ms": max(0, word.start_ms + by_ms), "end_ms": max(0, word.end_ms + by_ms)}
        )
        for word in utterance.words
    )
    return replace(utterance, words=words)


class ScriptedEar:
    """Knows audio by its fingerprint, or counts utterances where scripts come in order."""

    def __init__(self, scripts: Scripts) -> None:
        self._by_audio = scripts.by_audio
        self._in_order = deque(scripts.in_order)
        self._rest = b""
        self._last: deque[bytes] = deque(maxlen=FINGERPRINT_CHUNKS)
        self._clock_ms = 0
        self._silent_chunks = _PAUSE_CHUNKS

    async def hear(self, pcm: bytes) -> Sequence[Utterance]:
        held = self._rest + pcm
        whole = len(held) - len(held) % _CHUNK_BYTES
        self._rest = held[whole:]
        found = (
            self._hear_chunk(held[start : start + _CHUNK_BYTES]) for start in range(0, whole, _CHUNK_BYTES)
        )
        return [utterance for utterance in found if utterance is not None]

    async def finish(self) -> Sequence[Utterance]:
        return ()

    async def close(self) -> None:
        """Hold nothing."""

    def _hear_chunk(self, chunk: bytes) -> Utterance | None:
        self._last.append(chunk)
        self._clock_ms += CHUNK_MS
        known = (
            self._by_audio.get(hashlib.sha256(b"".join(self._last)).hexdigest()) if self._by_audio else None
        )
        if known is not None:
            return shifted(known, self._clock_ms - len(self._last) * CHUNK_MS)
        return self._next_in_order(chunk) if self._in_order else None

    def _next_in_order(self, chunk: bytes) -> Utterance | None:
        is_onset = chunk != _SILENT_CHUNK and self._silent_chunks >= _PAUSE_CHUNKS
        self._silent_chunks = self._silent_chunks + 1 if chunk == _SILENT_CHUNK else 0
        return shifted(self._in_order.popleft(), self._clock_ms - CHUNK_MS) if is_onset else None
