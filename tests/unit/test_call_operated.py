"""An operator takes part in a call: words are put into somebody's mouth, the agent is cut off, steered, muted."""

import pytest

from offhook.json_types import JsonObject
from offhook.models.requests import ChatLine
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import (
    DtmfEvent,
    InjectEvent,
    InterruptEvent,
    NodeEvent,
    SteerEvent,
    TranscriptEvent,
)
from offhook.vocabulary import InjectRole
from streamer.call import commands, events
from streamer.call.conversation.state import fold
from streamer.call.floor import Floor
from streamer.call.waiting import LONGEST_MUTE_MS
from tests.support.calls import ScriptedCall

_PROMPTED: JsonObject = {
    "nodes": [
        {
            "id": "start",
            "type": "startCall",
            "data": {"name": "Start", "say": "Hello there.", "prompt": "Help."},
        },
        {"id": "help", "type": "agentNode", "data": {"name": "Help", "prompt": "Help."}},
    ],
    "edges": [
        {"id": "e", "source": "start", "target": "help", "data": {"label": "Go", "condition": "Go on"}},
    ],
}


def inject(
    call: ScriptedCall, text: str, role: str = "assistant", *, interrupt: bool = False, id_: str = ""
) -> None:
    """Add a text, which must not be refused."""
    event = events.Injected(
        inject_id=id_ or f"i-{text}", role=InjectRole(role), text=text, interrupt=interrupt
    )
    assert call.machine.refusal_of(event) is None
    call.tell(event)


def steer(call: ScriptedCall, **how: object) -> None:
    event = events.Steered(**how)  # type: ignore[arg-type]
    assert call.machine.refusal_of(event) is None
    call.tell(event)


def floor_of(call: ScriptedCall) -> Floor:
    return call.machine.floor


def sounded(call: ScriptedCall) -> list[tuple[str, str]]:
    """Who was heard saying what, an operator's words marked."""
    return [
        (f"{said['speaker']}{'*' if said.get('inject_id') else ''}", str(said["text"]))
        for said in call.records(TranscriptEvent)
    ]


def asked(call: ScriptedCall) -> commands.AskModel:
    return [command for command in call.done if isinstance(command, commands.AskModel)][-1]


def taken_over(call: ScriptedCall) -> ScriptedCall:
    return ScriptedCall(state=fold(call.log))


# --- what the agent is to say ---


def test_what_an_operator_wants_said_is_said_word_for_word_to_a_silent_line() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    inject(call, "We close at five. {{customer_name}} knows.", id_="i1")
    call.wait_for_silence()
    assert sounded(call)[2:] == [("agent*", "We close at five."), ("agent*", "{{customer_name}} knows.")]
    assert call.records(InjectEvent) == [
        {
            "inject_id": "i1",
            "role": "assistant",
            "text": "We close at five. {{customer_name}} knows.",
            "interrupt": False,
            "offset_ms": call.records(InjectEvent)[0]["offset_ms"],
        }
    ]
    assert call.machine.floor is Floor.SILENT


def test_it_is_said_after_the_present_sentence_and_then_the_agent_goes_on() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(200)
    inject(call, "This is Ann.")
    call.wait_for_silence()
    assert sounded(call) == [
        ("agent", "Hello there."),
        ("agent*", "This is Ann."),
        ("agent", "Does Monday still suit you?"),
    ]
    assert call.did(commands.StopPlayback) == 0
    call.speak("yes")
    assert call.machine.ended is None
    call.wait_for_silence()
    assert call.ended.disposition == "confirmed"


def test_what_is_said_at_once_cuts_the_agent_off_for_good() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(200)
    inject(call, "Stop there.", interrupt=True)
    call.wait_for_silence()
    assert [record["by"] for record in call.records(InterruptEvent)] == ["operator"]
    assert sounded(call) == [("agent", "Hello there."), ("agent*", "Stop there.")]


def test_nobody_talks_over_the_caller_for_an_operator() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.sound(400)
    inject(call, "One moment.")
    call.sound(400)
    assert len(sounded(call)) == 2
    call.recognise_next("no")
    call.wait(3000)
    assert sounded(call)[2:5] == [
        ("caller", "no"),
        ("agent*", "One moment."),
        ("agent", "Which day would suit you better?"),
    ]


def test_a_caller_who_barges_in_before_it_sounds_hears_it_afterwards() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(200)
    inject(call, "This is Ann.")
    call.speak("no", 1000)
    call.wait_for_silence()
    assert sounded(call)[:3] == [("agent", "Hello there."), ("caller", "no"), ("agent*", "This is Ann.")]


