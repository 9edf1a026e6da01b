"""What is on a line beside words: coughs, laughs and knocks, noise, and the babble of other people."""

from collections.abc import Sequence
from enum import StrEnum
from random import Random

import numpy as np

from benchmarks.prompts import SAMPLES_PER_MS, Sound, Speech, level
from streamer.media.mulaw import RATE_HZ, encode

SPEECH_LEVEL = 4000.0
"""How loud the recordings are on average, and what is made here with them."""

_LINE_NOISE_LEVEL = 18.0  # -65 dBFS: no telephone line is digitally silent
_BABBLING = 4


class Condition(StrEnum):
    """What lies between the caller and us."""

    CLEAN = "clean"
    NOISE_20 = "noise 20 dB"
    NOISE_10 = "noise 10 dB"
    BABBLE_20 = "babble 20 dB"
    QUIET = "quiet caller"


def on_the_line(
    sound: Sound, speech_level: float, condition: Condition, others: Sequence[Speech], random: Random
) -> bytes:
    """Return the sound as it comes over the telephone, in mu-law."""
    heard = sound * 10 ** (-15 / 20) if condition is Condition.QUIET else sound
    noise = _noise(len(sound), random) * _LINE_NOISE_LEVEL
    if condition is Condition.NOISE_20:
        noise = _noise(len(sound), random) * (speech_level / 10)
    elif condition is Condition.NOISE_10:
        noise = _noise(len(sound), random) * (speech_level / 10**0.5)
    elif condition is Condition.BABBLE_20:
        noise += _babble(len(sound), others, random) * (speech_level / 10)
    return encode(np.clip(heard + noise, -32768, 32767).astype("<i2").tobytes())


def _babble(length: int, others: Sequence[Speech], random: Random) -> Sound:
    """Let several people speak without a pause; the sum has an effective value of 1."""
    voices = np.zeros(length, np.float32)
    for _ in range(_BABBLING):
        parts: list[Sound] = []
        while sum(map(len, parts)) < length:
            other = random.choice(others)
            parts.append(other.sound / level(other.sound))
        voices += np.concatenate(parts)[:length]
    return np.asarray(voices / np.sqrt(np.mean(np.square(voices))), np.float32)


def cough(random: Random) -> Sound:
    """Make one to three bursts of breath, sharp at first."""
    bursts = [
        sound
        for _ in range(random.randint(1, 3))
        for sound in (_burst(random.uniform(150, 300), random), silence(random.randint(120, 300)))
    ]
    return _loud(np.concatenate(bursts[:-1]), random)


def _burst(length_ms: float, random: Random) -> Sound:
    breath = _band(_noise(int(length_ms * SAMPLES_PER_MS), random), 400, 3000)
    return np.asarray(breath * _decay(len(breath), length_ms / 3), np.float32)


def laugh(vowel: Sound, random: Random) -> Sound:
    """Say "ha" three to six times, lower and softer each time; `vowel` is a piece of a voice."""
    count, every_ms = random.randint(3, 6), random.randint(190, 230)
    made = [_ha(vowel, 1.15 - 0.3 * index / count, every_ms, random) for index in range(count)]
    return _loud(np.concatenate(made), random)


def _ha(vowel: Sound, pitch: float, every_ms: int, random: Random) -> Sound:
    breath = _band(_noise(60 * SAMPLES_PER_MS, random), 500, 3500) * 0.1
    length = min(110 * SAMPLES_PER_MS, int(len(vowel) / pitch) - 1)
    tone = np.interp(np.arange(length) * pitch, np.arange(len(vowel)), vowel / np.abs(vowel).max())
    sound = np.concatenate((breath, tone * np.hanning(length) * pitch))
    return np.pad(sound, (0, max(0, every_ms * SAMPLES_PER_MS - len(sound)))).astype(np.float32)


def knock(random: Random) -> Sound:
    """Knock on a table, or let the telephone touch something, one to four times."""
    count, every_ms = random.randint(1, 4), random.randint(150, 250)
    return _loud(np.concatenate([_knock(every_ms, random) for _ in range(count)]), random)


def _knock(every_ms: int, random: Random) -> Sound:
    times = np.arange(every_ms * SAMPLES_PER_MS) / RATE_HZ
    tones = sum(np.sin(2 * np.pi * random.uniform(120, 500) * times) for _ in range(3))
    click = _noise(len(times), random) * _decay(len(times), 3)
    return np.asarray(tones * _decay(len(times), random.uniform(15, 40)) + click, np.float32)


def silence(length_ms: int) -> Sound:
    """Make nothing, for so long."""
    return np.zeros(length_ms * SAMPLES_PER_MS, np.float32)


def _loud(sound: Sound, random: Random) -> Sound:
    return np.asarray(sound * (SPEECH_LEVEL * random.uniform(0.5, 1.5) / level(sound)), np.float32)


def _decay(length: int, constant_ms: float) -> Sound:
    return np.exp(-np.arange(length) / (constant_ms * SAMPLES_PER_MS)).astype(np.float32)


def _band(sound: Sound, low_hz: float, high_hz: float) -> Sound:
    spectrum = np.fft.rfft(sound)
    frequencies = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
    spectrum[(frequencies < low_hz) | (frequencies > high_hz)] = 0
    return np.fft.irfft(spectrum, len(sound)).astype(np.float32)


def _noise(length: int, random: Random) -> Sound:
    return np.random.default_rng(random.getrandbits(32)).standard_normal(length, dtype=np.float32)
