"""A machine's beep is told from voices, music and keys."""

import math
from array import array

import pytest

from benchmarks.speech import load_clips
from streamer.media.mulaw import CHUNK_BYTES, RATE_HZ, SILENT_CHUNK, encode
from streamer.speech.beep import BeepDetector


def tone(duration_ms: int, *frequencies_hz: float, amplitude: float = 6000) -> bytes:
    samples = (
        sum(math.sin(2 * math.pi * f * n / RATE_HZ) for f in frequencies_hz) * amplitude / len(frequencies_hz)
        for n in range(duration_ms * RATE_HZ // 1000)
    )
    return encode(array("h", map(int, samples)).tobytes())


def beeps(audio: bytes) -> int:
    detector = BeepDetector()
    return sum(
        detector.hear(audio[start : start + CHUNK_BYTES])
        for start in range(0, len(audio) - CHUNK_BYTES + 1, CHUNK_BYTES)
    )


@pytest.mark.parametrize("frequency_hz", [440, 850, 1000, 1400, 2000])
@pytest.mark.parametrize("duration_ms", [200, 500, 1000])
def test_a_beep_is_heard_once_when_it_has_ended(frequency_hz: int, duration_ms: int) -> None:
    beep = tone(duration_ms, frequency_hz)
    assert beeps(SILENT_CHUNK * 10 + beep) == 0
    assert beeps(SILENT_CHUNK * 10 + beep + SILENT_CHUNK * 10) == 1


@pytest.mark.parametrize(
    "audio",
    [tone(300, 697, 1209), tone(80, 1000), tone(500, 1000, amplitude=60), tone(500, 100), SILENT_CHUNK * 50],
    ids=["a key", "a click", "a hum far away", "mains", "silence"],
)
def test_other_sounds_are_no_beep(audio: bytes) -> None:
    assert beeps(audio + SILENT_CHUNK * 10) == 0


def test_speech_is_no_beep() -> None:
    assert sum(beeps(b"".join(clip.chunks)) for clip in load_clips()) == 0


def test_a_beep_is_awaited_for_as_long_as_it_may_come() -> None:
    detector = BeepDetector(within_ms=200)
    assert [detector.hear(SILENT_CHUNK) or detector.is_over for _ in range(10)] == [False] * 9 + [True]
    patient = BeepDetector()
    assert not any(patient.hear(SILENT_CHUNK) or patient.is_over for _ in range(500))
