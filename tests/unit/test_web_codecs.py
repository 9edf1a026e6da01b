"""Audio of web calls in linear samples: what of it reaches the telephone's form, and comes back."""

import math
from array import array
from itertools import pairwise

import pytest

from offhook.errors import ProtocolError
from offhook.sessions.frames import AudioEncoding
from streamer.media import mulaw
from streamer.sessions.codecs import Codec, codec_in, codec_out

_PEAK = 8000


def tone(hz: int, rate_hz: int) -> list[int]:
    return [round(_PEAK * math.sin(2 * math.pi * hz * n / rate_hz)) for n in range(rate_hz)]


def level_db(samples: list[int]) -> float:
    settled = samples[len(samples) // 10 :]
    power = sum(sample * sample for sample in settled) / len(settled)
    return 10 * math.log10((power + 1e-3) / (_PEAK**2 / 2))


def convert(codec: Codec, audio: bytes, piece_bytes: int) -> bytes:
    pieces = [audio[at : at + piece_bytes] for at in range(0, len(audio), piece_bytes)]
    return b"".join(codec(piece) for piece in pieces)


@pytest.mark.parametrize("piece_bytes", [2, 640, 1234])
@pytest.mark.parametrize(
    ("hz", "least_db", "most_db"), [(300, -1, 1), (3400, -1, 1), (4600, -200, -35), (7000, -200, -35)]
)
def test_speech_passes_and_what_the_telephone_has_not_does_not_fold_into_it(
    piece_bytes: int, hz: int, least_db: float, most_db: float
) -> None:
    pcm = array("h", tone(hz, 16_000)).tobytes()
    heard = convert(codec_in(AudioEncoding.PCM), pcm, piece_bytes)
    assert len(heard) == 8000
    assert least_db <= level_db([mulaw.LINEAR[code] for code in heard]) <= most_db


@pytest.mark.parametrize("hz", [300, 3000])
def test_what_the_agent_says_sounds_alike_at_twice_the_rate(hz: int) -> None:
    said = mulaw.encode(array("h", tone(hz, 8000)).tobytes())
    pcm = array("h", convert(codec_out(AudioEncoding.PCM), said, 160))
    assert len(pcm) == 16_000
    wanted = tone(hz, 16_000)
    # 1.5 ms behind; what is left is the noise of eight bits.
    error = [got - want for got, want in zip(pcm[24:], wanted, strict=False)]
    assert level_db(error) < -30


def test_loud_samples_do_not_wrap_around() -> None:
    square = array("h", [32767] * 40 + [-32768] * 40) * 50
    heard = codec_in(AudioEncoding.PCM)(square.tobytes())
    signs = [mulaw.LINEAR[code] > 0 for code in heard[100:1900]]
    assert sum(a != b for a, b in pairwise(signs)) == pytest.approx(len(signs) / 20, abs=2)


@pytest.mark.parametrize(
    ("encoding", "audio"),
    [(AudioEncoding.MULAW, bytes(8001)), (AudioEncoding.PCM, bytes(32_002)), (AudioEncoding.PCM, bytes(641))],
)
def test_more_than_a_second_or_half_a_sample_is_refused(encoding: AudioEncoding, audio: bytes) -> None:
    with pytest.raises(ProtocolError):
        codec_in(encoding)(audio)


def test_the_telephones_form_stays_as_it_is() -> None:
    audio = bytes(range(256))
    assert codec_in(AudioEncoding.MULAW)(audio) == audio
    assert codec_out(AudioEncoding.MULAW)(audio) == audio
