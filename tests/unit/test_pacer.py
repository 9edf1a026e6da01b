"""The pacer, on a clock that the test moves: how far ahead it stays, in what order, and what barge-in drops."""

import pytest

from streamer.conductor.clips import EncodedClip
from streamer.conductor.playout import Pacer, Playout
from tests.support.pacing import SECOND, Line, Log, ManualTimer

SILENCE = b"\xff"


@pytest.fixture
def timer() -> ManualTimer:
    return ManualTimer()


@pytest.fixture
def pacer(timer: ManualTimer) -> Pacer:
    return Pacer(timer)


@pytest.fixture
def line(timer: ManualTimer, pacer: Pacer) -> Line:
    return Line(timer, pacer)


def test_the_first_audio_of_a_silent_phone_goes_out_at_once(line: Line) -> None:
    line.playout.append("s1", SECOND)
    assert line.kinds == "m" * 8
    assert line.log.entries == [("started", "s1"), ("audio", 160, 0)]
    assert line.playout.lead_ms == 160


def test_every_message_holds_20_ms_and_all_audio_arrives_in_order(timer: ManualTimer, line: Line) -> None:
    for start in range(0, 8000, 333):
        line.playout.append("s1", SECOND[start : start + 333])
    line.playout.finish("s1")
    timer.pass_ms(2000)
    assert line.audio == SECOND
    assert line.log.audio == SECOND
    assert line.kinds == "m" * 50 + "M"


def test_it_stays_100_to_180_ms_ahead_while_there_is_audio(timer: ManualTimer, line: Line) -> None:
    line.playout.append("s1", SECOND * 3)
    leads = []
    for _ in range(140):
        timer.pass_ms(20)
        leads.append(line.playout.lead_ms)
    assert min(leads) >= 100
    assert max(leads) <= 180


def test_a_loop_that_is_80_ms_late_is_not_heard(timer: ManualTimer, line: Line) -> None:
    line.playout.append("s1", SECOND * 2)
    line.playout.finish("s1")
    for _ in range(50):
        timer.pass_ms(60, late_ms=80)
    assert line.audio == SECOND * 2
    assert line.playout.underruns == 0


def test_a_stall_of_a_second_is_one_underrun_and_no_burst(timer: ManualTimer, line: Line) -> None:
    line.playout.append("s1", SECOND * 3)
    timer.pass_ms(1070, late_ms=1000)
    assert line.playout.underruns == 1
    assert len(line.socket.bursts[-1]) == 8
    timer.pass_ms(200)
    assert 100 <= line.playout.lead_ms <= 180


def test_after_a_longer_stall_somebody_is_asked_before_anything_is_sent(
    timer: ManualTimer, pacer: Pacer, line: Line
) -> None:
    line.playout.append("s1", SECOND)
    pacer.on_stall = line.playout.hold
    timer.pass_ms(600, late_ms=500)
    sent = len(line.messages)
    timer.pass_ms(2000, late_ms=1500)
    line.playout.append("s1", SECOND)
    line.playout.finish("s1")
    timer.pass_ms(1000)
    assert len(line.messages) == sent
    line.playout.go_on()
    timer.pass_ms(3000)
    assert line.audio == SECOND * 2
    assert line.kinds.endswith("M")


def test_audio_that_comes_in_before_the_late_tick_waits_for_the_answer_too(
    timer: ManualTimer, pacer: Pacer, line: Line
) -> None:
    line.playout.append("s1", SECOND)
    asked: list[str] = []

    def ask() -> None:
        asked.append("after a stall")
        line.playout.hold()

    pacer.on_stall = ask
    sent = len(line.messages)
    timer.pass_ms(2000, late_ms=5000)
    line.playout.append("s1", SECOND)
    assert len(line.messages) == sent
    timer.pass_ms(100)
    assert len(line.messages) == sent
    assert asked == ["after a stall"]


