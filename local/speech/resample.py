"""The synthesiser's 22050 Hz, down to the telephone's 8000 Hz."""

import numpy as np

from streamer.speech.resample import Samples, low_pass

_UP, _DOWN = 160, 441  # 8000 / 22050
_REACH = 45  # input samples on each side of an output sample; 91 taps pass 3.4 kHz and stop 4.2 kHz by 50 dB
_CUTOFF = 3800 / 22050  # cycles per input sample


def _block_filter() -> Samples:
    # Row n makes output n of a block from the block's input samples and `_REACH` more on either side.
    centres = np.arange(_UP)[:, None] * (_DOWN / _UP) + _REACH
    taps = low_pass(np.arange(_DOWN + 2 * _REACH)[None, :] - centres, _CUTOFF, _REACH)
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
