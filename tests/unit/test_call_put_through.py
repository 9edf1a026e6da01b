"""An operator puts the caller through: on each floor, and how the agent goes on with a caller who stays."""

import json

import pytest

from offhook.json_types import JsonObject
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import SteerEvent, TranscriptEvent, TransferEvent
from offhook.vocabulary import InjectRole, TransferMode
from streamer.call import commands, events
from streamer.call.conversation.state import fold
from streamer.call.course.transfers import MOST_TRANSFERS
from streamer.call.floor import Floor
from streamer.call.waiting import HOLD_EVERY_MS
from tests.support.calls import ScriptedCall

DESK = "+14155550100"
BEFORE = "One moment please, I am putting you through."
FAILED = "I am sorry, nobody can take your call at the moment."
QUESTION = "Does Monday still suit you?"

_PROMPTED: JsonObject = {
    "nodes": [{"id": "start", "type": "startCall", "data": {"name": "Start", "prompt": "Help."}}],
    "edges": [],
}


def wanted(
    command_id: str = "o1", mode: str = "cold", *, summary: str = "", say: str | None = None
) -> events.TransferRequested:
    return events.TransferRequested(
        command_id=command_id, to=DESK, mode=TransferMode(mode), summary=summary, say=say
    )


def put_through(call: ScriptedCall, event: events.TransferRequested | None = None) -> None:
    """Put the caller through, which must not be refused."""
    event = event or wanted()
    assert call.machine.refusal_of(event) is None
    call.tell(event)


def listening(**more: object) -> ScriptedCall:
    """Return a call whose agent has asked its question."""
    call = ScriptedCall(**more)  # type: ignore[arg-type]
    call.wait_for_silence()
    return call


def dialled(call: ScriptedCall) -> list[commands.Transfer]:
    return [command for command in call.done if isinstance(command, commands.Transfer)]


def states(call: ScriptedCall) -> list[tuple[object, object, object]]:
    return [(told["state"], told["reason"], told.get("command_id")) for told in call.records(TransferEvent)]


def heard(call: ScriptedCall) -> list[tuple[object, object]]:
    return [(said["speaker"], said["text"]) for said in call.records(TranscriptEvent)]


def refusal(call: ScriptedCall, event: events.TransferRequested | None = None) -> str:
    """Return why the caller is not put through; nothing changes then."""
    event = event or wanted()
    refused = call.machine.refusal_of(event)
    assert refused is not None
    before = len(call.done)
    call.tell(event)
    assert len(call.done) == before
    return refused.code


# --- what happens ---


def test_the_caller_hears_that_they_are_put_through_and_then_is() -> None:
    call = listening()
    put_through(call, wanted(summary="{{customer_name}} waits.", mode="warm"))
    assert (call.said[-1], dialled(call)) == (BEFORE, [])
    # The log holds it at once, and never the number.
    assert states(call) == [("started", None, "o1")]
    call.wait_for_silence()
    assert dialled(call) == [
        commands.Transfer(
            number=1, mode=TransferMode.WARM, to=DESK, summary="{{customer_name}} waits.", timeout_seconds=30
        )
    ]
    call.wait(HOLD_EVERY_MS)
    assert call.said[-1].endswith("I am still trying to reach somebody for you.")
    call.tell(events.TransferAnswered())
    call.tell(events.TransferLeft())
    call.tell(events.TransferCompleted())
    assert call.ended.reason is EndReason.TRANSFERRED
    assert states(call) == [(state, None, "o1") for state in ("started", "answered", "completed")]
    assert DESK not in json.dumps([event.to_data() for event in call.appended])