def test_after_a_stall_in_which_nothing_was_due_the_first_audio_waits_too(
    timer: ManualTimer, pacer: Pacer, line: Line
) -> None:
    pacer.on_stall = line.playout.hold
    for _ in range(12):
        # As whoever has calls does, however silent they are.
        timer.pass_ms(250)
        pacer.notice_stall()
    line.playout.append("s1", SECOND)
    line.playout.clear()
    sent = len(line.messages)
    timer.pass_ms(1500)
    line.playout.append("s2", SECOND)
    assert sent
    assert len(line.messages) == sent
    line.playout.go_on()
    assert len(line.messages) > sent


def test_a_stall_in_the_middle_of_a_tick_sends_no_more_of_it(timer: ManualTimer, pacer: Pacer) -> None:
    class Frozen(Log):
        def on_audio_sent(self, audio: bytes, lead_ms: int) -> None:
            timer.pass_ms(2000, late_ms=5000)

    line = Line(timer, pacer, Frozen())
    pacer.on_stall = line.playout.hold
    line.playout.append("s1", SECOND)
    assert line.kinds == "m" * 8


def test_what_is_not_held_need_not_go_on(timer: ManualTimer, line: Line) -> None:
    line.playout.go_on()
    assert timer.is_idle
    assert line.messages == []


def test_the_end_of_a_segment_is_filled_with_silence_and_marked(timer: ManualTimer, line: Line) -> None:
    line.playout.append("s1", b"\x01" * 200)
    line.playout.finish("s1")
    timer.pass_ms(100)
    assert line.audio == b"\x01" * 200 + SILENCE * 120
    assert line.messages[-1]["mark"] == {"name": "s1"}


def test_less_than_a_chunk_waits_for_more(timer: ManualTimer, line: Line) -> None:
    line.playout.append("s1", b"\x01" * 100)
    timer.pass_ms(500)
    assert line.messages == []
    line.playout.append("s1", b"\x01" * 100)
    assert line.audio == b"\x01" * 160


def test_a_segment_without_audio_still_ends_with_its_mark(line: Line) -> None:
    line.playout.finish("s1")
    assert line.kinds == "M"
    assert line.log.entries == [("started", "s1")]


def test_segments_play_in_the_order_of_their_first_audio(timer: ManualTimer, line: Line) -> None:
    line.playout.append("s1", b"\x01" * 160)
    line.playout.append("s2", b"\x02" * 160)
    line.playout.finish("s2")
    assert line.audio == b"\x01" * 160
    line.playout.append("s1", b"\x03" * 160)
    line.playout.finish("s1")
    timer.pass_ms(100)
    assert line.audio == b"\x01" * 160 + b"\x03" * 160 + b"\x02" * 160
    assert line.kinds == "mmMmM"


def test_the_lead_says_when_audio_will_be_heard(timer: ManualTimer, line: Line) -> None:
    line.playout.append("s1", SECOND)
    timer.pass_ms(60)
    assert line.log.entries[-1] == ("audio", 60, 100)


def test_a_slow_synthesiser_makes_gaps_that_are_counted(timer: ManualTimer, line: Line) -> None:
    for _ in range(4):
        line.playout.append("s1", b"\x01" * 800)
        timer.pass_ms(150)
    assert line.playout.underruns == 3
    assert [entry[2] for entry in line.log.entries if entry[0] == "audio"] == [0, 0, 0, 0]


def test_audio_that_comes_in_time_leaves_no_gap(timer: ManualTimer, line: Line) -> None:
    for _ in range(20):
        line.playout.append("s1", b"\x01" * 800)
        timer.pass_ms(90)
    assert line.playout.underruns == 0


def test_a_pause_between_segments_is_no_underrun(timer: ManualTimer, line: Line) -> None:
    for name in ("s1", "s2"):
        line.playout.append(name, SECOND)
        line.playout.finish(name)
        timer.pass_ms(5000)
    assert line.playout.underruns == 0


def test_clear_drops_the_queue_and_tells_the_phone(timer: ManualTimer, line: Line) -> None:
    line.playout.append("s1", SECOND)
    line.playout.finish("s1")
    line.playout.append("s2", SECOND)
    line.playout.clear()
    timer.pass_ms(3000)
    assert line.kinds == "m" * 8 + "c"
    assert timer.is_idle