def test_what_was_told_twice_is_said_once() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    inject(call, "We close at five.", id_="i1")
    inject(call, "We close at five.", id_="i1")
    call.wait_for_silence()
    assert [who for who, _ in sounded(call)].count("agent*") == 1
    again = taken_over(call)
    inject(again, "We close at five.", id_="i1")
    again.wait(1000)
    assert sounded(again) == []


# --- what counts as the caller's ---


def test_words_given_out_for_the_callers_lead_on_like_theirs() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    inject(call, "no", "user")
    assert call.records(NodeEvent)[-1]["to"] == "which_day"
    inject(call, "on thursday", "user")
    assert call.records(NodeEvent)[-1]["to"] == "moved"
    assert [(who, text) for who, text in sounded(call) if who.startswith("caller")] == [
        ("caller*", "no"),
        ("caller*", "on thursday"),
    ]
    assert call.gathered == {"day": "thursday"}


def test_they_interrupt_where_the_caller_might_and_else_wait() -> None:
    call = ScriptedCall()
    call.wait(100)
    inject(call, "yes", "user")
    assert call.records(NodeEvent)[-1]["to"] == "confirmed"

    patient = ScriptedCall(barge_in=False)
    patient.wait(100)
    inject(patient, "yes", "user")
    assert patient.records(NodeEvent)[-1]["to"] == "greet"
    patient.wait_for_silence()
    patient.wait(100)
    assert patient.records(NodeEvent)[-1]["to"] == "confirmed"


def test_a_model_is_asked_about_them() -> None:
    call = ScriptedCall(_PROMPTED)
    call.wait_for_silence()
    inject(call, "Where are you?", "user")
    assert asked(call).lines[-1] == ChatLine(from_caller=True, text="Where are you?")


# --- what the model is told ---


def test_a_model_heeds_what_an_operator_says_from_its_next_reply_on() -> None:
    call = ScriptedCall(_PROMPTED)
    call.wait_for_silence()
    inject(call, "The caller is a member.", "system")
    steer(call, instructions="Be formal.")
    assert call.did(commands.AskModel) == 0
    call.speak("hello")
    assert "- The caller is a member.\n- Be formal." in asked(call).facts
    steer(call, instructions="")
    call.tell(events.ModelText(request=1, text="Good day."))
    call.tell(events.ModelFinished(request=1))
    call.wait_for_silence()
    call.speak("and now?")
    assert "- The caller is a member." in asked(call).facts
    assert "Be formal." not in asked(call).facts


def test_who_takes_the_call_over_tells_the_model_the_same() -> None:
    call = ScriptedCall(_PROMPTED)
    call.wait_for_silence()
    inject(call, "The caller is a member.", "system")
    steer(call, instructions="Be formal.")
    again = ScriptedCall(_PROMPTED, state=fold(call.log))
    again.speak("hello")
    assert "- The caller is a member.\n- Be formal." in asked(again).facts


# --- cutting off ---


def test_an_operator_cuts_the_agent_off_and_it_listens() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(300)
    call.tell(events.Interrupted())
    assert [record["by"] for record in call.records(InterruptEvent)] == ["operator"]
    call.wait(3000)
    assert [text for _, text in sounded(call)] == ["Hello there."]
    call.speak("yes")
    assert call.records(NodeEvent)[-1]["to"] == "confirmed"


def test_a_reply_that_is_cut_off_while_it_is_thought_of_is_dropped() -> None:
    call = ScriptedCall(_PROMPTED)
    call.wait_for_silence()
    call.speak("hello")
    assert floor_of(call) is Floor.THINKING
    call.tell(events.Interrupted())
    call.tell(events.ModelText(request=1, text="Too late."))
    assert call.machine.floor is Floor.SILENT
    assert call.said[-1] == "Hello there."


# --- muting ---


def test_a_muted_agent_listens_and_an_operator_speaks_with_its_voice() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(300)
    steer(call, mute=True)
    call.speak("no I want somebody else")
    call.wait(20_000)
    inject(call, "This is Ann, I am listening.")
    call.wait_for_silence()
    call.speak("yes")
    call.wait(500)
    assert sounded(call)[1:] == [
        ("caller", "no I want somebody else"),
        ("agent*", "This is Ann, I am listening."),
        ("caller", "yes"),
    ]
    assert call.machine.floor is Floor.MUTED
    steer(call, mute=False)
    assert call.records(NodeEvent)[-1]["to"] == "confirmed"
    assert [record["is_muted"] for record in call.records(SteerEvent)] == [True, False]


