"""Voice detection: WebRTC's detector, and a level gate where it is too generous."""

from collections import deque

import numpy as np
import webrtcvad

from streamer.media.mulaw import decode

_RATE_HZ = 8000
# The most sceptical of WebRTC's four modes: the others take a car for a caller.
_MODE = 3
_LINEAR = np.frombuffer(decode(bytes(range(256))), dtype="<i2")
_AMPLITUDES = _LINEAR.astype(np.float32)
# The line's noise is the 20th percentile of the last two seconds; speech is at least twice as loud. Tried on 60
# utterances in white noise, a car and babble: none missed, two false starts.
_MEMORY_CHUNKS = 100
_NOISE_PERCENTILE = 20
_POWER_OVER_NOISE = 2.0**2
# Below -50 dBFS nobody speaks, however quiet the line. Power is the sum over a chunk of 160 samples.
_LEAST_POWER = 160 * (32768 * 10 ** (-50 / 20)) ** 2
_UPDATE_CHUNKS = 10


class WebRtcVoiceDetector:
    """Tells one caller's speech from silence and noise, 20 ms at a time."""

    def __init__(self) -> None:
        self._is_speech = webrtcvad.Vad(_MODE).is_speech
        self._powers: deque[float] = deque(maxlen=_MEMORY_CHUNKS)
        self._until_update = _UPDATE_CHUNKS
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
        return self._is_speech(_LINEAR.take(codes).tobytes(), _RATE_HZ) and power > self._threshold

    def _learn_noise(self) -> None:
        self._until_update = _UPDATE_CHUNKS
        noise = sorted(self._powers)[len(self._powers) * _NOISE_PERCENTILE // 100]
        self._threshold = max(_LEAST_POWER, noise * _POWER_OVER_NOISE)
