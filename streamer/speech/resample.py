"""Sampling rates: between the telephone's 8000 Hz and twice as many, as audio comes."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_HALF_REACH = 12


def low_pass(offsets: NDArray[np.float64], cutoff: float, reach: float) -> NDArray[np.float64]:
    """Return the taps of a windowed sinc (Kaiser, beta 7) at these distances; `cutoff` in cycles per sample."""
    window = np.where(
        np.abs(offsets) <= reach, np.i0(7.0 * np.sqrt(np.clip(1 - (offsets / reach) ** 2, 0, 1))), 0
    )
    taps: NDArray[np.float64] = 2 * cutoff * np.sinc(2 * cutoff * offsets) * window / np.i0(7.0)
    return taps


_HALF_BAND = low_pass(np.arange(0.5 - _HALF_REACH, _HALF_REACH, dtype=np.float64), 0.5, _HALF_REACH).astype(
    np.float32
)
"""Every second tap of a half-band filter; the others are 0, but the middle one, 1."""


class Upsampler:
    """Turns 8000 Hz into 16000 Hz as it comes, without images of the speech above 4 kHz."""

    def __init__(self) -> None:
        self._held = np.zeros(2 * _HALF_REACH - 1, np.float32)

    def feed(self, samples: Samples) -> Samples:
        """Return twice as many samples as were taken, 1.5 ms behind them."""
        held = np.concatenate((self._held, samples))
        self._held = held[len(samples) :]
        out = np.empty(2 * len(samples), np.float32)
        out[0::2] = held[_HALF_REACH - 1 : _HALF_REACH - 1 + len(samples)]
        out[1::2] = np.convolve(held, _HALF_BAND, "valid")
        return out


class Halver:
    """Turns 16000 Hz into 8000 Hz as it comes, without what lies above 4 kHz folding into the speech."""

    def __init__(self) -> None:
        self._held = np.zeros(4 * _HALF_REACH - 2, np.float32)

    def feed(self, samples: Samples) -> Samples:
        """Return every second sample, 1.5 ms behind; an odd one waits for the next."""
        held = np.concatenate((self._held, samples))
        count = (len(held) - 4 * _HALF_REACH + 2) // 2
        self._held = held[2 * count :]
        if not count:
            return np.zeros(0, np.float32)
        beside, middle = (
            held[0 : 2 * (count + 2 * _HALF_REACH - 1) : 2],
            held[2 * _HALF_REACH - 1 :: 2][:count],
        )
        return ((np.convolve(beside, _HALF_BAND, "valid") + middle) / 2).astype(np.float32, copy=False)
