"""Voice detection on sounds made by formula: a voice with pitch and formant, noise, tones, silence."""

import numpy as np
import pytest
from numpy.typing import NDArray

from streamer.media import mulaw
from streamer.media.mulaw import CHUNK_BYTES, CHUNK_MS, RATE_HZ
from streamer.speech.voice import WebRtcVoiceDetector

VOICE_RMS = 2600.0
KEYS = [(697, 1209), (770, 1336), (852, 1477), (941, 1633)]

Samples = NDArray[np.float64]


def silence(seconds: float) -> Samples:
    return np.zeros(int(RATE_HZ * seconds))


def voice(seconds: float) -> Samples:
    """Make a buzz at 130 Hz whose loudness falls off above 700 Hz and follows syllables, as a voice's does."""
    t = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    pitch = 130 + 8 * np.sin(2 * np.pi * 2 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE_HZ
    buzz = sum(np.sin(k * phase) / (1 + (130 * k / 700) ** 2) for k in range(1, 24))
    syllables = np.clip(np.sin(2 * np.pi * 4 * t + 0.6) + 0.5, 0.02, 1)
    return scaled(buzz * syllables)


def scaled(samples: Samples) -> Samples:
    loud: Samples = samples * (VOICE_RMS / np.sqrt(np.mean(samples**2)))
    return loud


def tones(seconds: float, *frequencies_hz: float) -> Samples:
    t = np.arange(int(RATE_HZ * seconds)) / RATE_HZ
    return scaled(np.sum([np.sin(2 * np.pi * hz * t) for hz in frequencies_hz], axis=0))


def with_noise(samples: Samples, decibels_below_voice: float) -> Samples:
    noise = np.random.default_rng(7).normal(0, VOICE_RMS / 10 ** (decibels_below_voice / 20), len(samples))
    return samples + noise


def judge(samples: Samples) -> list[bool]:
    audio = mulaw.encode(np.clip(samples, -32000, 32000).astype("<i2").tobytes())
    detector = WebRtcVoiceDetector()
    return [detector.is_voiced(audio[n : n + CHUNK_BYTES]) for n in range(0, len(audio), CHUNK_BYTES)]


def chunks(seconds: float) -> int:
    return int(seconds * 1000) // CHUNK_MS


@pytest.mark.parametrize("noise_db", [60, 20, 10])
def test_a_voice_is_found_within_100_ms_and_gone_within_40_ms_of_its_end(noise_db: float) -> None:
    judged = judge(with_noise(np.concatenate((silence(2), voice(1.1), silence(1))), noise_db))
    begin, end = chunks(2), chunks(3.1)
    assert not any(judged[:begin])
    assert any(judged[begin : begin + chunks(0.1)])
    assert not any(judged[end + chunks(0.04) :])


def test_digital_silence_holds_no_voice() -> None:
    assert not any(judge(silence(4)))


@pytest.mark.parametrize("noise_db", [10, 20])
def test_steady_noise_holds_no_voice_not_even_at_the_start_of_a_call(noise_db: float) -> None:
    assert not any(judge(with_noise(silence(4), noise_db)))


@pytest.mark.parametrize("key", KEYS)
def test_a_key_tone_is_no_voice_long_enough_to_count(key: tuple[float, float]) -> None:
    judged = judge(np.concatenate((silence(1), tones(0.2, *key), silence(0.5))))
    assert sum(judged) * CHUNK_MS <= 40


@pytest.mark.parametrize("hz", [300, 440, 1000])
def test_a_long_steady_tone_is_soon_taken_for_the_lines_own(hz: float) -> None:
    judged = judge(np.concatenate((silence(0.5), tones(6, hz))))
    assert not any(judged[chunks(3.8) :])


def test_the_first_300_ms_of_a_call_are_ignored() -> None:
    assert not any(judge(voice(2))[: chunks(0.3)])


def test_a_voice_after_a_key_tone_is_heard() -> None:
    judged = judge(np.concatenate((silence(1), tones(0.15, *KEYS[0]), silence(0.3), voice(0.6))))
    assert sum(judged[chunks(1.45) :]) * CHUNK_MS >= 200
