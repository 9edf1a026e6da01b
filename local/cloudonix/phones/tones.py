"""Sounds that no voice makes: the tones of keys, a beep, and what stands for a recording; mu-law, 8000 Hz."""

import math
from functools import cache

from streamer.media.mulaw import CODES, SILENCE

_RATE_HZ = 8_000
_AMPLITUDE = 6_000
_KEY_MS = 100
_BETWEEN_KEYS_MS = 60
_WAIT_MS = 500
_BEEP_MS = 600
_RECORDING_MS = 1_000
_ROWS_HZ = (697, 770, 852, 941)
_COLUMNS_HZ = (1209, 1336, 1477, 1633)
_KEYPAD = ("123A", "456B", "789C", "*0#D")
_PAIR_OF_KEY = {
    key: (row_hz, column_hz)
    for row, row_hz in zip(_KEYPAD, _ROWS_HZ, strict=True)
    for key, column_hz in zip(row, _COLUMNS_HZ, strict=True)
}


def keys(digits: str) -> bytes:
    """Return the tones of keys, one after the other; `W` is half a second of silence."""
    return b"".join(map(_key, digits))


@cache
def beep() -> bytes:
    """Return what an answering machine makes when its greeting is over."""
    return _tone((1_000,), _BEEP_MS)


@cache
def recording() -> bytes:
    """Return a second of a plain tone, for any recording: the simulated carrier fetches none."""
    return _tone((440,), _RECORDING_MS)


@cache
def _key(key: str) -> bytes:
    if key == "W":
        return _silence(_WAIT_MS)
    return _tone(_PAIR_OF_KEY[key], _KEY_MS) + _silence(_BETWEEN_KEYS_MS)


def _tone(frequencies_hz: tuple[int, ...], duration_ms: int) -> bytes:
    steps = [2 * math.pi * frequency_hz / _RATE_HZ for frequency_hz in frequencies_hz]
    return bytes(
        CODES[round(_AMPLITUDE * sum(math.sin(step * n) for step in steps)) & 0xFFFF]
        for n in range(duration_ms * _RATE_HZ // 1000)
    )


def _silence(duration_ms: int) -> bytes:
    return bytes([SILENCE]) * (duration_ms * _RATE_HZ // 1000)