@pytest.mark.parametrize(
    ("language", "say", "said"),
    [
        ("en-US", "Ann takes over. {{x}}", ["Ann takes over.", "{{x}}"]),
        ("en-US", "", []),
        ("de-DE", None, ["Einen Moment bitte, ich verbinde Sie."]),
        ("fi-FI", None, []),
    ],
)
def test_what_is_said_before_is_the_operators_or_the_agents_language(
    language: str, say: str | None, said: list[str]
) -> None:
    call = listening(language=language)
    before = len(call.said)
    put_through(call, wanted(say=say))
    assert call.said[before:] == said
    call.wait_for_silence()
    assert len(dialled(call)) == 1


def test_what_is_asked_for_twice_is_done_once_whoever_has_the_call_then() -> None:
    call = listening()
    put_through(call)
    put_through(call)
    call.wait_for_silence()
    put_through(call)
    call.tell(events.TransferFailed(reason="busy"))
    call.wait_for_silence()
    put_through(call)
    assert states(call) == [("started", None, "o1"), ("failed", "busy", "o1")]
    later = ScriptedCall(state=fold(call.log))
    later.wait_for_silence()
    put_through(later)
    assert (len(dialled(call)), dialled(later), states(later)) == (1, [], [])


# --- on each floor ---


def test_an_agent_that_speaks_ends_its_sentence_and_says_the_rest_to_a_caller_who_stays() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(200)
    put_through(call)
    call.wait_for_silence()
    assert call.did(commands.StopPlayback) == 0
    call.tell(events.TransferFailed(reason="no-answer"))
    call.wait_for_silence()
    assert [text for _, text in heard(call)] == ["Hello there.", BEFORE, FAILED, QUESTION]
    assert call.machine.floor is Floor.SILENT
    call.speak("yes")
    call.wait_for_silence()
    assert call.ended.disposition == "confirmed"


def test_a_caller_who_speaks_is_not_waited_for_and_answered_if_they_stay() -> None:
    call = listening()
    call.sound(600)
    put_through(call)
    assert call.machine.floor is Floor.TRANSFER
    call.recognise("no")
    assert heard(call)[-1] == ("caller", "no")
    call.wait_for_silence()
    call.tell(events.TransferFailed(reason="busy"))
    call.wait_for_silence()
    assert call.said[-2:] == [FAILED, "Which day would suit you better?"]


def test_words_that_wait_for_more_are_written_down_before_the_caller_is_put_through() -> None:
    call = listening()
    call.speak("something else", patiently=False)
    assert call.machine.floor is Floor.THINKING
    put_through(call)
    assert heard(call)[-2:] == [("caller", "something else"), ("agent", BEFORE)]


def test_a_model_that_thinks_is_dropped_and_asked_again_for_a_caller_who_stays() -> None:
    call = listening(workflow=_PROMPTED)
    call.tell(events.ModelText(request=1, text="Hello."))
    call.tell(events.ModelFinished(request=1))
    call.wait_for_silence()
    call.speak("who are you")
    assert call.machine.floor is Floor.THINKING
    put_through(call)
    assert call.did(commands.CancelModel) == 1
    call.wait_for_silence()
    call.tell(events.TransferFailed(reason="busy"))
    (*_, asked) = (command for command in call.done if isinstance(command, commands.AskModel))
    assert call.said[-1] == FAILED
    assert "An operator tried to put the caller through" in asked.facts


def test_a_muted_agent_is_muted_no_more_and_goes_on_with_a_caller_who_stays() -> None:
    call = listening()
    call.tell(events.Steered(mute=True, instructions="Be brief."))
    call.speak("no", patiently=False)
    put_through(call)
    assert call.records(SteerEvent)[-1] | {"offset_ms": 0} == {
        "instructions": "Be brief.",
        "is_muted": False,
        "offset_ms": 0,
    }
    call.wait_for_silence()
    call.tell(events.TransferFailed(reason="busy"))
    call.wait_for_silence()
    assert call.said[-2:] == [FAILED, "Which day would suit you better?"]
    assert call.machine.floor is Floor.SILENT


