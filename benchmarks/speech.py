"""What the simulated callers say: real synthesised speech as mu-law, kept beside this file, cut into 20 ms chunks."""

import math
from dataclasses import dataclass
from pathlib import Path

from streamer.media.mulaw import CHUNK_BYTES, LINEAR

FOLDER = Path(__file__).with_name("clips")

_VOICED_SHARE = 0.03
"""A chunk is voiced when its level reaches this share of the clip's loudest one: 30 dB below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One utterance, from its first voiced chunk to its last."""

    name: str
    chunks: tuple[bytes, ...]
    is_voiced: tuple[bool, ...]

    @property
    def longest_pause_ms(self) -> int:
        """The longest stretch without voice inside."""
        longest = pause = 0
        for voiced in self.is_voiced:
            pause = 0 if voiced else pause + 20
            longest = max(longest, pause)
        return longest


def load_clips() -> tuple[Clip, ...]:
    """Read all clips, in a fixed order."""
    return tuple(make_clip(path.stem, path.read_bytes()) for path in sorted(FOLDER.glob("*.ulaw")))


def make_clip(name: str, audio: bytes) -> Clip:
    """Cut mu-law into chunks, and what is not voiced from both ends."""
    chunks = [audio[start : start + CHUNK_BYTES] for start in range(0, len(audio) - 159, CHUNK_BYTES)]
    levels = [_level(chunk) for chunk in chunks]
    voiced = [level >= _VOICED_SHARE * max(levels) for level in levels]
    first = voiced.index(True)
    end = len(voiced) - voiced[::-1].index(True)
    return Clip(name=name, chunks=tuple(chunks[first:end]), is_voiced=tuple(voiced[first:end]))


def _level(chunk: bytes) -> float:
    return math.sqrt(sum(LINEAR[code] ** 2 for code in chunk) / len(chunk))
