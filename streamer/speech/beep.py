"""Hears the beep after which an answering machine records: one steady tone, unlike any voice, and its end."""

import numpy as np

from streamer.media.mulaw import CHUNK_BYTES, CHUNK_MS, RATE_HZ, decode

_SAMPLES = np.frombuffer(decode(bytes(range(256))), dtype="<i2").astype(np.float32)
_WINDOW = np.hanning(CHUNK_BYTES).astype(np.float32)
_BIN_HZ = RATE_HZ / CHUNK_BYTES
# Machines' beeps lie between 400 and 2000 Hz and last 0.2 to 1 s; the room at both ends is for the odd one.
_LOWEST_BIN, _HIGHEST_BIN = int(300 / _BIN_HZ), int(2400 / _BIN_HZ)
_LEAST_CHUNKS = 7
# A pure tone lies in three neighbouring bins of the window; of a vowel's power no three hold as much.
_TONE_SHARE = 0.85
# -45 dBFS, as the mean power of a sample.
_LEAST_POWER = (32768 * 10 ** (-45 / 20)) ** 2


class BeepDetector:
    """Follows one caller's sound, 20 ms at a time, while a beep is awaited; `is_over` when none came `within_ms`."""

    def __init__(self, *, within_ms: int | None = None) -> None:
        self._chunks_left = None if within_ms is None else within_ms // CHUNK_MS
        self._bin = 0
        self._length_chunks = 0

    @property
    def is_over(self) -> bool:
        """Say whether no beep is to be expected any more."""
        return self._chunks_left is not None and self._chunks_left <= 0

    def hear(self, chunk: bytes) -> bool:
        """Take the next 160 bytes (20 ms) of mu-law; return True when a beep has just ended."""
        if self._chunks_left is not None:
            self._chunks_left -= 1
        tone = _tone(chunk)
        if tone and (not self._length_chunks or abs(tone - self._bin) <= 1):
            self._bin = tone
            self._length_chunks += 1
            return False
        was_beep = self._length_chunks >= _LEAST_CHUNKS
        self._bin, self._length_chunks = tone, int(tone > 0)
        return was_beep


def _tone(chunk: bytes) -> int:
    """Return the bin of the chunk's one tone, or 0 where it is anything else."""
    samples = _SAMPLES.take(np.frombuffer(chunk, dtype=np.uint8))
    if float(samples.dot(samples)) < _LEAST_POWER * len(samples):
        return 0
    powers = np.abs(np.fft.rfft(samples * _WINDOW)) ** 2
    peak = int(powers.argmax())
    if not _LOWEST_BIN <= peak <= _HIGHEST_BIN:
        return 0
    return peak if powers[peak - 1 : peak + 2].sum() > _TONE_SHARE * powers.sum() else 0