def test_what_an_operator_wants_said_is_said_before() -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(200)
    said = events.Injected(inject_id="i1", role=InjectRole.ASSISTANT, text="This is Ann. I listen.")
    call.tell(said)
    put_through(call)
    call.wait_for_silence()
    assert [text for _, text in heard(call)] == ["Hello there.", "This is Ann.", "I listen.", BEFORE]


def test_while_a_transfer_is_under_way_there_is_no_other() -> None:
    call = listening()
    put_through(call)
    assert refusal(call, wanted("o2")) == "transfer-under-way"
    call.wait_for_silence()
    assert refusal(call, wanted("o2")) == "transfer-under-way"
    call.tell(events.TransferLeft())
    assert refusal(call, wanted("o2")) == "away"


def test_nobody_is_put_through_from_a_machine_or_during_last_words() -> None:
    machine = ScriptedCall(
        is_outbound=True, answered_by={"voicemail": {"action": "leave_message", "message": "Call us."}}
    )
    machine.speak("please leave a message after the tone", 3000)
    assert (machine.machine.floor, refusal(machine)) == (Floor.MACHINE, "machine")
    fetching = ScriptedCall(
        is_outbound=True, answered_by={"screening": {"action": "introduce", "message": "It is us."}}
    )
    fetching.speak("please say your name", 1500)
    fetching.wait(2000)
    assert (fetching.machine.floor, refusal(fetching)) == (Floor.CONNECTING, "machine")
    ending = listening()
    ending.speak("yes")
    assert (ending.machine.floor, refusal(ending)) == (Floor.ENDING, "ending")


def test_one_call_puts_through_ten_times_at_most() -> None:
    call = listening()
    for number in range(MOST_TRANSFERS):
        put_through(call, wanted(f"o{number}"))
        call.wait_for_silence()
        call.tell(events.TransferFailed(reason="busy"))
        call.wait_for_silence()
    assert refusal(call, wanted("o99")) == "too-many-transfers"


def test_what_no_voice_can_say_is_refused() -> None:
    assert refusal_code_of("***") == "nothing-to-say"


def refusal_code_of(say: str) -> str:
    refused = listening().machine.refusal_of(wanted(say=say))
    assert refused is not None
    return refused.code


def test_a_call_that_ends_while_that_is_said_dials_nobody() -> None:
    call = listening()
    put_through(call)
    call.tell(events.EndRequested(reason=EndReason.OPERATOR))
    assert states(call)[-1] == ("failed", "call-ended", "o1")
    assert (dialled(call), call.did(commands.CancelTransfer)) == ([], 0)


# --- another process goes on ---


@pytest.mark.parametrize("is_dialled", [False, True])
def test_whoever_goes_on_tells_a_caller_who_stays_and_says_nothing_twice(is_dialled: bool) -> None:
    call = ScriptedCall(sounds_in_turn=True)
    call.wait(200)
    put_through(call)
    if is_dialled:
        call.wait_for_silence()
    later = ScriptedCall(state=fold(call.log))
    later.wait_for_silence()
    assert states(later) == [("failed", "interrupted", "o1")]
    rest = [QUESTION] if is_dialled else ["Hello there.", QUESTION]
    assert later.said == [FAILED, *rest]
    later.speak("yes")
    later.wait_for_silence()
    assert later.ended.disposition == "confirmed"


def test_whoever_goes_on_answers_what_the_caller_had_said() -> None:
    call = listening()
    call.sound(600)
    put_through(call)
    call.recognise("no")
    call.wait_for_silence()
    later = ScriptedCall(state=fold(call.log))
    assert later.said == [FAILED, "Which day would suit you better?"]


def test_whoever_goes_on_with_a_caller_who_had_nothing_to_answer_asks_again() -> None:
    call = listening()
    put_through(call)
    call.wait_for_silence()
    later = ScriptedCall(state=fold(call.log))
    assert later.said == [FAILED, QUESTION]
    assert later.machine.floor is Floor.AGENT
