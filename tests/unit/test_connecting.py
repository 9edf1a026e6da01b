"""Assistants that screen calls, and menus: what they are told, and whoever comes after them."""

from typing import Any

import pytest

from offhook.json_types import JsonObject
from offhook.runs.log.events import AnsweredByEvent, TranscriptEvent
from streamer.call import commands, events
from streamer.call.actions.machines import QUESTION_PAUSE_MS
from streamer.call.conversation.state import fold
from streamer.call.floor import Floor
from tests.support.calls import ScriptedCall

ASKS = "Please say your name and why you are calling, and I will see if this person is available."
OFFERS = "For sales, press one. For all else, press two."
INTRODUCTION = "This is the clinic, for Ada."
GREETING = ["Hello Ada.", "Does Monday still suit you?"]
INTRODUCES: JsonObject = {"action": "introduce", "message": "This is the clinic, for {{customer_name}}."}
PRESSES: JsonObject = {"action": "press_keys", "keys": "w2"}
LEAVES: JsonObject = {"action": "leave_message", "message": "Please call us back."}


def outbound(**answered_by: Any) -> ScriptedCall:
    return ScriptedCall(context={"customer_name": "Ada"}, is_outbound=True, answered_by=answered_by)


def resumed(call: ScriptedCall, **answered_by: Any) -> ScriptedCall:
    return ScriptedCall(
        context={"customer_name": "Ada"}, is_outbound=True, answered_by=answered_by, state=fold(call.log)
    )


def screened(**answered_by: Any) -> ScriptedCall:
    """Return a call whose introduction an assistant has heard."""
    call = outbound(screening=INTRODUCES, **answered_by)
    call.speak(ASKS, 4000)
    call.wait(QUESTION_PAUSE_MS)
    call.wait_for_silence()
    return call


def says(call: ScriptedCall, text: str, duration_ms: int = 800) -> None:
    call.speak(text, duration_ms)
    call.wait(600)


def told(call: ScriptedCall) -> list[tuple[str, str]]:
    return [(str(event["answered_by"]), str(event["action"])) for event in call.records(AnsweredByEvent)]


def test_an_assistant_is_heard_out_and_told_who_calls() -> None:
    call = outbound(screening=INTRODUCES)
    call.sound(3000)
    call.recognise_next(ASKS)
    assert call.did(commands.AwaitBeep) == 1
    assert INTRODUCTION not in call.said
    call.wait(QUESTION_PAUSE_MS - 300)
    call.sound(500)
    call.wait(QUESTION_PAUSE_MS - 100)
    assert INTRODUCTION not in call.said
    call.wait(300)
    assert call.said[-1] == INTRODUCTION
    assert call.machine.floor is Floor.CONNECTING
    assert told(call) == [("screening", "introduce")]


def test_a_person_who_comes_gets_the_greeting_from_its_beginning_and_the_workflow_goes_on() -> None:
    call = screened()
    before = len(call.said)
    says(call, "Hello?")
    assert call.said[before:] == GREETING
    assert told(call) == [("screening", "introduce"), ("person", "talk")]
    call.wait_for_silence()
    call.speak("yes")
    call.wait_for_silence()
    assert call.ended.disposition == "confirmed"
    assert [line["text"] for line in call.records(TranscriptEvent)][-4:-2] == [
        "Does Monday still suit you?",
        "yes",
    ]


def test_whoever_is_asked_to_hold_waits_in_silence() -> None:
    call = screened()
    before = len(call.said)
    for words in (
        "Thanks.",
        "Thank you, I'll see if this person is available.",
        "Please stay on the line.",
        "",
    ):
        says(call, words, 1500)
        call.wait(3000)
    assert call.said[before:] == []
    assert call.machine.floor is Floor.CONNECTING
    says(call, "Yes, this is Ada.")
    assert call.said[before:] == GREETING


def test_an_assistant_that_asks_again_is_told_again_three_times_in_all() -> None:
    call = screened()
    for _ in range(3):
        says(call, "Sorry, please say your name and why you are calling.", 3000)
        call.wait(QUESTION_PAUSE_MS)
        if not call.machine.has_ended:
            call.wait_for_silence()
    assert call.said.count(INTRODUCTION) == 3
    assert (call.ended.reason, call.ended.disposition) == ("call_screened", "screened")


UNAVAILABLE = "They are not available. Please leave a message after the tone."


def test_an_excuse_leads_to_the_voicemails_message() -> None:
    call = screened(voicemail=LEAVES)
    says(call, UNAVAILABLE, 3000)
    call.tell(events.BeepHeard())
    call.wait_for_silence()
    assert call.said[-1] == "Please call us back."
    assert (call.ended.reason, call.ended.disposition) == ("voicemail_detected", "voicemail")
    assert told(call) == [("screening", "introduce"), ("voicemail", "leave_message")]


@pytest.mark.parametrize(
    ("voicemail", "reason"), [({}, "call_screened"), ({"action": "hang_up"}, "voicemail_detected")]
)
def test_without_a_message_an_excuse_ends_the_call(voicemail: JsonObject, reason: str) -> None:
    call = screened(voicemail=voicemail)
    said = len(call.said)
    says(call, UNAVAILABLE, 3000)
    assert call.ended.reason == reason
    assert len(call.said) == said


