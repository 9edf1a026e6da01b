"""A call whose process must stop: whatever it is at, the caller hears a closing sentence, or is left to go where they go."""

from collections.abc import Callable
from typing import Any

import pytest

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import CorrectionEvent, TransferEvent
from streamer.call import commands, events
from streamer.call.actions.machines import QUESTION_PAUSE_MS
from streamer.call.floor import Floor
from tests.support.calls import APPOINTMENT, ScriptedCall

GOODBYE = "We have to stop here."
SWITCHBOARD: Any = {
    "nodes": [
        {"id": "menu", "type": "startCall", "data": {"name": "Menu", "say": "Whom do you want?"}},
        {
            "id": "desk",
            "type": "endCall",
            "data": {
                "name": "Desk",
                "transfer": {"to": "+14155550100", "mode": "warm", "failed_say": "Nobody came."},
            },
        },
        {"id": "keys", "type": "agentNode", "data": {"name": "Keys", "say": "Wait.", "send_digits": "1"}},
        {"id": "note", "type": "endCall", "data": {"name": "Note", "say": "Goodbye."}},
    ],
    "edges": [
        {"id": "d", "source": "menu", "target": "desk", "data": {"dtmf": "1"}},
        {"id": "k", "source": "menu", "target": "keys", "data": {"dtmf": "2"}},
        {"id": "s", "source": "keys", "target": "note", "data": {"when": "digits_sent"}},
    ],
}


def begun(workflow: Any = APPOINTMENT, **settings: Any) -> ScriptedCall:
    return ScriptedCall(workflow, **({"drained_goodbye": GOODBYE} | settings))


def heard_out() -> ScriptedCall:
    call = begun()
    call.wait_for_silence()
    return call


def speaking() -> ScriptedCall:
    call = heard_out()
    call.sound(1000)
    return call


def thinking() -> ScriptedCall:
    call = speaking()
    call.wait(600)
    return call


def paused() -> ScriptedCall:
    """Return a call whose agent has fallen silent for a sound of the caller."""
    call = begun()
    call.wait(500)
    call.sound(200)
    return call


def taken_by_a_machine() -> ScriptedCall:
    call = begun(
        is_outbound=True, answered_by={"voicemail": {"action": "leave_message", "message": "Call us."}}
    )
    call.speak("Please leave a message after the tone.", 3000)
    return call


def screened() -> ScriptedCall:
    """Return a call whose introduction an assistant has heard."""
    call = begun(is_outbound=True, answered_by={"screening": {"action": "introduce", "message": "It is us."}})
    call.speak("Please say your name and why you are calling.", 4000)
    call.wait(QUESTION_PAUSE_MS)
    call.wait_for_silence()
    return call


def transferring() -> ScriptedCall:
    call = begun(SWITCHBOARD)
    call.tell(events.KeyPressed(key="1"))
    call.wait_for_silence()
    return call


CALLS: dict[str, tuple[Floor, Callable[[], ScriptedCall]]] = {
    "the agent is speaking": (Floor.AGENT, begun),
    "the agent has fallen silent for a sound": (Floor.AGENT, paused),
    "nobody speaks": (Floor.SILENT, heard_out),
    "the caller is speaking": (Floor.CALLER, speaking),
    "the caller waits for an answer": (Floor.THINKING, thinking),
    "a machine has the call": (Floor.MACHINE, taken_by_a_machine),
    "an assistant fetches somebody": (Floor.CONNECTING, screened),
    "the other person is called": (Floor.TRANSFER, transferring),
}


@pytest.mark.parametrize("state", CALLS)
def test_the_closing_sentence_is_said_whatever_the_call_is_at(state: str) -> None:
    floor, at = CALLS[state]
    call = at()
    assert call.machine.floor is floor
    call.tell(events.DrainOver())
    said = len(call.said)
    # Again and again, as long as the process waits.
    call.wait(200)
    call.tell(events.DrainOver())
    assert call.said[said - 1 :] == [GOODBYE]
    assert not call.machine.has_ended
    call.sound(500)
    call.tell(events.KeyPressed(key="1"))
    call.wait_for_silence()
    assert call.machine.has_ended
    assert call.ended.reason is EndReason.DRAINED
    assert call.ended.disposition == "drained"
    assert call.did(commands.HangUp) == 1
    assert call.said[said - 1 :] == [GOODBYE]


def test_what_the_agent_was_saying_is_corrected_to_what_was_heard_of_it() -> None:
    call = begun()
    call.wait(1000)
    call.tell(events.DrainOver())
    assert call.did(commands.StopPlayback) == 1
    assert call.records(CorrectionEvent)


def test_without_a_sentence_of_its_own_the_agent_apologises() -> None:
    call = begun(drained_goodbye=None, error_goodbye="Sorry.")
    call.tell(events.DrainOver())
    assert call.said[-1] == "Sorry."


def test_a_call_that_says_its_last_words_says_them_to_the_end() -> None:
    call = heard_out()
    call.speak("yes")
    assert call.machine.floor is Floor.ENDING
    call.tell(events.DrainOver())
    call.wait_for_silence()
    assert call.ended.disposition == "confirmed"
    assert GOODBYE not in call.said


def test_a_caller_who_leaves_meanwhile_is_drained_all_the_same() -> None:
    call = heard_out()
    call.tell(events.DrainOver())
    call.tell(events.CallerGone())
    assert call.ended.reason is EndReason.DRAINED
    assert call.did(commands.HangUp) == 0


def test_the_other_person_is_let_go() -> None:
    call = transferring()
    call.tell(events.DrainOver())
    assert call.did(commands.CancelTransfer) == 1
    assert call.records(TransferEvent)[-1]["reason"] == "call-ended"


def test_a_caller_whom_the_carrier_is_moving_is_not_kept_and_hears_it_when_that_fails() -> None:
    call = transferring()
    call.tell(events.TransferAnswered())
    call.tell(events.DrainOver())
    assert GOODBYE not in call.said
    call.tell(events.TransferFailed(reason="carrier-refused"))
    call.tell(events.DrainOver())
    # It was the call's end already, with words of its own.
    assert call.said[-1] == "Nobody came."
    call.wait_for_silence()
    assert call.ended.disposition == "transfer_failed"


def test_a_caller_who_has_left_for_keys_is_left_alone() -> None:
    call = begun(SWITCHBOARD)
    call.tell(events.KeyPressed(key="2"))
    call.wait_for_silence()
    assert call.did(commands.SendDigits) == 1
    call.tell(events.DrainOver())
    call.tell(events.TransferLeft())
    call.tell(events.DrainOver())
    assert call.machine.is_away
    assert GOODBYE not in call.said