def test_what_a_synthesiser_adds_after_clear_is_not_played(timer: ManualTimer, line: Line) -> None:
    line.playout.append("s1", SECOND)
    line.playout.clear()
    line.playout.append("s1", SECOND)
    line.playout.finish("s1")
    timer.pass_ms(3000)
    assert line.kinds == "m" * 8 + "c"


def test_after_clear_the_next_segment_starts_at_once(line: Line) -> None:
    line.playout.append("s1", SECOND)
    line.playout.clear()
    line.playout.append("s2", SECOND)
    assert line.kinds == "m" * 8 + "c" + "m" * 8
    assert line.log.entries[-1] == ("audio", 160, 0)
    assert line.playout.underruns == 0


def test_a_clip_is_encoded_once_for_all_calls(timer: ManualTimer, pacer: Pacer) -> None:
    clip = EncodedClip(SECOND + b"\x01")
    lines = [Line(timer, pacer) for _ in range(3)]
    for line in lines:
        line.playout.append_encoded("s1", clip)
        line.playout.finish("s1")
    first = clip.payloads
    timer.pass_ms(3000)
    assert clip.payloads is first
    assert {line.audio for line in lines} == {SECOND + b"\x01" + SILENCE * 159}
    assert clip.duration_ms == 1020


def test_a_clip_may_follow_and_precede_other_audio(timer: ManualTimer, line: Line) -> None:
    clip = EncodedClip(b"\x02" * 160)
    line.playout.append("s1", b"\x01" * 80)
    line.playout.append_encoded("s1", clip)
    line.playout.append("s1", b"\x03" * 80)
    line.playout.append_encoded("s2", clip)
    line.playout.append("s2", b"\x04" * 160)
    line.playout.finish("s1")
    line.playout.finish("s2")
    timer.pass_ms(200)
    assert line.audio == b"\x01" * 80 + b"\x02" * 160 + b"\x03" * 80 + b"\x02" * 160 + b"\x04" * 160


def test_the_timer_runs_only_while_some_call_has_audio(timer: ManualTimer, pacer: Pacer) -> None:
    lines = [Line(timer, pacer) for _ in range(2)]
    assert timer.is_idle
    for line in lines:
        line.playout.append("s1", SECOND)
        line.playout.finish("s1")
    assert not timer.is_idle
    timer.pass_ms(1200)
    assert timer.is_idle
    assert all(line.audio == SECOND for line in lines)


def test_a_closed_playout_sends_nothing_more(timer: ManualTimer, line: Line) -> None:
    line.playout.append("s1", SECOND)
    line.playout.close()
    line.playout.append("s2", SECOND)
    timer.pass_ms(500)
    assert line.kinds == "m" * 8
    assert timer.is_idle


class Faulty(Log):
    """A listener that fails when the pacer comes by."""

    def on_audio_sent(self, audio: bytes, lead_ms: int) -> None:
        if lead_ms:
            raise ValueError("broken")


def test_a_listener_that_fails_ends_its_own_call_alone(timer: ManualTimer, pacer: Pacer) -> None:
    broken, fine = Line(timer, pacer, Faulty()), Line(timer, pacer)
    for line in (broken, fine):
        line.playout.append("s1", SECOND)
        line.playout.finish("s1")
    timer.pass_ms(2000)
    assert isinstance(broken.socket.failed_with, ValueError)
    assert fine.audio == SECOND
    assert timer.is_idle


class Chatty(Log):
    """A listener that queues the next segment as soon as all of one has been sent."""

    playout: Playout

    def on_audio_sent(self, audio: bytes, lead_ms: int) -> None:
        super().on_audio_sent(audio, lead_ms)
        if self.audio == SECOND:
            self.playout.append("s2", SECOND)
            self.playout.finish("s2")


def test_a_listener_may_add_audio_while_it_is_called(timer: ManualTimer, pacer: Pacer) -> None:
    log = Chatty()
    line = Line(timer, pacer, log)
    log.playout = line.playout
    line.playout.append("s1", SECOND)
    line.playout.finish("s1")
    timer.pass_ms(4000)
    assert line.audio == SECOND * 2
    assert line.playout.underruns == 0
    assert [entry for entry in log.entries if entry[0] != "audio"] == [("started", "s1"), ("started", "s2")]