def test_a_beep_while_somebody_is_awaited_is_a_voicemails() -> None:
    call = screened(voicemail=LEAVES)
    call.tell(events.BeepHeard())
    assert call.said[-1] == "Please call us back."


def test_a_beep_that_gets_no_message_ends_the_call() -> None:
    call = screened()
    call.tell(events.BeepHeard())
    assert call.ended.reason == "call_screened"
    assert told(call) == [("screening", "introduce")]


def test_when_nobody_comes_the_agent_hangs_up() -> None:
    call = outbound(screening={**INTRODUCES, "wait_seconds": 20, "disposition": "not_put_through"})
    call.speak(ASKS, 4000)
    call.wait(QUESTION_PAUSE_MS + 19_000)
    assert not call.machine.has_ended
    call.wait(1500)
    assert (call.ended.reason, call.ended.disposition) == ("call_screened", "not_put_through")


def test_an_assistant_that_hangs_up_has_screened_the_call() -> None:
    call = screened()
    call.tell(events.CallerGone())
    assert (call.ended.reason, call.ended.disposition) == ("user_hangup", "screened")


def test_who_speaks_over_the_introduction_is_heard() -> None:
    call = outbound(screening=INTRODUCES)
    call.speak(ASKS, 4000)
    call.wait(QUESTION_PAUSE_MS + 300)
    says(call, "Hello, who is this?")
    assert call.said[-2:] == GREETING
    assert call.did(commands.StopPlayback) == 2


def test_a_menu_gets_its_keys_once_it_pauses_and_the_stream_ends_for_them() -> None:
    call = outbound(menu=PRESSES)
    call.speak(OFFERS, 4000)
    assert call.did(commands.SendDigits) == 0
    call.wait(QUESTION_PAUSE_MS)
    assert [c.digits for c in call.done if isinstance(c, commands.SendDigits)] == ["w2"]
    call.tell(events.TransferLeft())
    assert call.machine.is_away
    assert told(call) == [("menu", "press_keys")]


def pressed() -> ScriptedCall:
    call = outbound(menu=PRESSES)
    call.speak(OFFERS, 4000)
    call.wait(QUESTION_PAUSE_MS)
    call.tell(events.TransferLeft())
    return call


def test_after_the_keys_whoever_comes_is_greeted() -> None:
    call = resumed(pressed(), menu=PRESSES)
    assert call.said == []
    assert call.machine.floor is Floor.CONNECTING
    says(call, "Your call is important to us. Please hold for the next available agent.", 4000)
    assert call.said == []
    says(call, "Sales, Tom here.")
    assert call.said == GREETING


def test_a_menu_behind_the_menu_gets_its_keys_too_and_the_fourth_gets_none() -> None:
    call = pressed()
    log = call.log
    for number in range(2, 5):
        call = ScriptedCall(is_outbound=True, answered_by={"menu": PRESSES}, state=fold(log))
        says(call, OFFERS, 4000)
        call.wait(QUESTION_PAUSE_MS)
        assert call.did(commands.SendDigits) == (number < 4)
        log = [*log, *call.log]
    assert (call.ended.reason, call.ended.disposition) == ("menu_reached", "menu")


def test_keys_that_cannot_be_pressed_end_the_call() -> None:
    call = outbound(menu=PRESSES)
    call.speak(OFFERS, 4000)
    call.wait(QUESTION_PAUSE_MS)
    call.tell(events.TransferFailed(reason="carrier-refused"))
    call.wait_for_silence()
    assert call.ended.reason == "unexpected_error"


def test_who_takes_over_a_call_that_is_screened_answers_the_assistant_or_waits_as_before() -> None:
    asked = outbound(screening=INTRODUCES)
    asked.speak(ASKS, 4000)
    call = resumed(asked, screening=INTRODUCES)
    call.wait(QUESTION_PAUSE_MS + 100)
    assert call.said == [INTRODUCTION]
    waiting = resumed(screened(), screening=INTRODUCES)
    waiting.wait(5000)
    assert waiting.said == []
    says(waiting, "Hello?")
    assert waiting.said == GREETING


def test_who_takes_over_a_call_with_a_voicemail_leaves_the_message_once() -> None:
    former = outbound(voicemail=LEAVES)
    former.speak("Please leave a message after the tone.", 3000)
    former.tell(events.BeepHeard())
    call = resumed(former, voicemail=LEAVES)
    call.wait(2300)
    assert call.said == ["Please call us back."]
    call.wait_for_silence()
    assert call.ended.reason == "voicemail_detected"


def test_who_takes_over_a_call_that_was_to_be_hung_up_does_so() -> None:
    former = outbound(menu={"action": "hang_up"})
    former.speak(OFFERS, 4000)
    log = [entry for entry in former.log if not isinstance(entry.event, TranscriptEvent)]
    call = ScriptedCall(is_outbound=True, answered_by={"menu": {"action": "hang_up"}}, state=fold(log))
    assert (call.ended.reason, call.said) == ("menu_reached", [])
