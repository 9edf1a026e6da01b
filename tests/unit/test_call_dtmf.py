"""Keys that are gathered into a variable, and keys that the agent presses."""

from typing import Any

import pytest

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import ContextEvent, ErrorEvent, NodeEvent
from streamer.call import commands, events
from streamer.call.conversation.state import fold
from streamer.call.floor import Floor
from tests.support.calls import ScriptedCall

QUESTION = "Please key in your account number."


def account(*, missing: bool = True, **gather: Any) -> Any:
    """Return a workflow that asks for an account number."""
    edges: list[Any] = [
        {"id": "got", "source": "ask", "target": "thanks", "data": {"when": "digits_gathered"}},
        {"id": "star", "source": "ask", "target": "help", "data": {"dtmf": "*"}},
        {"id": "say", "source": "ask", "target": "help", "data": {"phrases": ["help"]}},
    ]
    if missing:
        edges.append({"id": "not", "source": "ask", "target": "help", "data": {"when": "digits_missing"}})
    return {
        "nodes": [
            {
                "id": "ask",
                "type": "startCall",
                "data": {"name": "Ask", "say": QUESTION, "gather": {"variable": "account"} | gather},
            },
            {
                "id": "thanks",
                "type": "endCall",
                "data": {"name": "Thanks", "say": "Thank you, {{gathered_context.account}}."},
            },
            {"id": "help", "type": "endCall", "data": {"name": "Help", "say": "I will get help."}},
        ],
        "edges": edges,
    }


def press(call: ScriptedCall, keys: str, *, every_ms: int = 300) -> None:
    for key in keys:
        call.tell(events.KeyPressed(key=key))
        call.wait(every_ms)


def gathered(call: ScriptedCall) -> object:
    return call.gathered.get("account")


def test_so_many_digits_are_gathered_and_lead_on() -> None:
    call = ScriptedCall(account(num_digits=4))
    call.wait_for_silence()
    press(call, "123")
    assert gathered(call) is None
    press(call, "4")
    assert gathered(call) == "1234"
    assert call.said[-1] == "Thank you, 1234."
    assert call.records(ContextEvent) == [{"gathered": {"account": "1234"}}]
    assert call.records(NodeEvent)[-1]["reason"] == "digits_gathered"


def test_a_key_finishes_digits_of_any_number() -> None:
    call = ScriptedCall(account())
    call.wait_for_silence()
    press(call, "90210#")
    assert gathered(call) == "90210"


def test_a_pause_finishes_them_too() -> None:
    call = ScriptedCall(account(timeout_ms=2000))
    call.wait_for_silence()
    press(call, "77")
    call.wait(1500)
    assert gathered(call) is None
    call.wait(500)
    assert gathered(call) == "77"


def test_keys_may_be_pressed_while_the_agent_speaks() -> None:
    call = ScriptedCall(account(num_digits=2))
    call.wait(500)
    press(call, "42")
    assert gathered(call) == "42"
    assert call.did(commands.StopPlayback) == 1
    assert QUESTION not in call.said[1:]


@pytest.mark.parametrize("keys", ["12#", "#"])
def test_too_few_digits_take_the_edge_for_that(keys: str) -> None:
    call = ScriptedCall(account(num_digits=4))
    call.wait_for_silence()
    press(call, keys)
    assert call.said[-1] == "I will get help."
    assert gathered(call) is None


def test_too_few_digits_in_time_without_such_an_edge_are_asked_for_again() -> None:
    call = ScriptedCall(account(missing=False, num_digits=4))
    call.wait_for_silence()
    press(call, "12")
    call.wait(5000)
    assert call.said[-1] == QUESTION
    call.wait_for_silence()
    press(call, "1234")
    assert gathered(call) == "1234"


def test_a_caller_who_presses_nothing_is_asked_whether_they_are_there() -> None:
    call = ScriptedCall(account(timeout_ms=1000), idle_prompts=["Hello?"])
    call.wait_for_silence()
    call.wait(10_100)
    assert call.said[-2:] == ["Hello?", QUESTION]


