"""Mu-law (G.711), the telephone's eight bits per sample, to and from 16-bit PCM with the standard library alone."""

import sys
from array import array
from itertools import repeat

RATE_HZ = 8000

BYTES_PER_MS = 8
"""One byte a sample."""

CHUNK_MS = 20

CHUNK_BYTES = CHUNK_MS * BYTES_PER_MS
"""What the telephone sends at a time."""

SILENCE = 0xFF
"""The code of a sample of zero."""

SILENT_CHUNK = bytes((SILENCE,)) * CHUNK_BYTES

_BIAS = 132


def decode(audio: bytes) -> bytes:
    """Turn mu-law into 16-bit little-endian PCM, twice as many bytes."""
    pcm = bytearray(2 * len(audio))
    pcm[0::2] = audio.translate(_LOW_BYTES)
    pcm[1::2] = audio.translate(_HIGH_BYTES)
    return bytes(pcm)


def encode(pcm: bytes) -> bytes:
    """Turn 16-bit little-endian PCM into mu-law, by the decision levels of G.711."""
    samples = array("H", pcm)
    if sys.byteorder == "big":
        samples.byteswap()
    return bytes(map(CODES.__getitem__, samples))


def _linear(code: int) -> int:
    exponent, mantissa = (~code >> 4) & 7, ~code & 15
    magnitude = ((2 * mantissa + 33) << (exponent + 2)) - _BIAS
    return magnitude if code & 0x80 else -magnitude


def _codes_by_sample() -> bytes:
    # A code covers the 2^(exponent + 3) samples around its own value; the first also the samples beside zero, the
    # last everything louder. The table is indexed by the sample read as unsigned, so the negative half comes second.
    positive = b"".join(
        bytes(repeat(~(exponent << 4 | mantissa) & 0xFF, 8 << exponent))
        for exponent in range(8)
        for mantissa in range(16)
    )[4:]
    positive = positive.ljust(32769, b"\x80")
    negative = bytes(code & 0x7F for code in positive[1:])
    return positive[:32768] + negative[::-1]


LINEAR: tuple[int, ...] = tuple(_linear(code) for code in range(256))
"""The sample that each code stands for, -32124 to 32124."""

_LOW_BYTES = bytes(sample & 0xFF for sample in LINEAR)
_HIGH_BYTES = bytes(sample >> 8 & 0xFF for sample in LINEAR)
CODES = _codes_by_sample()
"""The code of each sample, indexed by the sample's sixteen bits read as unsigned."""
