"""Words that are not final: what is shown of them, when they take the floor, and finals that the recogniser changes."""

import itertools

from offhook.json_types import JsonObject
from offhook.runs.log.events import CorrectionEvent, InterruptEvent, PartialEvent, TranscriptEvent
from offhook.runs.log.projections import transcript
from streamer.call import commands, events
from streamer.call.conversation.state import fold
from streamer.call.floor import Floor
from tests.support.calls import APPOINTMENT, ScriptedCall, texts

ASKING: JsonObject = {
    "nodes": [
        {
            "id": "greet",
            "type": "startCall",
            "data": {"name": "Greet", "say": "Hello.", "prompt": "Find out what they want."},
        },
        {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Goodbye."}},
    ],
    "edges": [
        {
            "id": "done",
            "source": "greet",
            "target": "bye",
            "data": {"label": "Done", "condition": "It is done."},
        }
    ],
}


def part(text: str, stable: str = "", id_: str = "1") -> events.PartlyRecognised:
    return events.PartlyRecognised(text=text, stable_text=stable, result_id=id_)


def listening(workflow: JsonObject = APPOINTMENT) -> ScriptedCall:
    call = ScriptedCall(workflow)
    call.wait_for_silence()
    return call


def interrupting(duration_ms: int = 200) -> ScriptedCall:
    call = ScriptedCall()
    call.wait(500)
    call.sound(duration_ms)
    assert call.did(commands.PausePlayback) == 1
    return call


def test_partials_are_shown_twice_a_second_at_most_and_their_latest_words() -> None:
    call = listening()
    for number in range(100):
        call.sound(20)
        call.tell(part("word " * number))
    shown = call.records(PartialEvent)
    assert len(shown) == 4
    offsets = [int(str(event["offset_ms"])) for event in shown]
    assert all(later - earlier >= 500 for earlier, later in itertools.pairwise(offsets))
    call.wait(500)
    call.tell(part("a" * 5000 + "z", id_="7"))
    last = call.records(PartialEvent)[-1]
    assert (last["text"], last["result_id"]) == ("a" * 499 + "z", "7")


def test_the_fold_and_the_transcript_pass_over_partials() -> None:
    call = listening()
    call.sound(400)
    call.tell(part("yes that", "yes that"))
    call.wait(200)
    call.recognise("no")
    call.wait(1500)
    log = call.log
    without = [entry for entry in log if not isinstance(entry.event, PartialEvent)]
    assert len(without) == len(log) - 1
    assert transcript(log) == transcript(without)
    assert fold(log) == fold(without)


def test_stable_words_that_are_no_backchannel_take_the_floor_while_the_caller_goes_on() -> None:
    call = interrupting()
    call.tell(part("wait", ""))
    assert call.did(commands.StopPlayback) == 0, "it may still change"
    call.tell(part("wait a", "wait"))
    assert (call.did(commands.StopPlayback), call.machine.floor) == (1, Floor.CALLER)
    assert call.records(InterruptEvent)
    call.sound(300)
    call.wait(200)
    call.recognise("no another day")
    call.wait(1500)
    assert call.said[-1] == "Which day would suit you better?"


def test_a_backchannel_that_may_go_on_does_not_take_the_floor() -> None:
    call = interrupting()
    call.tell(part("okay", "okay"))
    assert (call.did(commands.StopPlayback), call.machine.floor) == (0, Floor.AGENT)
    call.tell(part("okay but no", "okay but"))
    assert (call.did(commands.StopPlayback), call.machine.floor) == (1, Floor.CALLER)


def test_stable_words_take_the_floor_before_the_final_when_the_caller_has_paused() -> None:
    call = interrupting()
    call.wait(200)
    call.tell(part("no", "no"))
    assert (call.did(commands.StopPlayback), call.machine.floor) == (1, Floor.THINKING)
    call.recognise("no")
    call.wait(1500)
    assert call.said[-1] == "Which day would suit you better?"


def test_words_that_come_after_the_agent_has_gone_on_take_the_floor_all_the_same() -> None:
    call = interrupting()
    call.wait(1500)
    assert call.did(commands.ResumePlayback) == 1
    call.tell(part("no", "no"))
    assert (call.did(commands.StopPlayback), call.machine.floor) == (1, Floor.THINKING)


def test_words_of_nobody_who_was_noticed_take_no_floor() -> None:
    call = ScriptedCall()
    call.wait(500)
    call.tell(part("no not at all", "no not at all"))
    assert (call.did(commands.StopPlayback), call.machine.floor) == (0, Floor.AGENT)


def test_words_take_no_floor_where_nobody_may_interrupt() -> None:
    call = ScriptedCall(barge_in=False)
    call.wait(500)
    call.sound(400)
    call.tell(part("no not at all", "no not at all"))
    assert call.did(commands.StopPlayback) == 0


def recognised(call: ScriptedCall, text: str, id_: str) -> None:
    call.tell(events.Recognised(text=text, result_id=id_))


def test_a_final_that_changes_corrects_the_transcript_and_what_the_model_is_told() -> None:
    call = listening(ASKING)
    call.sound(600)
    call.wait(200)
    recognised(call, "at nine thirteen", "1")
    call.wait(1500)
    assert call.did(commands.AskModel) == 1
    call.tell(events.Corrected(text="at nine thirty", result_id="1"))
    assert call.records(CorrectionEvent) == [
        {"segment_id": "c1", "original": "at nine thirteen", "heard_text": "at nine thirty"}
    ]
    assert call.did(commands.AskModel) == 1, "what was decided stands"
    assert [segment.text for segment in transcript(call.log)] == ["Hello.", "at nine thirty"]
    assert texts(fold(call.log).talk.lines) == ["Hello.", "at nine thirty"]
    call.sound(600)
    call.wait(200)
    recognised(call, "please hurry", "2")
    call.wait(1500)
    asked = [command for command in call.done if isinstance(command, commands.AskModel)]
    assert texts(asked[-1].lines) == ["Hello.", "at nine thirty", "please hurry"]


def test_a_correction_names_the_whole_turn_of_which_a_part_has_changed() -> None:
    call = listening(ASKING)
    for number, text in (("1", "nine five"), ("2", "six please")):
        call.sound(400)
        call.wait(200)
        recognised(call, text, number)
    call.wait(1500)
    assert [turn["text"] for turn in call.records(TranscriptEvent) if turn["speaker"] == "caller"] == [
        "nine five six please"
    ]
    call.tell(events.Corrected(text="nine four", result_id="1"))
    assert call.records(CorrectionEvent)[0]["heard_text"] == "nine four six please"


def test_words_that_no_turn_has_taken_yet_change_without_a_correction() -> None:
    call = listening()
    call.sound(400)
    call.wait(200)
    recognised(call, "nine", "1")
    assert call.may_hear_more
    call.tell(events.Corrected(text="no", result_id="1"))
    call.wait(300)
    assert call.records(CorrectionEvent) == []
    assert [turn["text"] for turn in call.records(TranscriptEvent) if turn["speaker"] == "caller"] == ["no"]
    assert call.said[-1] == "Which day would suit you better?"


def test_an_unknown_correction_changes_nothing() -> None:
    call = listening()
    call.tell(events.Corrected(text="no", result_id="99"))
    assert call.records(CorrectionEvent) == []
