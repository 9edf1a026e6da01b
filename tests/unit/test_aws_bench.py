"""The bench of calls through Transcribe and Polly: its words, its accounts and its verdict."""

import itertools
from dataclasses import replace

import pytest

from benchmarks.aws_calls import ELSEWHERE_MS, MOST_ADDED_P95_MS, MOST_CPU_MS, SpeechFound
from benchmarks.aws_services import words_of
from benchmarks.cpu_parts import Part, part_of_files
from benchmarks.figures import Samples, make_row
from benchmarks.service_calls import verdict
from benchmarks.speech import Clip, load_clips
from streamer.media.mulaw import CHUNK_MS
from streamer.speech.transcribe import Transport

UVLOOP = "/lib/uvloop/__init__.py"


def found(
    *, cpu_ms: float = 4.0, added_ms: float = 100.0, late_ms: float = 1.0, calls: int = 100
) -> SpeechFound:
    samples = Samples(replies=[ELSEWHERE_MS + added_ms], generator_lateness=[late_ms], turns=1)
    row = make_row(calls, samples, cpu_ms_per_call_second=cpu_ms, rss_mb_per_call=None, other_load_cpus=None)
    parts = dict.fromkeys(map(str, Part), cpu_ms / len(Part))
    return SpeechFound(transport=Transport.WEBSOCKET, row=row, parts=parts, services_percent=10)


@pytest.mark.parametrize(
    ("run", "status"),
    [
        (found(), 0),
        (found(cpu_ms=MOST_CPU_MS + 1), 1),
        (found(added_ms=MOST_ADDED_P95_MS + 1), 1),
        (replace(found(), row=replace(found().row, lost_calls=1)), 1),
        (replace(found(), row=replace(found().row, turns=0)), 1),
        (found(late_ms=50, cpu_ms=MOST_CPU_MS + 1), 2),
        (found(calls=50, cpu_ms=MOST_CPU_MS + 1), 0),
    ],
)
def test_limits_are_those_of_a_hundred_calls_and_late_callers_measure_nothing(
    run: SpeechFound, status: int
) -> None:
    assert verdict([found(), run]) == status


@pytest.mark.parametrize("clip", load_clips(), ids=lambda clip: clip.name)
def test_the_service_knows_words_for_all_that_a_caller_says(clip: Clip) -> None:
    words = words_of(clip)
    assert words[0].start_ms == 0
    assert words[-1].end_ms == len(clip.chunks) * CHUNK_MS
    assert all(before.end_ms == after.start_ms for before, after in itertools.pairwise(words))


@pytest.mark.parametrize(
    ("files", "part"),
    [
        (("/streamer/media/mulaw.py", "/streamer/speech/transcribe/recogniser.py", UVLOOP), Part.RECOGNISER),
        (("/lib/websockets/frames.py", "/streamer/sockets/media_socket.py", UVLOOP), Part.SOCKET),
        (("/lib/websockets/frames.py", UVLOOP), Part.RECOGNISER),
        (("/streamer/speech/voice.py", "/streamer/sockets/media_socket.py", UVLOOP), Part.VOICE),
        (("/streamer/call/machine.py", "/streamer/sockets/media_socket.py"), Part.CALL),
        (("/lib/json.py", UVLOOP), Part.REST),
    ],
)
def test_cpu_time_belongs_to_the_innermost_code_of_ours(files: tuple[str, ...], part: Part) -> None:
    assert part_of_files(files) is part
