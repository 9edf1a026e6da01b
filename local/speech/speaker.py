"""Speech of even loudness in the telephone's form, made by espeak-ng as it is asked for."""

from collections.abc import Callable

import numpy as np

from local.speech.espeak import DEFAULT_RATE_WPM, Espeak
from local.speech.resample import Downsampler
from streamer.media import mulaw
from streamer.speech.resample import Samples

_CODES = np.frombuffer(mulaw.CODES, np.uint8)
_LOUDNESS = 2600.0  # RMS of what is not pause, -22 dBFS
_CALIBRATION = "Good morning, nine blue boats went over the sea to meet us."
_LATER_PIECES_BYTES = 4000


class Speaker:
    """Says texts; one thread at a time."""

    def __init__(self) -> None:
        self._espeak = Espeak()
        self._gains: dict[str, float] = {}
        self._gain("en-us")  # the first words cost a tenth of a second of loading; have it behind us

    def say(self, text: str, *, voice: str, on_audio: Callable[[bytes], bool]) -> None:
        """Synthesise the text, handing over mu-law in order; `on_audio` says whether to go on.

        The first piece is 40 ms, so that playback can begin at once. Raises InvalidInputError for an unknown voice.
        """
        gain, downsampler, held = self._gain(voice), Downsampler(), bytearray()
        wanted = 0
        goes_on = True

        def take(samples: bytes) -> bool:
            nonlocal wanted, goes_on
            held.extend(_to_mulaw(downsampler.feed(_to_samples(samples)) * gain))
            if len(held) > wanted:
                wanted, goes_on = _LATER_PIECES_BYTES, on_audio(bytes(held))
                held.clear()
            return goes_on

        self._espeak.speak(text, voice=voice, rate_wpm=DEFAULT_RATE_WPM, on_samples=take)
        held.extend(_to_mulaw(downsampler.finish() * gain))
        if goes_on and held:
            on_audio(bytes(held))

    def _gain(self, voice: str) -> float:
        if voice not in self._gains:
            self._gains[voice] = _LOUDNESS / self._loudness(voice)
        return self._gains[voice]

    def _loudness(self, voice: str) -> float:
        """Return the RMS of a sentence's samples that are not pause."""
        pcm = bytearray()

        def take(samples: bytes) -> bool:
            pcm.extend(samples)
            return True

        self._espeak.speak(_CALIBRATION, voice=voice, rate_wpm=DEFAULT_RATE_WPM, on_samples=take)
        speech = Downsampler().feed(_to_samples(bytes(pcm)))
        loud = speech[np.abs(speech) > 0.02 * np.abs(speech).max()]
        return float(np.sqrt(np.mean(loud**2)))


def _to_samples(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, np.int16).astype(np.float32)


def _to_mulaw(samples: Samples) -> bytes:
    return _CODES[np.clip(samples, -32768, 32767).astype(np.int16).view(np.uint16)].tobytes()
