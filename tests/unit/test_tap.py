"""Listening in: what both say, as it is heard, while the recording goes on as it was."""

from streamer.conductor.recorder import Recorder
from streamer.conductor.tap import LISTENED_MS, Tap

BYTES_PER_MS = 8
QUIET = 0xFF
PIECE_BYTES = LISTENED_MS * BYTES_PER_MS


def audio(ms: int, value: int) -> bytes:
    return bytes((value,)) * (ms * BYTES_PER_MS)


def hear(tap: Tap, ms: int, value: int = 1) -> None:
    for _ in range(ms // 20):
        tap.hear(audio(20, value))


def test_a_tenth_of_a_second_comes_at_a_time_with_the_caller_left_and_the_agent_right() -> None:
    pieces: list[bytes] = []
    tap = Tap(None, pieces.append)
    tap.say(audio(160, 2), lead_ms=0)
    hear(tap, 80)
    assert pieces == []
    hear(tap, 240)
    assert [(piece[0::2], piece[1::2]) for piece in pieces] == [
        (audio(100, 1), audio(100, 2)),
        (audio(100, 1), audio(60, 2) + audio(40, QUIET)),
        (audio(100, 1), audio(100, QUIET)),
    ]
    assert {len(piece) for piece in pieces} == {2 * PIECE_BYTES}


def test_what_the_caller_will_not_hear_is_not_listened_to() -> None:
    pieces: list[bytes] = []
    tap = Tap(None, pieces.append)
    tap.say(audio(160, 2), lead_ms=0)
    hear(tap, 60)
    tap.cut()
    hear(tap, 40)
    assert pieces[0][1::2] == audio(60, 2) + audio(40, QUIET)


def test_the_recording_goes_on_while_somebody_listens_and_after() -> None:
    alone, tapped = Recorder(), Recorder()
    tap = Tap(tapped, lambda _: None)
    for recorder in (alone, tapped):
        recorder.hear(audio(20, 3))
    for recording in (alone, tap):
        recording.say(audio(160, 2), lead_ms=0)
        for _ in range(5):
            recording.hear(audio(20, 1))
        recording.cut()
    for recorder in (alone, tapped):
        recorder.hear(audio(20, 4))
    assert not tap.is_due
    assert tap.take() == alone.take() != b""


def test_without_a_recording_there_is_nothing_to_take() -> None:
    tap = Tap(None, lambda _: None)
    hear(tap, 12_000)
    assert not tap.is_due
    assert tap.take() == b""
