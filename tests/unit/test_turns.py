"""Who has the floor: how long a caller is waited for, and what silences the agent."""

import copy

import pytest

from offhook.json_types import JsonObject
from offhook.runs.log.events import CorrectionEvent, InterruptEvent, MetricsEvent, NodeEvent, TranscriptEvent
from streamer.call import commands, events
from streamer.call.course.readiness import asks_for_more, is_backchannel
from streamer.call.floor import Floor
from tests.support.calls import APPOINTMENT, MS_PER_CHARACTER, ScriptedCall

TALKING_MS = len("Hello there. Does Monday ") * MS_PER_CHARACTER - 100


def listening() -> ScriptedCall:
    call = ScriptedCall()
    call.wait_for_silence()
    return call


def nodes(call: ScriptedCall) -> list[str]:
    return [str(node["to"]) for node in call.records(NodeEvent)]


def caller_lines(call: ScriptedCall) -> list[object]:
    return [turn["text"] for turn in call.records(TranscriptEvent) if turn["speaker"] == "caller"]


def utter(call: ScriptedCall, text: str) -> None:
    """Say something and be recognised 200 ms after it, and wait no longer."""
    call.sound(600)
    call.wait(200)
    call.recognise(text)


@pytest.mark.parametrize(
    ("text", "waits_ms"),
    [("no", 200), ("I don't know", 500), ("no I mean I could come on", 1600), ("um", 1600), ("", 500)],
)
def test_a_caller_is_waited_for_as_long_as_the_words_ask(text: str, waits_ms: int) -> None:
    call = listening()
    before = len(call.done)
    utter(call, text)
    call.wait(waits_ms - 220)
    assert not any(isinstance(command, commands.Say) for command in call.done[before:]) or waits_ms == 200
    call.wait(20)
    assert any(isinstance(command, commands.Say) for command in call.done[before:])


@pytest.mark.parametrize(
    ("silent_ms", "waits_ms"),
    [(200, 200), (100, 300), (20, 380), (-500, 400), (900, 200), (None, 200)],
)
def test_words_tell_better_than_the_detector_when_a_voice_ended(silent_ms: int | None, waits_ms: int) -> None:
    call = listening()
    call.sound(600)
    call.wait(200)
    before = len(call.done)
    call.tell(events.Recognised(text="no", silent_ms=silent_ms))
    call.wait(waits_ms - 220)
    assert not any(isinstance(command, commands.Say) for command in call.done[before:]) or waits_ms == 200
    call.wait(20)
    assert any(isinstance(command, commands.Say) for command in call.done[before:])


def test_who_goes_on_after_a_pause_is_answered_once_to_all_of_it() -> None:
    call = listening()
    utter(call, "on")
    call.wait(700)
    utter(call, "no another day")
    assert nodes(call) == ["greet", "which_day"]
    (turn,) = [said for said in call.records(TranscriptEvent) if said["speaker"] == "caller"]
    assert turn["text"] == "on no another day"
    assert int(str(turn["end_ms"])) - int(str(turn["start_ms"])) > 1500


def test_a_phrase_that_may_lead_elsewhere_is_not_taken_for_all() -> None:
    workflow: JsonObject = copy.deepcopy(APPOINTMENT)
    workflow["edges"][0]["data"]["phrases"].append("no trouble at all")  # type: ignore[index,union-attr,call-overload]
    call = ScriptedCall(workflow)
    call.wait_for_silence()
    utter(call, "no")
    assert nodes(call) == ["greet"]
    call.wait(300)
    assert nodes(call) == ["greet", "which_day"]


def test_the_beginning_of_what_the_step_waits_for_is_not_all() -> None:
    workflow: JsonObject = copy.deepcopy(APPOINTMENT)
    workflow["edges"][0]["data"]["phrases"].append("monday is fine")  # type: ignore[index,union-attr,call-overload]
    call = ScriptedCall(workflow)
    call.wait_for_silence()
    before = len(call.said)
    utter(call, "Monday")
    call.wait(1380)
    assert call.said[before:] == []
    call.wait(20)
    assert call.said[before:] != []


@pytest.mark.parametrize(("goes_on", "to"), [(True, []), (False, ["which_day"])])
def test_the_agent_does_not_begin_under_what_may_be_the_next_word(goes_on: bool, to: list[str]) -> None:
    call = listening()
    utter(call, "no I don't think so")
    call.wait(260)
    call.sound(40)
    assert nodes(call) == ["greet"]
    (call.sound if goes_on else call.wait)(60)
    assert nodes(call) == ["greet", *to]


def test_a_turn_begins_with_its_first_word_also_when_that_is_recognised_late() -> None:
    call = listening()
    begins_ms = call.machine.now_ms
    call.sound(600)
    call.wait(300)
    call.sound(600)
    call.wait(200)
    call.recognise("on")
    call.recognise("no another day")
    (turn,) = [said for said in call.records(TranscriptEvent) if said["speaker"] == "caller"]
    assert (turn["text"], turn["start_ms"]) == ("on no another day", begins_ms)


