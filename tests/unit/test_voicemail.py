"""Answering machines: known by their words before the first step is left, and dealt with as the agent's settings say."""

from typing import Any

import pytest

from offhook.runs.log.events import EventType
from streamer.call import commands
from streamer.call.state import ConversationState
from tests.support.calls import APPOINTMENT, ScriptedCall

GREETING = "Hi, this is Bob. Please LEAVE a message, after the tone."
PROMPTED: dict[str, Any] = {
    "nodes": [{"id": "talk", "type": "startCall", "data": {"name": "Talk", "prompt": "Talk."}}],
}


def answered_by(words: str, *, before: str | None = None, **voicemail: Any) -> ScriptedCall:
    """Return a call in which these words were heard, perhaps after others."""
    call = ScriptedCall(context={"customer_name": "Ada"}, voicemail=voicemail)
    for said in (before, words):
        if said is not None:
            call.wait_for_silence()
            call.speak(said)
    return call


def test_a_machine_is_hung_up_on_at_once() -> None:
    call = answered_by(GREETING, action="hang_up")
    said = len(call.said)
    assert call.machine.has_ended
    assert call.did(commands.HangUp) == 1
    assert call.machine.disposition == "voicemail"
    (end,) = call.records(EventType.END)
    assert (end["reason"], end["disposition"]) == ("voicemail_detected", "voicemail")
    assert call.records(EventType.TRANSCRIPT)[-1]["text"] == GREETING
    assert len(call.said) == said


def test_a_message_is_left_in_full_before_the_call_ends() -> None:
    message = "Hello {{customer_name}}. Please call us back."
    call = answered_by(GREETING, action="leave_message", message=message)
    assert call.said[-2:] == ["Hello Ada.", "Please call us back."]
    assert not call.machine.has_ended
    call.sound(600)
    call.wait_for_silence()
    assert call.machine.has_ended
    assert call.machine.disposition == "voicemail"
    assert call.did(commands.HangUp) == 1


@pytest.mark.parametrize("words", ["Please leave a messenger.", "yes", "the message was to leave"])
def test_other_words_are_a_persons(words: str) -> None:
    assert answered_by(words, action="hang_up").machine.disposition != "voicemail"


def test_a_machine_is_ignored_unless_the_agent_says_otherwise() -> None:
    call = answered_by(GREETING)
    assert not call.machine.has_ended
    assert call.said[-1] == "Does Monday still suit you?"


def test_words_of_the_agents_own_are_known() -> None:
    call = answered_by("Der Anrufbeantworter ist an", action="hang_up", phrases=["anrufbeantworter ist"])
    assert call.machine.disposition == "voicemail"


def test_whoever_has_taken_a_step_is_a_person() -> None:
    call = answered_by(GREETING, before="no another day", action="hang_up")
    assert not call.machine.has_ended


def test_a_call_that_is_taken_over_in_its_first_step_still_knows_a_machine() -> None:
    state = ConversationState(node_id="greet", said_here=["Hello."])
    call = ScriptedCall(state=state, voicemail={"action": "hang_up"})
    call.wait_for_silence()
    call.speak(GREETING)
    assert call.machine.disposition == "voicemail"


def test_the_recogniser_is_told_what_machines_say_while_one_may_have_answered() -> None:
    def told(call: ScriptedCall) -> list[tuple[str, ...]]:
        return [command.phrases for command in call.done if isinstance(command, commands.Expect)]

    voicemail = {"action": "hang_up", "phrases": ["at the beep"]}
    first, second = told(answered_by("no another day", action="hang_up", phrases=["at the beep"]))
    assert "at the beep" in first
    assert "yes" in first
    assert "at the beep" not in second
    assert told(ScriptedCall(PROMPTED, voicemail=voicemail)) == [("at the beep",)]
    assert told(ScriptedCall(PROMPTED)) == [()]
    assert "at the beep" not in told(ScriptedCall(APPOINTMENT, voicemail={"phrases": ["at the beep"]}))[0]
