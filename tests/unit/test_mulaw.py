"""Mu-law: what the telephone's eight bits stand for."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from streamer.call.course import turns
from streamer.media import mulaw

ALL_CODES = bytes(range(256))
NEGATIVE_ZERO = 0x7F


def pcm(*samples: int) -> bytes:
    return struct.pack(f"<{len(samples)}h", *samples)


def test_the_silence_code_decodes_to_zero_and_back() -> None:
    assert mulaw.decode(bytes([mulaw.SILENCE])) == pcm(0)
    assert mulaw.encode(pcm(0)) == bytes([mulaw.SILENCE])


def test_the_loudest_codes_are_those_of_g711() -> None:
    assert mulaw.decode(b"\x80\x00") == pcm(32124, -32124)
    assert mulaw.encode(pcm(32767, -32768)) == b"\x80\x00"


def test_every_code_survives_decoding_and_encoding() -> None:
    back = mulaw.encode(mulaw.decode(ALL_CODES))
    expected = ALL_CODES.replace(bytes([NEGATIVE_ZERO]), bytes([mulaw.SILENCE]))
    assert back == expected


def test_decoding_agrees_with_the_table() -> None:
    assert mulaw.decode(ALL_CODES) == pcm(*mulaw.LINEAR)


def test_nothing_becomes_nothing() -> None:
    assert mulaw.decode(b"") == b""
    assert mulaw.encode(b"") == b""


@given(st.integers(min_value=-32124, max_value=32124))
def test_the_error_is_at_most_a_step_of_the_segment(sample: int) -> None:
    (decoded,) = struct.unpack("<h", mulaw.decode(mulaw.encode(pcm(sample))))
    assert abs(decoded - sample) <= max(4, (abs(sample) + 132) // 32)


@given(st.integers(min_value=-32767, max_value=32767))
def test_louder_samples_never_decode_to_quieter_ones(sample: int) -> None:
    lower, higher = struct.unpack("<2h", mulaw.decode(mulaw.encode(pcm(sample - 1, sample))))
    assert lower <= higher


def test_the_call_goes_on_by_one_step_for_each_chunk() -> None:
    assert turns.CHUNK_MS == mulaw.CHUNK_MS
