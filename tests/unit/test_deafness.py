"""A call that nothing hears for a while: it asks once, goes on by keys, takes words that come late, or ends with a sentence."""

import pytest

from offhook.json_types import JsonObject
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import ErrorEvent, TranscriptEvent
from streamer.call import commands, events
from streamer.call.floor import Floor
from tests.support.calls import APPOINTMENT, ScriptedCall

SORRY = "Sorry, I did not catch that."
QUESTION = "Does Monday still suit you?"
BY_WORDS: JsonObject = {
    "nodes": [
        {"id": "greet", "type": "startCall", "data": {"name": "Greet", "say": "Hello. Which day suits you?"}},
        {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Goodbye."}},
    ],
    "edges": [{"id": "day", "source": "greet", "target": "bye", "data": {"phrases": ["monday"]}}],
}


def deaf(workflow: JsonObject = APPOINTMENT) -> ScriptedCall:
    call = ScriptedCall(workflow)
    call.wait_for_silence()
    call.tell(events.HearingLost())
    return call


def say(call: ScriptedCall) -> None:
    """Say something of which nothing is recognised."""
    call.sound(600)
    call.wait(200)


def callers(call: ScriptedCall) -> list[object]:
    return [turn["text"] for turn in call.records(TranscriptEvent) if turn["speaker"] == "caller"]


def test_a_caller_whom_nothing_hears_is_asked_again_within_three_seconds_and_once() -> None:
    call = deaf()
    say(call)
    call.wait(2600)
    assert call.said[-2:] == [SORRY, QUESTION]
    call.wait_for_silence()
    for _ in range(3):
        say(call)
        call.wait(3000)
    assert call.said.count(SORRY) == 1
    assert call.machine.ended is None


def test_keys_lead_on_though_nothing_hears() -> None:
    call = deaf()
    call.wait(9000)
    assert call.machine.floor is Floor.SILENT
    call.tell(events.KeyPressed(key="1"))
    call.wait_for_silence()
    assert call.ended.disposition == "confirmed"


def test_a_step_of_words_alone_ends_with_an_apology_when_nothing_has_heard_for_long() -> None:
    call = deaf(BY_WORDS)
    call.wait(9000)
    assert call.machine.floor is Floor.SILENT
    call.wait(1100)
    call.wait_for_silence()
    assert call.said[-3].startswith("I am sorry, something went wrong")
    assert call.ended.reason is EndReason.ERROR
    assert [(error["code"], error["recoverable"]) for error in call.records(ErrorEvent)] == [
        ("recogniser-failed", False)
    ]


def test_a_caller_who_is_heard_again_goes_on_as_if_nothing_had_been() -> None:
    call = deaf(BY_WORDS)
    call.wait(8000)
    call.tell(events.HearingFound())
    call.wait(1900)
    assert call.machine.ended is None
    call.speak("monday")
    call.wait_for_silence()
    assert call.ended.reason is EndReason.AGENT


def test_the_agent_says_all_it_has_to_say_though_nothing_hears() -> None:
    call = ScriptedCall(BY_WORDS)
    call.tell(events.HearingLost())
    call.wait_for_silence()
    assert call.said == ["Hello.", "Which day suits you?"]
    call.wait(10_000)
    assert call.said[-3].startswith("I am sorry")


@pytest.mark.parametrize("wait_ms", [200, 4500])
def test_words_that_come_after_the_caller_was_asked_again_are_answered_all_the_same(wait_ms: int) -> None:
    call = deaf()
    say(call)
    call.wait(2600)
    assert call.said[-1] == QUESTION
    call.wait(wait_ms)
    call.tell(events.HearingFound())
    call.recognise("no")
    call.wait(1500)
    assert callers(call) == ["no"]
    assert call.said[-1] == "Which day would suit you better?"


def test_late_words_wait_for_what_the_caller_is_saying_now() -> None:
    call = deaf()
    say(call)
    call.wait(2600)
    call.wait_for_silence()
    call.sound(200)
    call.recognise("no")
    call.sound(400)
    call.wait(200)
    call.recognise("another day")
    call.wait(1500)
    assert callers(call) == ["no another day"]


def test_words_that_were_recognised_are_answered_though_the_rest_of_them_is_not() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    for _ in range(2):
        call.sound(400)
        call.wait(200)
    call.recognise("no")
    call.tell(events.HearingLost())
    call.wait(4200)
    assert callers(call) == ["no"]
    assert call.said[-1] == "Which day would suit you better?"


def test_words_that_come_after_a_key_has_led_on_are_left() -> None:
    call = deaf()
    say(call)
    call.wait(2600)
    call.tell(events.KeyPressed(key="2"))
    call.recognise("yes")
    call.wait(3000)
    assert callers(call) == []
    assert call.did(commands.HangUp) == 0
