"""Sampling rates: from the synthesiser's 22050 Hz down to the telephone's 8000 Hz, and from there up to 16000 Hz."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_UP, _DOWN = 160, 441  # 8000 / 22050
_REACH = 45  # input samples on each side of an output sample; 91 taps pass 3.4 kHz and stop 4.2 kHz by 50 dB
_CUTOFF = 3800 / 22050  # cycles per input sample
_HALF_REACH = 12


def _low_pass(offsets: NDArray[np.float64], cutoff: float, reach: float) -> NDArray[np.float64]:
    window = np.where(
        np.abs(offsets) <= reach, np.i0(7.0 * np.sqrt(np.clip(1 - (offsets / reach) ** 2, 0, 1))), 0
    )
    taps: NDArray[np.float64] = 2 * cutoff * np.sinc(2 * cutoff * offsets) * window / np.i0(7.0)
    return taps


def _block_filter() -> Samples:
    # Row n makes output n of a block from the block's input samples and `_REACH` more on either side.
    centres = np.arange(_UP)[:, None] * (_DOWN / _UP) + _REACH
    taps = _low_pass(np.arange(_DOWN + 2 * _REACH)[None, :] - centres, _CUTOFF, _REACH)
    rows: Samples = (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)
    return rows


class Downsampler:
    """Turns one piece of speech at 22050 Hz into 8000 Hz, as it comes; 441 samples become 160."""

    _filter = _block_filter()

    def __init__(self) -> None:
        self._held = np.zeros(_REACH, np.float32)

    def feed(self, samples: Samples) -> Samples:
        """Take more input and return what can be made now, about 2 ms behind."""
        held = np.concatenate((self._held, samples))
        blocks = max(0, (len(held) - 2 * _REACH) // _DOWN)
        self._held = held[blocks * _DOWN :]
        if not blocks:
            return np.zeros(0, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(held, _DOWN + 2 * _REACH)[: blocks * _DOWN : _DOWN]
        return (windows @ self._filter.T).reshape(-1)

    def finish(self) -> Samples:
        """Return the rest, filled up with silence to a whole 20 ms."""
        missing = -(len(self._held) - _REACH) % _DOWN
        return self.feed(np.zeros(missing + _REACH, np.float32))


class Upsampler:
    """Turns 8000 Hz into 16000 Hz as it comes, without images of the speech above 4 kHz."""

    _filter = _low_pass(np.arange(0.5 - _HALF_REACH, _HALF_REACH, dtype=np.float64), 0.5, _HALF_REACH).astype(
        np.float32
    )

    def __init__(self) -> None:
        self._held = np.zeros(2 * _HALF_REACH - 1, np.float32)

    def feed(self, samples: Samples) -> Samples:
        """Return twice as many samples as were taken, 1.5 ms behind them."""
        held = np.concatenate((self._held, samples))
        self._held = held[len(samples) :]
        out = np.empty(2 * len(samples), np.float32)
        out[0::2] = held[_HALF_REACH - 1 : _HALF_REACH - 1 + len(samples)]
        out[1::2] = np.convolve(held, self._filter, "valid")
        return out