def test_words_that_change_while_the_agent_is_muted_are_written_down_and_not_answered() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(300)
    steer(call, mute=True)
    call.sound(600)
    call.wait(200)
    call.tell(events.Recognised(text="nobody", result_id="1"))
    call.tell(events.Corrected(text="yes", result_id="1"))
    assert call.machine.floor is Floor.MUTED
    call.wait(500)
    assert sounded(call)[1:] == [("caller", "yes")]
    assert call.machine.floor is Floor.MUTED


def test_a_caller_who_goes_on_when_their_words_are_due_leaves_the_agent_muted() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(300)
    steer(call, mute=True)
    call.sound(600)
    call.wait(200)
    call.recognise("nobody")
    # The sound is noticed in the chunk in which the words were due.
    call.wait(220)
    call.sound(80)
    assert call.did(commands.StartUtterance) == 2
    call.sound(600)
    assert call.machine.floor is Floor.MUTED
    assert [record["is_muted"] for record in call.records(SteerEvent)] == [True]


def test_an_agent_that_was_muted_in_between_says_what_was_cut_off() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(300)
    steer(call, mute=True)
    call.wait(1000)
    steer(call, mute=False)
    call.wait_for_silence()
    assert [text for _, text in sounded(call)] == ["Hello there.", "there.", "Does Monday still suit you?"]


def test_an_operator_who_has_answered_is_not_answered_by_the_agent() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    steer(call, mute=True)
    call.speak("no")
    call.wait(500)
    inject(call, "Then on Friday.")
    call.wait_for_silence()
    steer(call, mute=False)
    call.wait(1000)
    assert call.records(NodeEvent)[-1]["to"] == "greet"
    assert call.machine.floor is Floor.SILENT


def test_words_given_out_for_the_callers_are_answered_with_what_the_caller_has_said_to_the_muted_agent() -> (
    None
):
    call = ScriptedCall()
    call.wait_for_silence()
    steer(call, mute=True)
    call.speak("no")
    call.wait(500)
    inject(call, "another day", "user")
    for heard in (taken_over(call), call):
        steer(heard, mute=False)
        assert heard.records(NodeEvent)[-1]["to"] == "which_day"


def test_what_the_caller_says_while_the_operator_goes_on_is_answered_by_the_agent() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait_for_silence()
    steer(call, mute=True)
    call.speak("yes")
    inject(call, "This is Ann, and I shall look into it for you right away. I am back.")
    call.speak("no")
    call.wait(5000)
    assert sounded(call)[2:] == [
        ("caller", "yes"),
        ("agent*", "This is Ann, and I shall look into it for you right away."),
        ("caller", "no"),
        ("agent*", "I am back."),
    ]
    for heard in (taken_over(call), call):
        steer(heard, mute=False)
        assert heard.records(NodeEvent)[-1]["to"] == "which_day"


def test_who_takes_over_amid_the_operators_words_answers_what_the_caller_said_meanwhile() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait_for_silence()
    steer(call, mute=True)
    inject(call, "This is Ann, and I shall look into it for you right away. I am back.")
    call.speak("no")
    again = ScriptedCall(state=fold(call.log), sounds_in_turn=True)
    again.wait(10_000)
    steer(again, mute=False)
    assert again.records(NodeEvent)[-1]["to"] == "which_day"


def test_words_that_change_once_they_wait_for_the_muted_agent_are_answered_as_they_are() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait_for_silence()
    steer(call, mute=True)
    call.speak("no")
    call.sound(600)
    call.wait(200)
    call.tell(events.Recognised(text="none today", result_id="1"))
    call.wait(1000)
    call.tell(events.Corrected(text="another day", result_id="1"))
    assert sounded(call)[2:] == [("caller", "no"), ("caller", "none today")]
    for heard in (taken_over(call), call):
        steer(heard, mute=False)
        assert heard.records(NodeEvent)[-1]["to"] == "which_day"


def test_a_key_leads_nowhere_while_the_agent_is_muted() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    steer(call, mute=True)
    call.tell(events.KeyPressed(key="1"))
    assert [record["digit"] for record in call.records(DtmfEvent)] == ["1"]
    assert call.machine.floor is Floor.MUTED


def test_nobody_is_left_in_silence_by_an_operator_who_has_gone() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    steer(call, mute=True)
    call.wait(LONGEST_MUTE_MS - 1000)
    inject(call, "One moment.")
    call.wait_for_silence()
    call.wait(LONGEST_MUTE_MS - 2000)
    assert floor_of(call) is Floor.MUTED
    call.wait(2000)
    assert call.records(SteerEvent)[-1]["is_muted"] is False
    assert call.machine.floor is Floor.SILENT