def test_a_reply_is_measured_from_the_last_voice_to_the_first_audio() -> None:
    call = listening()
    call.sound(600)
    call.wait(240)
    call.recognise("no")
    assert call.records(MetricsEvent) == [
        {
            "turn": 1,
            "endpointing_ms": 200,
            "recognition_ms": 40,
            "model_ms": 0,
            "synthesis_ms": 0,
            "voice_to_voice_ms": 240,
        }
    ]


def test_the_agent_falls_silent_for_a_sound_at_once() -> None:
    call = ScriptedCall()
    call.wait(1000)
    call.sound(100)
    assert (call.did(commands.PausePlayback), call.did(commands.StopPlayback)) == (1, 0)


@pytest.mark.parametrize("heard", ["", "mhm", "uh huh", "okay"])
def test_a_sound_that_wants_nothing_lets_the_agent_go_on_where_it_was(heard: str) -> None:
    call = ScriptedCall()
    call.wait(TALKING_MS)
    said = list(call.said)
    call.sound(400)
    call.wait(200)
    call.recognise(heard)
    assert (call.did(commands.ResumePlayback), call.did(commands.StopPlayback)) == (1, 0)
    assert (call.said, call.machine.floor) == (said, Floor.AGENT)
    call.wait_for_silence()
    assert (call.machine.floor, call.records(CorrectionEvent)) == (Floor.SILENT, [])


@pytest.mark.parametrize("click_ms", [0, 80, 100])
def test_words_count_also_when_a_click_follows_while_they_are_recognised(click_ms: int) -> None:
    call = ScriptedCall()
    call.wait(TALKING_MS)
    call.sound(600)
    call.wait(200)
    call.sound(click_ms)
    call.recognise("no another day")
    call.wait(220)
    assert nodes(call) == ["greet", "which_day"]
    assert (call.did(commands.StopPlayback), call.did(commands.ResumePlayback)) == (1, 0)


def test_words_take_the_floor_and_only_what_was_heard_stays() -> None:
    call = ScriptedCall(context={"customer_name": "Ada"})
    call.wait(len("Hello Ada. Does Monday ") * MS_PER_CHARACTER - 100)
    before_ms = call.machine.now_ms
    utter(call, "no another day")
    assert call.did(commands.StopPlayback) == 1
    corrections = {c["original"]: c["heard_text"] for c in call.records(CorrectionEvent)}
    assert corrections == {"Does Monday still suit you?": "Does Monday"}
    (interrupt,) = call.records(InterruptEvent)
    assert int(str(interrupt["offset_ms"])) - before_ms <= 140
    assert nodes(call) == ["greet", "which_day"]


def test_a_second_of_voice_takes_the_floor_before_its_words_are_known() -> None:
    call = ScriptedCall()
    call.wait(TALKING_MS)
    call.sound(1100)
    assert (call.did(commands.StopPlayback), call.machine.floor) == (1, Floor.CALLER)


def test_a_second_of_laughter_takes_nothing() -> None:
    call = ScriptedCall()
    call.wait(TALKING_MS)
    for _ in range(7):
        call.sound(180)
        call.wait(40)
    assert (call.did(commands.PausePlayback), call.did(commands.StopPlayback)) == (1, 0)
    call.wait(160)
    call.recognise("")
    assert call.did(commands.ResumePlayback) == 1


def test_a_yes_counts_once_the_question_sounds_and_not_before() -> None:
    before = ScriptedCall()
    before.wait(100)
    utter(before, "yes")
    assert (nodes(before), before.did(commands.ResumePlayback)) == (["greet"], 1)
    asked = ScriptedCall()
    asked.wait(TALKING_MS)
    utter(asked, "yes")
    assert nodes(asked) == ["greet", "confirmed"]


def test_an_agent_goes_on_while_the_recogniser_tarries_and_late_words_interrupt_it_again() -> None:
    call = ScriptedCall()
    call.wait(TALKING_MS)
    call.sound(400)
    call.wait(200 + 1000)
    assert (call.did(commands.ResumePlayback), call.did(commands.StopPlayback)) == (1, 0)
    call.recognise("no another day")
    assert call.did(commands.StopPlayback) == 1
    assert nodes(call) == ["greet", "which_day"]


@pytest.mark.parametrize(("words", "goes_on_ms"), [("", 460), ("no", 1200)])
def test_a_sound_that_shows_no_words_holds_the_agent_up_for_less_than_one_that_does(
    words: str, goes_on_ms: int
) -> None:
    call = ScriptedCall()
    call.wait(TALKING_MS)
    call.sound(400)
    if words:
        call.tell(events.PartlyRecognised(text=words, stable_text="", result_id="1"))
    call.wait(goes_on_ms - 20)
    assert call.did(commands.ResumePlayback) == 0
    call.wait(20)
    assert call.did(commands.ResumePlayback) == 1
    call.recognise("no another day")
    assert nodes(call) == ["greet", "which_day"]


