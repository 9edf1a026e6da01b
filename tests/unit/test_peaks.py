"""Peaks of a recording, against G.711's own table."""

import json
import random
from typing import Any

import pytest

from offhook.runs.ending.peaks import peaks_document
from streamer.media.mulaw import CODES, LINEAR, SILENCE

LOUDEST = max(LINEAR)
TENTH = 800


def peaks(caller: bytes, agent: bytes) -> dict[str, Any]:
    stereo = bytearray(2 * len(caller))
    stereo[0::2], stereo[1::2] = caller, agent
    document: dict[str, Any] = json.loads(peaks_document(memoryview(bytes(stereo))))
    return document


def quiet_but(code: int, at: int, length: int) -> bytes:
    audio = bytearray([SILENCE]) * length
    audio[at] = code
    return bytes(audio)


@pytest.mark.parametrize("at", [0, 799, 800, 1599])
def test_a_single_loud_sample_is_seen_in_its_tenth_of_a_second_and_on_its_track(at: int) -> None:
    loud, silent = quiet_but(0x80, at, 2 * TENTH), bytes([SILENCE]) * 2 * TENTH
    seen = [100 * (at // TENTH == tenth) for tenth in range(2)]
    assert peaks(loud, silent)["tracks"] == {"caller": seen, "agent": [0, 0]}
    assert peaks(silent, loud)["tracks"] == {"caller": [0, 0], "agent": seen}


def test_every_code_is_as_loud_as_it_sounds_whatever_its_sign() -> None:
    for code, sample in enumerate(LINEAR):
        audio = bytes([code]) * TENTH
        assert peaks(audio, audio)["tracks"]["caller"] == [round(100 * abs(sample) / LOUDEST)]


def test_half_of_the_loudest_is_half() -> None:
    half = bytes([CODES[LOUDEST // 2]])
    assert peaks(half, half)["tracks"] == {"caller": [50], "agent": [50]}


@pytest.mark.parametrize(("samples", "tenths"), [(1, 1), (800, 1), (801, 2), (8000, 10), (8001, 11)])
def test_there_are_ten_a_second_and_one_more_for_what_is_left(samples: int, tenths: int) -> None:
    found = peaks(bytes(samples), bytes(samples))
    assert (found["version"], found["peaks_per_second"]) == (1, 10)
    assert found["duration_seconds"] == samples / 8000
    assert [len(track) for track in found["tracks"].values()] == [tenths, tenths]


def test_the_loudest_is_found_wherever_it_is_among_what_is_as_loud_as_speech() -> None:
    chance = random.Random(7)
    levels = [50 * tenth for tenth in range(50) for _ in range(TENTH)]
    noise = bytes(CODES[round(chance.gauss(0, level)) % 65_536] for level in levels)
    loudest = [
        max(abs(LINEAR[code]) for code in noise[at : at + TENTH]) for at in range(0, len(noise), TENTH)
    ]
    assert len(set(loudest)) > 25
    assert peaks(noise, noise[::-1])["tracks"] == {
        "caller": [round(100 * each / LOUDEST) for each in loudest],
        "agent": [round(100 * each / LOUDEST) for each in reversed(loudest)],
    }