def test_who_takes_a_muted_call_over_stays_silent_until_it_is_unmuted() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    steer(call, mute=True)
    call.speak("no")
    call.wait(500)
    again = taken_over(call)
    again.wait(15_000)
    assert again.said == []
    steer(again, mute=False)
    assert again.records(NodeEvent)[-1]["to"] == "which_day"


# --- takeovers ---


@pytest.mark.parametrize("role", ["assistant", "user"])
def test_an_injection_is_neither_lost_nor_repeated_by_who_takes_the_call_over(role: str) -> None:
    whole = ScriptedCall(sounds_in_turn=True, barge_in=False)
    whole.wait(200)
    inject(whole, "no", role, id_="i1")
    whole.wait_for_silence()
    whole.wait(500)
    log = whole.log
    injected = next(entry.seq for entry in log if isinstance(entry.event, InjectEvent))
    for cut in range(injected, len(log) + 1):
        again = ScriptedCall(state=fold(log[:cut]), sounds_in_turn=True, barge_in=False)
        again.wait_for_silence()
        again.wait(500)
        lines = [*_kept(log[:cut]), *_kept(again.log)]
        corrected = {
            str(entry.data["segment_id"])
            for entry in again.log
            if entry.event.type == "correction" and not entry.data["heard_text"]
        }
        injections = [id_ for id_ in lines if id_ not in corrected]
        assert len(injections) == 1, cut


def _kept(log: list) -> list[str]:  # type: ignore[type-arg]
    return [
        str(entry.data["segment_id"])
        for entry in log
        if isinstance(entry.event, TranscriptEvent) and entry.event.inject_id
    ]


# --- refusals ---


def _refused(call: ScriptedCall, event: events.OperatorEvent) -> str | None:
    refusal = call.machine.refusal_of(event)
    return None if refusal is None else refusal.code


_SAY = events.Injected(inject_id="i", role=InjectRole.ASSISTANT, text="Hello.")
_MUTE = events.Steered(mute=True)


def test_an_ending_call_takes_nothing_more() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.speak("yes")
    assert call.machine.floor is Floor.ENDING
    everything: list[events.OperatorEvent] = [_SAY, _MUTE, events.Interrupted(), events.KeyPressed(key="1")]
    assert {_refused(call, event) for event in everything} == {"ending"}
    call.tell(_SAY)
    assert call.records(InjectEvent) == []
    call.tell(events.EndRequested(reason=EndReason.OPERATOR))
    assert _refused(call, _SAY) == "ended"


def test_what_no_voice_can_say_is_refused() -> None:
    call = ScriptedCall()
    silent = events.Injected(inject_id="i", role=InjectRole.ASSISTANT, text="\U0001f600 **")
    assert _refused(call, silent) == "nothing-to-say"


def test_so_much_may_wait_and_no_more() -> None:
    call = ScriptedCall()
    call.wait_for_silence()
    call.sound(400)
    for number in range(20):
        inject(call, "Well.", id_=f"i{number}")
    assert _refused(call, _SAY) == "too-many-waiting"


def test_a_caller_who_waits_to_be_put_through_hears_an_operator_and_nothing_else_of_theirs() -> None:
    workflow: JsonObject = {
        "nodes": [
            {"id": "greet", "type": "startCall", "data": {"name": "Greet", "say": "Hello."}},
            {
                "id": "desk",
                "type": "endCall",
                "data": {
                    "name": "Desk",
                    "transfer": {"to": "+14155550100", "mode": "warm", "message": "Wait."},
                },
            },
        ],
        "edges": [{"id": "yes", "source": "greet", "target": "desk", "data": {"phrases": ["yes"]}}],
    }
    call = ScriptedCall(workflow, sounds_in_turn=True)
    call.wait_for_silence()
    call.speak("yes")
    inject(call, "It takes a minute.")
    call.wait_for_silence()
    assert sounded(call)[-2:] == [("agent", "Wait."), ("agent*", "It takes a minute.")]
    assert call.did(commands.Transfer) == 1
    assert _refused(call, _MUTE) == "put-through"
    assert _refused(call, events.Interrupted()) == "put-through"
    call.tell(events.TransferAnswered())
    assert _refused(call, _SAY) == "put-through"
    call.tell(events.TransferLeft())
    assert _refused(call, _SAY) == "away"