def test_words_that_the_last_sound_has_shown_are_none_of_the_next_ones() -> None:
    call = ScriptedCall(overheard_ms=300)
    call.wait(500)
    call.sound(200)
    call.tell(events.PartlyRecognised(text="mhm", stable_text="mhm", result_id="1"))
    call.wait(200)
    call.recognise("mhm")
    assert call.did(commands.ResumePlayback) == 1
    call.sound(200)
    call.wait(300)
    assert call.did(commands.ResumePlayback) == 2


@pytest.mark.parametrize(("pause_ms", "waits_ms"), [(300, 500), (500, 1600)])
def test_who_has_paused_within_a_turn_is_given_longer_to_go_on_again(pause_ms: int, waits_ms: int) -> None:
    call = listening()
    utter(call, "well the thing is")
    call.wait(pause_ms - 200)
    before = len(call.said)
    utter(call, "that it moved")
    call.wait(waits_ms - 220)
    assert call.said[before:] == []
    call.wait(20)
    assert call.said[before:] != []
    call.wait_for_silence()
    before = len(call.said)
    utter(call, "the other one")
    call.wait(300)
    assert call.said[before:] != []


def test_words_that_the_detector_misses_are_waited_for_while_an_answer_is_pending() -> None:
    call = listening()
    utter(call, "well the thing is")
    call.wait(1000)
    asked = call.did(commands.FinishUtterance)
    before = len(call.said)
    call.tell(events.PartlyRecognised(text="not", stable_text="not", result_id="2", silent_ms=100))
    assert call.did(commands.FinishUtterance) == asked + 1
    call.wait(600)
    call.tell(events.Recognised(text="not on", silent_ms=500))
    call.wait(1080)
    assert call.said[before:] == []
    call.wait(20)
    assert len(call.said) > before
    assert caller_lines(call) == ["well the thing is not on"]


def test_talk_that_the_detector_never_hears_does_not_keep_the_caller_waiting_for_long() -> None:
    call = listening()
    utter(call, "well the thing is")
    before = len(call.said)
    for _ in range(20):
        call.tell(events.PartlyRecognised(text="and", stable_text="and", silent_ms=0))
        call.wait(200)
        call.recognise("and")
        call.wait(200)
    assert len(call.said) > before


@pytest.mark.parametrize("is_told_in_time", [True, False])
def test_a_sound_too_short_for_a_voice_counts_once_it_has_words(is_told_in_time: bool) -> None:
    call = listening()
    utter(call, "well the thing is")
    call.wait(400)
    part = events.PartlyRecognised(text="no", stable_text="no", silent_ms=100)
    call.sound(80)
    if is_told_in_time:
        call.tell(part)
    call.wait(200)
    if not is_told_in_time:
        call.tell(part)
    call.recognise("no")
    call.wait(1600)
    assert caller_lines(call) == ["well the thing is no"]


def test_words_over_the_last_of_a_question_count_though_it_was_heard_before_they_were_known() -> None:
    call = ScriptedCall()
    call.wait(TALKING_MS)
    call.sound(200)
    call.wait(200)
    call.tell(events.SegmentHeard(segment_id="s2"))
    assert call.machine.floor is Floor.THINKING
    call.recognise("no another day")
    assert nodes(call) == ["greet", "which_day"]


@pytest.mark.parametrize(
    ("text", "language", "more"),
    [
        ("I would like to", "en-US", True),
        ("four one", "en-US", True),
        ("four one five two", "en-GB", True),
        ("four one five two six six eight", "en-GB", False),
        ("I would like to cancel please", "en-US", False),
        ("my code is followed", "en-US", True),
        ("my number is 4 1 5", "en-US", True),
        ("two six six eight oh four", "en-US", True),
        ("yes I would", "en-US", False),
        ("my name is", "en-US", True),
        ("it is", "en-US", False),
        ("is", "de-DE", False),
        ("yes because he", "en-US", True),
        ("ja aber", "de-DE", True),
        ("vorrei", "it-IT", False),
        ("", "en-US", False),
    ],
)
def test_what_asks_for_more(text: str, language: str, more: bool) -> None:
    assert asks_for_more(text, language) is more


@pytest.mark.parametrize(
    ("text", "language", "is_one"),
    [
        ("Mhm", "en-US", True),
        ("oh, I see", "en-US", True),
        ("okay but wait", "en-US", False),
        ("genau", "de-AT", True),
        ("", "en-US", False),
    ],
)
def test_what_a_listener_says(text: str, language: str, is_one: bool) -> None:
    assert is_backchannel(text, language) is is_one
