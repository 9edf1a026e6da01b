"""The waterfall of a turn: each stage counts from the end of the one before it, between two chunks of audio too."""

import pytest

from offhook.json_types import JsonObject
from offhook.runs.log.events import MetricsEvent
from streamer.call import commands, events
from tests.support.calls import ScriptedCall

_PROMPTED: JsonObject = {
    "nodes": [
        {"id": "talk", "type": "startCall", "data": {"name": "Talk", "say": "Hello.", "prompt": "Be kind."}},
        {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Goodbye."}},
    ],
    "edges": [{"id": "e", "source": "talk", "target": "bye", "data": {"phrases": ["that is all"]}}],
}


class SlowCall(ScriptedCall):
    """After the greeting sentences sound when the test says so."""

    def _play(self, say: commands.Say) -> None:
        if say.text == "Hello.":
            super()._play(say)

    @property
    def waterfall(self) -> JsonObject:
        (metrics,) = self.records(MetricsEvent)
        return metrics


def asked() -> SlowCall:
    """Return a call whose caller has spoken and whose turn is over, 500 ms after their last sound."""
    call = SlowCall(_PROMPTED)
    call.wait_for_silence()
    call.speak("is it open today")
    return call


def reply_id(call: SlowCall) -> str:
    return next(c.segment_id for c in reversed(call.done) if isinstance(c, commands.Say))


def answered(segment_id: str, answered_ms: int) -> events.SegmentAnswered:
    return events.SegmentAnswered(segment_id=segment_id, answered_ms=answered_ms)


def test_every_stage_of_a_turn_is_measured() -> None:
    call = asked()
    call.wait(100)
    call.tell(events.ModelText(request=1, text="It is."), later_ms=7.25)
    call.wait(200)
    call.tell(answered(reply_id(call), 150), later_ms=3.0)
    call.tell(events.SegmentStarted(segment_id=reply_id(call)), later_ms=3.5)
    assert call.waterfall == {
        "turn": 1,
        "endpointing_ms": 500.0,
        "recognition_ms": 0.0,
        "model_ms": 107.2,
        "waiting_ms": 45.8,
        "synthesis_ms": 150.0,
        "playout_ms": 0.5,
        "voice_to_voice_ms": 803.5,
    }


def test_the_stages_add_up_to_what_the_caller_waited() -> None:
    call = asked()
    call.tell(events.ModelText(request=1, text="It is."), later_ms=12.0)
    call.wait(40)
    call.tell(answered(reply_id(call), 31), later_ms=1.1)
    call.wait(20)
    call.tell(events.SegmentStarted(segment_id=reply_id(call)), later_ms=9.9)
    measured = call.waterfall
    total_ms = measured.pop("voice_to_voice_ms")
    stages = [ms for name, ms in measured.items() if name != "turn" and isinstance(ms, int | float)]
    assert len(stages) == 6
    assert sum(stages) == pytest.approx(total_ms, abs=0.5)


def test_a_chunk_that_comes_early_takes_no_time_back() -> None:
    call = asked()
    call.tell(events.ModelText(request=1, text="It is."), later_ms=90.0)
    call.wait(20)
    call.tell(answered(reply_id(call), 1))
    call.tell(events.SegmentStarted(segment_id=reply_id(call)))
    assert call.waterfall["synthesis_ms"] == 0
    assert call.waterfall["voice_to_voice_ms"] == 590


def test_a_clip_is_there_at_once_and_asks_no_synthesiser() -> None:
    call = asked()
    call.tell(events.ModelText(request=1, text="It is."))
    call.tell(events.SegmentStarted(segment_id=reply_id(call)), later_ms=2.0)
    assert call.waterfall["synthesis_ms"] == 2
    assert not {"waiting_ms", "playout_ms"} & call.waterfall.keys()


def test_the_first_sentence_of_a_reply_is_measured_and_no_other() -> None:
    call = asked()
    call.tell(events.ModelText(request=1, text="It is."))
    first = reply_id(call)
    call.wait(100)
    call.tell(events.ModelText(request=1, text="Until six."))
    call.wait(100)
    call.tell(answered(first, 200))
    call.tell(events.SegmentStarted(segment_id=first))
    call.tell(answered(reply_id(call), 0))
    call.tell(events.SegmentStarted(segment_id=reply_id(call)))
    assert (call.waterfall["model_ms"], call.waterfall["synthesis_ms"]) == (0, 200)


def test_audio_of_what_was_cut_off_is_no_reply() -> None:
    call = asked()
    call.tell(events.ModelText(request=1, text="It is."))
    cut = reply_id(call)
    call.speak("wait until when exactly")
    call.tell(answered(cut, 0))
    call.wait(60)
    call.tell(events.ModelText(request=2, text="Until six."))
    call.tell(answered(reply_id(call), 0))
    call.tell(events.SegmentStarted(segment_id=reply_id(call)))
    assert call.waterfall["model_ms"] == 60
