"""Machines that take a call: known at its beginning, and dealt with as the agent's settings say."""

from typing import Any

import pytest

from offhook.runs.log.events import TranscriptEvent
from streamer.call import commands, events
from streamer.call.floor import Floor
from streamer.call.machines import GREETING_PAUSE_MS, LONGEST_GREETING_MS
from streamer.call.state import ConversationState
from tests.support.calls import APPOINTMENT, ScriptedCall

GREETING = "Hi, this is Bob. Please LEAVE a message, after the tone."
PROMPTED: dict[str, Any] = {
    "nodes": [{"id": "talk", "type": "startCall", "data": {"name": "Talk", "prompt": "Talk."}}],
}


def answered_by(words: str, *, before: str | None = None, **voicemail: Any) -> ScriptedCall:
    """Return a call in which these words were heard, perhaps after others."""
    call = ScriptedCall(
        context={"customer_name": "Ada"}, is_outbound=True, answered_by={"voicemail": voicemail}
    )
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
    assert call.ended.disposition == "voicemail"
    end = call.ended
    assert (end.reason, end.disposition) == ("voicemail_detected", "voicemail")
    assert call.records(TranscriptEvent)[-1]["text"] == GREETING
    assert len(call.said) == said


MESSAGE = {"action": "leave_message", "message": "Hello {{customer_name}}. Please call us back."}
LEFT = ["Hello Ada.", "Please call us back."]


def test_a_message_waits_for_the_beep_and_is_left_in_full() -> None:
    call = answered_by(GREETING, **MESSAGE)
    assert call.machine.floor is Floor.MACHINE
    assert call.did(commands.AwaitBeep) == 1
    call.sound(3000)
    call.wait(1000)
    assert call.said[-1] not in LEFT
    call.tell(events.BeepHeard())
    assert call.said[-2:] == LEFT
    assert not call.machine.has_ended
    call.wait_for_silence()
    assert call.machine.has_ended
    assert call.ended.disposition == "voicemail"
    assert call.did(commands.HangUp) == 1


def test_without_a_beep_a_long_silence_ends_the_greeting() -> None:
    call = answered_by(GREETING, **MESSAGE)
    call.wait(GREETING_PAUSE_MS - 200)
    call.sound(1000)
    call.wait(GREETING_PAUSE_MS - 200)
    assert call.said[-1] not in LEFT
    call.wait(1000)
    assert call.said[-2:] == LEFT


def test_a_message_begins_again_when_the_machine_goes_on_and_is_given_up_never() -> None:
    call = answered_by(GREETING, **MESSAGE)
    for attempt in range(1, 4):
        call.wait(GREETING_PAUSE_MS + 700)
        assert call.said.count(LEFT[1]) == attempt
        call.sound(1100)
    call.wait_for_silence()
    assert call.said.count(LEFT[1]) == 3
    assert call.ended.reason == "voicemail_detected"


def test_a_greeting_without_end_gets_its_message_after_a_while() -> None:
    call = answered_by(GREETING, **MESSAGE)
    for _ in range(LONGEST_GREETING_MS // 1000 + 1):
        call.sound(900)
        call.wait(100)
    assert call.said[-2:] == LEFT


@pytest.mark.parametrize("words", ["Please leave a messenger.", "yes", "the message was to leave"])
def test_other_words_are_a_persons(words: str) -> None:
    ended = answered_by(words, action="hang_up").machine.ended
    assert ended is None or ended.disposition != "voicemail"


def test_a_machine_is_ignored_unless_the_agent_says_otherwise() -> None:
    call = answered_by(GREETING)
    assert not call.machine.has_ended
    assert call.said[-1] == "Does Monday still suit you?"


def test_words_of_the_agents_own_are_known() -> None:
    call = answered_by("Der Anrufbeantworter ist an", action="hang_up", phrases=["anrufbeantworter ist"])
    assert call.ended.disposition == "voicemail"


def test_whoever_has_taken_a_step_is_a_person() -> None:
    call = answered_by(GREETING, before="no another day", action="hang_up")
    assert not call.machine.has_ended


def test_a_call_that_is_taken_over_in_its_first_step_still_knows_a_machine() -> None:
    state = ConversationState(node_id="greet", said_here=["Hello."])
    call = ScriptedCall(state=state, is_outbound=True, voicemail={"action": "hang_up"})
    call.wait_for_silence()
    call.speak(GREETING)
    assert call.ended.disposition == "voicemail"


def test_the_recogniser_is_told_what_machines_say_while_one_may_have_answered() -> None:
    def told(call: ScriptedCall) -> list[tuple[str, ...]]:
        return [command.phrases for command in call.done if isinstance(command, commands.Expect)]

    settings = {
        "voicemail": {"action": "hang_up", "phrases": ["at the beep"]},
        "not_in_service": {"action": "talk"},
    }
    first, second = told(answered_by("no another day", action="hang_up", phrases=["at the beep"]))
    assert "at the beep" in first
    assert "yes" in first
    assert "at the beep" not in second
    assert told(ScriptedCall(PROMPTED, is_outbound=True, answered_by=settings)) == [("at the beep",)]
    assert told(ScriptedCall(PROMPTED)) == [()]
    assert told(ScriptedCall(PROMPTED, answered_by=settings)) == [()]
    ignored = {"voicemail": {"phrases": ["at the beep"]}}
    assert "at the beep" not in told(ScriptedCall(APPOINTMENT, is_outbound=True, answered_by=ignored))[0]
