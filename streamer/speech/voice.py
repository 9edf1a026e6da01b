"""Voice detection: WebRTC's detector, and a level gate where it is too generous."""

from collections import deque

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from streamer.media.mulaw import RATE_HZ, decode

# The most sceptical of WebRTC's four modes: the others take a car for a caller.
_MODE = 3
_LINEAR = np.frombuffer(decode(bytes(range(256))), dtype="<i2")
_AMPLITUDES = _LINEAR.astype(np.float32)
# The line's noise is the 5th percentile of the last three seconds; speech is at least twice as loud. A higher one takes
# the quiet ends of words for noise in the middle of long sentences: the 20th of two seconds ended them up to 180 ms early.
_MEMORY_CHUNKS = 150
_NOISE_PERCENTILE = 5
_POWER_OVER_NOISE = 2.0**2
# Below -50 dBFS nobody speaks, however quiet the line. Power is the sum over a chunk of 160 samples.
_LEAST_POWER = 160 * (32768 * 10 ** (-50 / 20)) ** 2
_UPDATE_CHUNKS = 10
# WebRTC's detector takes any noise for speech until it has heard 300 ms of it.
_STARTUP_CHUNKS = 15

# The pairs of tones that keys make, whose sound WebRTC takes for a voice. Columns are the sines of the four low and the
# four high tones, then their cosines.
_KEY_TONES_HZ = (697, 770, 852, 941, 1209, 1336, 1477, 1633)
_PHASES = 2 * np.pi / RATE_HZ * np.outer(np.arange(160), _KEY_TONES_HZ)
_KEY_TONES = np.hstack((np.sin(_PHASES), np.cos(_PHASES))).astype(np.float32)
_KEY_SHARE = 0.7  # of the power, in one low and one high tone together; a vowel has less than half
_QUIETER_KEY_SHARE = 0.1
_KEY_SEARCH_CHUNKS = 3


class WebRtcVoiceDetector:
    """Tells one caller's speech from silence and noise, 20 ms at a time."""

    def __init__(self) -> None:
        self._is_speech = webrtcvad.Vad(_MODE).is_speech
        self._powers: deque[float] = deque(maxlen=_MEMORY_CHUNKS)
        self._until_update = _UPDATE_CHUNKS
        self._until_ready = _STARTUP_CHUNKS
        self._voiced_run = 0
        self._threshold = _LEAST_POWER

    def is_voiced(self, chunk: bytes) -> bool:
        """Take the next 160 bytes (20 ms) of mu-law and say whether they hold speech.

        The gate ends speech with its sound; WebRTC alone goes on for another 100 ms.
        """
        codes = np.frombuffer(chunk, dtype=np.uint8)
        amplitudes = _AMPLITUDES.take(codes)
        power = float(amplitudes.dot(amplitudes))
        self._powers.append(power)
        self._until_update -= 1
        if not self._until_update:
            self._learn_noise()
        # Asked for every chunk, loud or not: WebRTC learns the noise from the quiet ones.
        is_speech = self._is_speech(_LINEAR.take(codes).tobytes(), RATE_HZ)
        if self._until_ready:
            self._until_ready -= 1
            return False
        if not is_speech or power <= self._threshold or self._begins_with_key_tone(amplitudes, power):
            self._voiced_run = 0
            return False
        self._voiced_run += 1
        return True

    def _begins_with_key_tone(self, amplitudes: NDArray[np.float32], power: float) -> bool:
        # No key is pressed in the middle of a vowel; looking at the beginning alone saves a third of the time.
        return self._voiced_run < _KEY_SEARCH_CHUNKS and _is_key_tone(amplitudes, power)

    def _learn_noise(self) -> None:
        self._until_update = _UPDATE_CHUNKS
        noise = sorted(self._powers)[len(self._powers) * _NOISE_PERCENTILE // 100]
        self._threshold = max(_LEAST_POWER, noise * _POWER_OVER_NOISE)


def _is_key_tone(amplitudes: NDArray[np.float32], power: float) -> bool:
    """Say whether nearly all of a chunk is one low and one high tone of the telephone's keys."""
    waves: list[float] = (amplitudes @ _KEY_TONES).tolist()
    # A tone of amplitude A has the power A^2 / 2 per sample, and half of A per sample along its wave.
    scale = 2 / (len(amplitudes) * power)
    shares = [
        scale * (sine * sine + cosine * cosine) for sine, cosine in zip(waves[:8], waves[8:], strict=True)
    ]
    low, high = max(shares[:4]), max(shares[4:])
    return low + high > _KEY_SHARE and min(low, high) > _QUIETER_KEY_SHARE
