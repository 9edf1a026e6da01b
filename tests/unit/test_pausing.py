"""The agent falls silent and goes on: from the exact chunk that the phone had played, with marks of their own."""

import pytest

from streamer.conductor.playout import Pacer
from tests.support.pacing import SECOND, Line, ManualTimer

CHUNK = 160


@pytest.fixture
def timer() -> ManualTimer:
    return ManualTimer()


@pytest.fixture
def line(timer: ManualTimer) -> Line:
    return Line(timer, Pacer(timer))


def marks(line: Line) -> list[str]:
    return [str(message["mark"]["name"]) for message in line.messages if message["event"] == "mark"]  # type: ignore[index]


@pytest.mark.parametrize("heard_ms", [0, 20, 300, 310, 940, 980])
def test_it_goes_on_from_the_chunk_that_the_phone_had_not_played(
    line: Line, timer: ManualTimer, heard_ms: int
) -> None:
    line.playout.append("s1", SECOND)
    line.playout.finish("s1")
    timer.pass_ms(heard_ms)
    line.playout.pause()
    assert line.kinds.endswith("c")
    sent = len(line.audio)
    timer.pass_ms(700)
    assert len(line.audio) == sent
    line.playout.resume()
    timer.pass_ms(1500)
    assert line.audio[sent:] == SECOND[heard_ms // 20 * CHUNK :]
    assert line.kinds[-1] == "M"
    assert line.playout.underruns == 0
    assert timer.is_idle


def test_what_was_sent_of_two_segments_is_taken_back_from_both(line: Line, timer: ManualTimer) -> None:
    for name in ("s1", "s2"):
        line.playout.append(name, SECOND[: 10 * CHUNK])
        line.playout.finish(name)
    timer.pass_ms(160)
    line.playout.pause()
    sent = len(line.audio)
    line.playout.resume()
    timer.pass_ms(1000)
    assert line.audio[sent:] == SECOND[8 * CHUNK : 10 * CHUNK] + SECOND[: 10 * CHUNK]
    assert marks(line)[-2:] == ["s1~1", "s2~2"]


def test_a_mark_that_a_clear_gave_back_means_nothing(line: Line, timer: ManualTimer) -> None:
    line.playout.append("s1", SECOND[: 20 * CHUNK])
    line.playout.finish("s1")
    timer.pass_ms(380)
    assert marks(line) == ["s1"]
    line.playout.pause()
    assert line.playout.segment_of("s1") is None
    line.playout.resume()
    assert marks(line) == ["s1", "s1~1"]
    assert line.playout.segment_of("s1~1") == "s1"
    assert line.playout.segment_of("s0") == "s0"


def test_a_pause_before_anything_sounds_holds_it_back(line: Line, timer: ManualTimer) -> None:
    line.playout.pause()
    line.playout.append("s1", SECOND)
    timer.pass_ms(500)
    assert line.audio == b""
    line.playout.resume()
    assert line.log.entries[0] == ("started", "s1")


def test_what_is_cut_off_in_a_pause_is_gone_and_the_next_words_sound(line: Line, timer: ManualTimer) -> None:
    line.playout.append("s1", SECOND)
    timer.pass_ms(300)
    line.playout.pause()
    line.playout.clear()
    sent = len(line.audio)
    line.playout.append("s2", SECOND[:CHUNK])
    line.playout.finish("s2")
    assert line.audio[sent:] == SECOND[:CHUNK]
    assert marks(line) == ["s2"]


@pytest.mark.parametrize("is_paused_too", [False, True])
def test_while_nobody_is_on_the_line_nothing_is_sent_and_nothing_is_lost(
    line: Line, timer: ManualTimer, is_paused_too: bool
) -> None:
    line.playout.append("s1", SECOND)
    line.playout.finish("s1")
    timer.pass_ms(300)
    line.playout.rest()
    sent = len(line.audio)
    if is_paused_too:
        line.playout.pause()
        line.playout.resume()
    line.playout.append("s2", SECOND[:CHUNK])
    line.playout.finish("s2")
    timer.pass_ms(5000)
    assert (len(line.audio), timer.is_idle) == (sent, True)
    line.playout.wake()
    timer.pass_ms(2000)
    assert line.audio[sent:] == SECOND[15 * CHUNK :] + SECOND[:CHUNK]
    assert marks(line)[0].partition("~")[0] == "s1"


def test_what_was_paused_before_the_rest_stays_so_after_it(line: Line, timer: ManualTimer) -> None:
    line.playout.append("s1", SECOND)
    timer.pass_ms(300)
    line.playout.pause()
    line.playout.rest()
    line.playout.wake()
    sent = len(line.audio)
    timer.pass_ms(300)
    assert len(line.audio) == sent
    line.playout.resume()
    timer.pass_ms(300)
    assert line.audio[sent:].startswith(SECOND[15 * CHUNK : 20 * CHUNK])
