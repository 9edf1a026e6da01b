"""Transfers, as the call machine sees them: what is said, waited for and recorded, and how a call goes on without."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import NodeEvent, TransferEvent
from offhook.workflows import TransferMode
from streamer.call import commands, events
from streamer.call.conversation.state import ConversationState, fold
from streamer.call.floor import Floor
from streamer.call.waiting import HOLD_EVERY_MS
from tests.support.calls import ScriptedCall

DESK = "+14155550100"
AT = datetime(2026, 3, 2, tzinfo=UTC)


def desk(mode: str = "cold", **transfer: Any) -> Any:
    """Return a workflow in which `yes` leads to a transfer that has a way on when it fails."""
    document = final(mode, **transfer)
    document["nodes"][1]["type"] = "agentNode"
    document["nodes"].append(
        {"id": "message", "type": "agentNode", "data": {"name": "Message", "say": "May I take a message?"}}
    )
    document["edges"].append(
        {"id": "alone", "source": "desk", "target": "message", "data": {"when": "transfer_failed"}}
    )
    return document


def final(mode: str = "cold", **transfer: Any) -> Any:
    """Return a workflow in which `yes` leads to a transfer that ends the call."""
    wanted = {
        "to": DESK,
        "mode": mode,
        "message": "I am putting you through.",
        "failed_say": "Nobody is there.",
    }
    return {
        "nodes": [
            {"id": "greet", "type": "startCall", "data": {"name": "Greet", "say": "Hello. Shall I?"}},
            {"id": "desk", "type": "endCall", "data": {"name": "Desk", "transfer": wanted | transfer}},
        ],
        "edges": [{"id": "yes", "source": "greet", "target": "desk", "data": {"phrases": ["yes"]}}],
    }


def asking(workflow: Any, **more: Any) -> ScriptedCall:
    """Return a call whose caller has just asked to be put through."""
    call = ScriptedCall(workflow, **more)
    call.wait_for_silence()
    call.speak("yes")
    return call


def waiting(workflow: Any, **more: Any) -> ScriptedCall:
    """Return a call whose transfer was just ordered."""
    call = asking(workflow, **more)
    call.wait_for_silence()
    return call


def ordered(call: ScriptedCall) -> commands.Transfer:
    (transfer,) = (command for command in call.done if isinstance(command, commands.Transfer))
    return transfer


def states(call: ScriptedCall) -> list[tuple[object, object]]:
    return [(data["state"], data["reason"]) for data in call.records(TransferEvent)]


def log_of(call: ScriptedCall) -> list[LogEntry]:
    return call.log


def test_the_message_is_heard_before_the_transfer_is_ordered() -> None:
    call = asking(final())
    assert call.said[-1] == "I am putting you through."
    assert call.did(commands.Transfer) == 0
    call.wait_for_silence()
    assert ordered(call) == commands.Transfer(
        number=1, mode=TransferMode.COLD, to=DESK, summary="", timeout_seconds=30
    )
    assert states(call) == [("started", None)]


def test_destination_and_summary_are_templates() -> None:
    call = waiting(
        desk("warm", to="{{desk | +14155550199}}", summary="{{name}} is on the line."),
        context={"name": "Ada", "desk": "+14155550177"},
    )
    assert (ordered(call).to, ordered(call).summary) == ("+14155550177", "Ada is on the line.")
    assert "4155550177" not in json.dumps(call.records(TransferEvent))


def test_a_caller_who_talks_over_the_message_does_not_stop_it() -> None:
    call = asking(desk())
    call.sound(600)
    call.wait_for_silence()
    assert call.did(commands.StopPlayback) == 0
    assert call.did(commands.Transfer) == 1


def test_a_caller_who_is_put_through_ends_the_call_as_transferred() -> None:
    call = waiting(final())
    call.tell(events.TransferLeft())
    assert call.machine.is_away
    call.tell(events.TransferCompleted())
    assert call.machine.has_ended
    assert (call.ended.reason, call.ended.disposition) == (EndReason.TRANSFERRED, "transferred")
    assert states(call) == [("started", None), ("completed", None)]
    assert call.did(commands.HangUp) == 0


def test_the_node_may_name_the_disposition_of_a_transfer() -> None:
    workflow = final()
    workflow["nodes"][1]["data"]["disposition"] = "to_sales"
    call = waiting(workflow)
    call.tell(events.TransferLeft())
    call.tell(events.TransferCompleted())
    assert call.ended.disposition == "to_sales"


def test_a_stream_that_ends_before_the_switch_is_answered_is_not_a_hang_up() -> None:
    call = waiting(final())
    call.tell(events.CallerGone())
    assert not call.machine.has_ended
    call.tell(events.TransferLeft())
    call.tell(events.TransferCompleted())
    assert call.ended.disposition == "transferred"


def test_a_stream_that_ends_as_the_switch_is_refused_was_a_hang_up() -> None:
    call = waiting(final())
    call.tell(events.CallerGone())
    call.tell(events.TransferFailed(reason="call-gone"))
    assert call.ended.reason is EndReason.CALLER
    assert states(call)[-1] == ("failed", "caller-left")


def test_a_refused_transfer_is_told_and_the_conversation_goes_on_by_the_failed_edge() -> None:
    call = waiting(desk())
    call.tell(events.TransferFailed(reason="carrier-refused"))
    assert call.said[-2:] == ["Nobody is there.", "May I take a message?"]
    assert states(call) == [("started", None), ("failed", "carrier-refused")]
    assert call.records(NodeEvent)[-1]["reason"] == "transfer_failed"
    call.wait_for_silence()
    assert call.machine.floor is Floor.SILENT


def test_a_refused_transfer_without_a_way_on_ends_the_call() -> None:
    call = waiting(final())
    call.tell(events.TransferFailed(reason="destination-not-allowed"))
    assert call.said[-1] == "Nobody is there."
    call.wait_for_silence()
    assert (call.ended.reason, call.ended.disposition) == (EndReason.AGENT, "transfer_failed")
    assert call.did(commands.HangUp) == 1


def test_a_caller_who_waits_is_told_so_until_the_other_person_comes() -> None:
    call = waiting(desk("warm", hold_say="Please hold."))
    for times in (1, 2):
        call.wait(HOLD_EVERY_MS + 100)
        call.wait_for_silence()
        assert call.said.count("Please hold.") == times
    call.sound(1000)
    assert call.did(commands.StopPlayback) == 0
    call.tell(events.TransferAnswered())
    call.wait(3 * HOLD_EVERY_MS)
    assert call.said.count("Please hold.") == 2
    call.tell(events.TransferLeft())
    call.tell(events.TransferCompleted())
    assert states(call) == [("started", None), ("answered", None), ("completed", None)]


def test_nothing_is_said_to_a_caller_who_waits_where_there_are_no_words() -> None:
    call = waiting(desk("warm", hold_say=""))
    before = len(call.said)
    call.wait(5 * HOLD_EVERY_MS)
    assert len(call.said) == before
    assert not call.machine.has_ended


@pytest.mark.parametrize("gone", [events.CallerGone(), events.EndRequested(reason=EndReason.OPERATOR)])
def test_the_other_person_is_let_go_when_the_call_ends_meanwhile(gone: events.Event) -> None:
    call = waiting(desk("warm"))
    call.tell(gone)
    assert call.machine.has_ended
    assert call.did(commands.CancelTransfer) == 1
    assert states(call)[-1][0] == "failed"


def test_a_wait_has_an_end_like_every_call() -> None:
    call = waiting(desk("warm"), max_call_duration_seconds=60, max_duration_goodbye="Time is up.")
    call.wait(60_000)
    assert call.did(commands.CancelTransfer) == 1
    assert call.said[-1] == "Time is up."
    call.wait_for_silence()
    assert call.ended.disposition == "max_duration"


def test_a_process_that_stops_leaves_a_caller_who_is_away_alone() -> None:
    call = waiting(final())
    call.tell(events.TransferLeft())
    call.tell(events.EndRequested(reason=EndReason.DRAINED))
    assert call.ended.reason is EndReason.TRANSFERRED
    assert call.did(commands.HangUp) == 0


def test_a_caller_who_hangs_up_while_away_has_left() -> None:
    call = waiting(final())
    call.tell(events.TransferLeft())
    call.tell(events.CallerGone())
    assert call.ended.reason is EndReason.CALLER
    assert states(call)[-1] == ("failed", "caller-left")


def test_a_caller_who_comes_back_hears_that_nobody_was_there() -> None:
    call = waiting(desk())
    call.tell(events.TransferLeft())
    state = fold(log_of(call))
    state.transfer_reason = "busy"
    resumed = ScriptedCall(desk(), state=state)
    assert resumed.said == ["Nobody is there.", "May I take a message?"]
    assert states(resumed) == [("failed", "busy")]
    assert fold([*log_of(call), *log_of(resumed)]).transfer is None


def test_a_caller_who_comes_back_to_a_final_transfer_is_told_and_hung_up() -> None:
    call = waiting(final())
    call.tell(events.TransferLeft())
    resumed = ScriptedCall(final(), state=fold(log_of(call)))
    resumed.wait_for_silence()
    assert resumed.said == ["Nobody is there."]
    assert resumed.ended.disposition == "transfer_failed"


def test_the_next_transfer_of_a_run_has_the_next_number() -> None:
    state = ConversationState(node_id="desk", transfers=2)
    call = ScriptedCall(desk(), state=state)
    call.wait_for_silence()
    assert ordered(call).number == 3
    assert call.records(TransferEvent)[0]["transfer_id"] == "t3"


def test_a_call_taken_over_during_the_message_says_it_again_and_transfers() -> None:
    call = asking(desk())
    call.wait(100)
    resumed = ScriptedCall(desk(), state=fold(log_of(call)))
    assert resumed.said == ["I am putting you through."]
    resumed.wait_for_silence()
    assert resumed.did(commands.Transfer) == 1


def test_edges_of_happenings_are_not_offered_to_a_model() -> None:
    workflow = desk()
    workflow["nodes"][0]["data"] = {
        "name": "Greet",
        "prompt": "Greet.",
        "gather": {"variable": "account"},
    }
    workflow["edges"].append(
        {"id": "keys", "source": "greet", "target": "message", "data": {"when": "digits_gathered"}}
    )
    call = ScriptedCall(workflow)
    (question,) = (command for command in call.done if isinstance(command, commands.AskModel))
    assert [tool.name for tool in question.tools] == ["yes"]