def test_other_edges_of_the_node_lead_on_as_ever() -> None:
    for way in ("help", "*"):
        call = ScriptedCall(account(num_digits=4))
        call.wait_for_silence()
        press(call, "12")
        if way == "*":
            press(call, way)
        else:
            call.speak(way)
        assert call.said[-1] == "I will get help."
        assert gathered(call) is None


def test_a_tone_that_is_heard_as_a_sound_changes_nothing() -> None:
    call = ScriptedCall(account(num_digits=4))
    call.wait_for_silence()
    press(call, "12")
    call.sound(140)
    call.wait(600)
    call.recognise("")
    assert call.machine.floor is Floor.SILENT
    press(call, "34")
    assert gathered(call) == "1234"


def test_a_flood_of_keys_is_cut_off() -> None:
    call = ScriptedCall(account())
    call.wait_for_silence()
    press(call, "1" * 40, every_ms=60)
    assert gathered(call) == "1" * 32


def test_a_call_that_is_taken_over_keeps_the_keys_pressed_so_far() -> None:
    call = ScriptedCall(account(num_digits=4))
    call.wait_for_silence()
    press(call, "12")
    resumed = ScriptedCall(account(num_digits=4), state=fold(call.log))
    press(resumed, "34")
    assert gathered(resumed) == "1234"


def test_the_pause_after_a_takeover_counts_from_there() -> None:
    call = ScriptedCall(account(num_digits=4))
    call.wait_for_silence()
    press(call, "12")
    call.wait(3000)
    resumed = ScriptedCall(account(num_digits=4), state=fold(call.log))
    resumed.wait(4000)
    press(resumed, "34")
    assert gathered(resumed) == "1234"


def pressing(digits: str = "1w2") -> Any:
    """Return a workflow that presses keys and then goes on."""
    return {
        "nodes": [
            {"id": "greet", "type": "startCall", "data": {"name": "Greet", "say": "Hello. Ready?"}},
            {
                "id": "keys",
                "type": "agentNode",
                "data": {"name": "Keys", "say": "Wait.", "send_digits": digits},
            },
            {"id": "done", "type": "endCall", "data": {"name": "Done", "say": "That is it."}},
        ],
        "edges": [
            {"id": "yes", "source": "greet", "target": "keys", "data": {"phrases": ["yes"]}},
            {"id": "sent", "source": "keys", "target": "done", "data": {"when": "digits_sent"}},
        ],
    }


def ready(workflow: Any, **more: Any) -> ScriptedCall:
    call = ScriptedCall(workflow, **more)
    call.wait_for_silence()
    call.speak("yes")
    call.wait_for_silence()
    return call


def test_keys_are_pressed_after_the_words_and_the_next_stream_goes_on() -> None:
    call = ready(pressing("{{account}}w#"), context={"account": "42"})
    (sent,) = (command for command in call.done if isinstance(command, commands.SendDigits))
    assert sent.digits == "42w#"
    call.tell(events.CallerGone())
    call.tell(events.TransferLeft())
    assert call.machine.is_away
    assert not call.machine.has_ended
    resumed = ScriptedCall(pressing(), state=fold(call.log))
    assert resumed.said == ["That is it."]
    assert "42" not in str(call.log)


@pytest.mark.parametrize("digits", ["1w2", "{{nothing}}"])
def test_keys_that_cannot_be_pressed_end_the_call_with_an_error(digits: str) -> None:
    call = ready(pressing(digits), error_goodbye="Sorry.")
    call.tell(events.TransferFailed(reason="carrier-refused"))
    call.wait_for_silence()
    assert call.said[-1] == "Sorry."
    assert call.ended.disposition == "error"
    (error,) = call.records(ErrorEvent)
    assert error["recoverable"] is False


@pytest.mark.parametrize("gone", [events.CallerGone(), events.EndRequested(reason=EndReason.DRAINED)])
def test_a_call_can_end_while_keys_are_pressed(gone: events.Event) -> None:
    call = ready(pressing())
    call.tell(events.TransferLeft())
    call.tell(gone)
    assert call.machine.has_ended
