"""The sound of a telephone line: its noise, and whether there is a voice on it."""

import random

from streamer.media.mulaw import CODES, LINEAR

_NOISE_RMS = 33  # -60 dBFS: a line is never digitally silent, and a recogniser that expects that is wrong.
# -43 dBFS on average: above any line's noise, below any voice.
_VOICE_LEVEL = 230
_LOUDNESS = tuple(abs(sample) for sample in LINEAR)


def _make_noise() -> bytes:
    source = random.Random(2011)
    return bytes(CODES[round(source.gauss(0, _NOISE_RMS)) & 0xFFFF] for _ in range(8_000))


NOISE = _make_noise()
"""One second of comfort noise, mu-law; it can be repeated."""


def with_noise(audio: bytes) -> bytes:
    """Lay the line's noise under a recording."""
    noise = NOISE * (len(audio) // len(NOISE) + 1)
    return bytes(
        CODES[max(-32_768, min(32_767, LINEAR[a] + LINEAR[b])) & 0xFFFF]
        for a, b in zip(audio, noise, strict=False)
    )


def is_voiced(chunk: bytes) -> bool:
    """Say whether a chunk is loud enough to be a voice."""
    return sum(map(_LOUDNESS.__getitem__, chunk)) > _VOICE_LEVEL * len(chunk)
