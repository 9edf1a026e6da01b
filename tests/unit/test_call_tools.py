"""Calls whose model calls tools: what is sent, said and told, in which order, and what can't be called at all."""

from typing import Any

import pytest

from offhook.json_types import JsonObject
from offhook.models.requests import ChatLine, ToolOutcome, ToolUse
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import (
    ErrorEvent,
    NodeEvent,
    ToolCallEvent,
    ToolResultEvent,
    TransferEvent,
)
from streamer.call import commands, events
from streamer.call.conversation.state import fold
from streamer.call.course.tool_rounds import MOST_ROUNDS
from streamer.call.floor import Floor
from streamer.call.offered_tools import OfferedTool, ToolKind
from tests.support.calls import ScriptedCall, texts

DESK: JsonObject = {
    "nodes": [
        {"id": "desk", "type": "startCall", "data": {"name": "Desk", "say": "Hello.", "prompt": "Book."}},
        {"id": "more", "type": "agentNode", "data": {"name": "More", "prompt": "Ask for more."}},
        {"id": "bye", "type": "endCall", "data": {"name": "Bye", "say": "Goodbye."}},
    ],
    "edges": [
        {
            "id": "e1",
            "source": "desk",
            "target": "more",
            "data": {"label": "Booked", "condition": "It is booked"},
        },
        {"id": "e2", "source": "desk", "target": "bye", "data": {"phrases": ["goodbye"], "dtmf": "1"}},
        {
            "id": "e3",
            "source": "more",
            "target": "bye",
            "data": {"label": "Done", "condition": "All is said"},
        },
    ],
}
SLOTS = OfferedTool(
    uuid="t1",
    name="free_slots",
    description="Find free slots.",
    parameters={"type": "object", "properties": {"day": {"type": "string"}}, "required": ["day"]},
    message="Let me look.",
    timeout_seconds=10,
)
BOOK = OfferedTool(uuid="t2", name="book", description="Book a slot.", is_idempotent=True)
LEAVE = OfferedTool(
    uuid="t3", name="hang_up", description="End it.", kind=ToolKind.END_CALL, message="Until then."
)
DOCTOR = OfferedTool(
    uuid="t4",
    name="doctor",
    description="Put through to the doctor.",
    kind=ToolKind.TRANSFER,
    destination="+14155550100",
    message="I am putting you through.",
)
TOOLS = {"desk": (SLOTS, BOOK, LEAVE, DOCTOR)}


class Desk:
    """A call whose caller has said something to a model with tools."""

    def __init__(self, words: str = "is tuesday free", **options: Any) -> None:
        self.call = ScriptedCall(DESK, tools=TOOLS, **options)
        self.call.wait_for_silence()
        self.call.speak(words)

    @property
    def request(self) -> int:
        return self.asked.request

    @property
    def asked(self) -> commands.AskModel:
        return [c for c in self.call.done if isinstance(c, commands.AskModel)][-1]

    @property
    def sent(self) -> list[commands.CallTool]:
        return [c for order in self.call.done if isinstance(order, commands.CallTools) for c in order.calls]

    @property
    def nodes(self) -> list[object]:
        return [node["to"] for node in self.call.records(NodeEvent)]

    def chooses(self, *tools: str, arguments: JsonObject | None = None, text: str = "") -> None:
        """Let the model say and choose something, and be done."""
        request = self.request
        if text:
            self.call.tell(events.ModelText(request=request, text=text))
        for tool in tools:
            given: JsonObject = {"day": "tuesday"} if arguments is None else arguments
            self.call.tell(events.ModelChose(request=request, tool=tool, arguments=given))
        self.call.tell(events.ModelFinished(request=request))

    def says(self, text: str) -> None:
        self.chooses(text=text)

    def answers(self, text: str = "nine, ten", call: int = -1, **fields: Any) -> None:
        self.call.tell(events.ToolAnswered(call_id=self.sent[call].call_id, text=text, **fields))


def test_a_tool_is_called_while_its_message_is_said_and_the_model_asked_with_its_answer() -> None:
    desk = Desk()
    desk.chooses("free_slots")
    assert desk.call.said[-1] == "Let me look."
    (sent,) = desk.sent
    assert (sent.tool, sent.arguments) == (SLOTS, {"day": "tuesday"})
    before = desk.request
    desk.answers("nine and ten")

    assert desk.request == before + 1
    assert desk.asked.lines[-2:] == (
        ToolUse(call_id=sent.call_id, name="free_slots", arguments={"day": "tuesday"}),
        ToolOutcome(call_id=sent.call_id, text="nine and ten"),
    )
    assert texts(desk.asked.lines) == ["Hello.", "is tuesday free", "Let me look."]
    desk.says("Nine or ten.")
    desk.call.wait_for_silence()
    assert desk.call.said[-1] == "Nine or ten."
    assert desk.call.machine.floor is Floor.SILENT


def test_the_call_stands_in_the_log_before_it_is_sent_and_its_answer_after() -> None:
    desk = Desk()
    desk.chooses("free_slots")
    order = [
        type(c.event) if isinstance(c, commands.Append) else type(c)
        for c in desk.call.done
        if isinstance(c, commands.CallTools)
        or (isinstance(c, commands.Append) and isinstance(c.event, ToolCallEvent))
    ]
    assert order == [ToolCallEvent, commands.CallTools]
    desk.answers("nine", duration_ms=120)
    (result,) = desk.call.records(ToolResultEvent)
    assert result == {"call_id": desk.sent[0].call_id, "status": "ok", "result": "nine", "duration_ms": 120}


def test_what_the_model_says_before_it_calls_a_tool_is_said_in_the_place_of_its_message() -> None:
    desk = Desk()
    desk.chooses("free_slots", text="I am looking.")
    assert desk.call.said[1:] == ["I am looking."]


def test_tools_of_one_reply_run_side_by_side_and_an_edge_counts_only_after_their_answers() -> None:
    desk = Desk()
    before = desk.request
    desk.chooses("free_slots", "book", "booked")
    assert [sent.tool.name for sent in desk.sent] == ["free_slots", "book"]
    desk.answers(call=1)
    assert (desk.request, desk.nodes) == (before, ["desk"])
    desk.answers(call=0)
    assert (desk.request, desk.nodes) == (before + 1, ["desk"])
    desk.chooses("booked")
    assert desk.nodes == ["desk", "more"]


def test_an_edge_leaves_no_tool_behind_but_what_it_has_answered() -> None:
    desk = Desk()
    desk.chooses("free_slots")
    desk.answers("nine and ten")
    desk.chooses("booked")
    assert all(isinstance(line, ChatLine) for line in desk.asked.lines)
    assert "free_slots: nine and ten" in desk.asked.facts
    assert "nine and ten" not in desk.asked.system


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("free_slots", {}, "must have `day`"),
        ("free_slots", {"day": 4}, "must be of type"),
        ("free_slots", {"day": "x" * 5000}, "characters at most"),
        ("wipe_everything", {}, "no such tool"),
    ],
)
def test_what_is_not_offered_or_does_not_fit_is_never_sent_and_the_model_is_told(
    tool: str, arguments: JsonObject, told: str
) -> None:
    desk = Desk()
    before = desk.request
    desk.chooses(tool, arguments=arguments)
    assert desk.sent == []
    assert desk.request == before + 1
    outcome = desk.asked.lines[-1]
    assert isinstance(outcome, ToolOutcome)
    assert outcome.is_error
    assert told in outcome.text
    assert [result["status"] for result in desk.call.records(ToolResultEvent)] == ["refused"]


def test_a_model_that_only_calls_tools_is_stopped_and_the_caller_hears_a_sentence() -> None:
    desk = Desk()
    for _ in range(MOST_ROUNDS):
        desk.chooses("book")
        desk.answers()
    assert len(desk.sent) == MOST_ROUNDS
    desk.chooses("book")
    assert len(desk.sent) == MOST_ROUNDS
    assert desk.call.said[-1].startswith("Could you say it again")
    desk.call.wait_for_silence()
    assert desk.call.machine.floor is Floor.SILENT


def test_the_end_is_a_tool_too() -> None:
    desk = Desk()
    desk.chooses("hang_up", arguments={})
    desk.call.wait_for_silence()
    desk.call.wait(1000)
    assert desk.call.said[-1] == "Until then."
    assert desk.call.ended.reason is EndReason.AGENT


def test_the_model_puts_a_caller_through_to_the_tools_own_number_whatever_it_says() -> None:
    desk = Desk()
    desk.chooses("doctor", arguments={"destination": "+19005550199", "to": "+19005550199"})
    desk.call.wait_for_silence()
    (transfer,) = [c for c in desk.call.done if isinstance(c, commands.Transfer)]
    assert transfer.to == "+14155550100"
    assert desk.call.said[-1] == "I am putting you through."


def test_a_transfer_that_fails_is_told_to_the_model_which_goes_on() -> None:
    desk = Desk()
    desk.chooses("doctor", arguments={})
    desk.call.wait_for_silence()
    before = desk.request
    desk.call.tell(events.TransferFailed(reason="busy"))
    assert desk.request == before + 1
    outcome = desk.asked.lines[-1]
    assert isinstance(outcome, ToolOutcome)
    assert "Nobody could be reached" in outcome.text
    desk.says("Nobody is there.")
    desk.call.wait_for_silence()
    assert desk.call.machine.floor is Floor.SILENT


def test_a_caller_who_comes_back_from_a_transfer_that_the_model_asked_for_is_talked_to_by_it() -> None:
    desk = Desk()
    desk.chooses("doctor", arguments={})
    desk.call.wait_for_silence()
    desk.call.tell(events.TransferLeft())

    again = ScriptedCall(DESK, tools=TOOLS, state=fold(desk.call.log))
    assert [told["state"] for told in again.records(TransferEvent)] == ["failed"]
    assert [told["status"] for told in again.records(ToolResultEvent)] == ["failed"]
    (asked,) = [c for c in again.done if isinstance(c, commands.AskModel)]
    assert isinstance(asked.lines[-1], ToolOutcome | ChatLine)
    assert any(isinstance(line, ToolOutcome) for line in asked.lines)


def test_a_caller_who_speaks_while_a_tool_runs_is_answered_with_what_it_says() -> None:
    desk = Desk()
    desk.chooses("free_slots")
    before = desk.request
    desk.call.wait_for_silence()
    desk.call.speak("and be quick")
    assert desk.request == before
    desk.answers("nine")
    assert desk.request == before + 1
    assert texts(desk.asked.lines)[-1] == "and be quick"
    assert [type(line).__name__ for line in desk.asked.lines[-3:]] == [
        "ToolUse",
        "ToolOutcome",
        "ChatLine",
    ]


def test_a_barge_in_cancels_no_tool_and_its_answer_is_in_the_next_question() -> None:
    desk = Desk()
    desk.chooses("free_slots")
    desk.call.sound(1200)
    desk.answers("nine")
    desk.call.recognise_next("never mind it")
    desk.call.wait(600)
    assert any(isinstance(line, ToolOutcome) for line in desk.asked.lines)
    assert texts(desk.asked.lines)[-1] == "never mind it"


def test_a_cough_while_a_tool_runs_loses_nothing() -> None:
    desk = Desk()
    desk.chooses("free_slots")
    desk.call.wait_for_silence()
    before = desk.request
    desk.call.sound(100)
    desk.call.wait(1000)
    desk.answers("nine")
    assert desk.request == before + 1


def test_a_phrase_leads_on_while_a_tool_runs_and_its_answer_is_kept_for_later() -> None:
    desk = Desk()
    desk.chooses("free_slots")
    desk.call.wait_for_silence()
    desk.call.speak("goodbye")
    assert desk.call.said[-1] == "Goodbye."
    before = desk.request
    desk.answers("nine")
    assert desk.request == before
    assert [result["result"] for result in desk.call.records(ToolResultEvent)] == ["nine"]


def test_a_caller_who_waits_for_a_tool_is_told_so_and_one_that_never_answers_is_given_up() -> None:
    desk = Desk()
    desk.chooses("free_slots")
    desk.call.wait_for_silence()
    desk.call.wait(8100)
    assert desk.call.said[-1].startswith("One moment")
    before = desk.request
    desk.call.wait(8000)
    assert desk.request == before + 1
    assert [told["status"] for told in desk.call.records(ToolResultEvent)] == ["unknown"]
    desk.answers("late")
    assert len(desk.call.records(ToolResultEvent)) == 1


def test_a_caller_who_waits_for_a_tool_without_a_word_costs_no_more_than_any() -> None:
    desk = Desk(tool_wait="")
    desk.chooses("free_slots")
    desk.call.wait_for_silence()
    desk.call.wait(8100)
    assert desk.call.machine.hear(False) == ()
    desk.answers()
    assert texts(desk.asked.lines)[-1] == "Let me look."


def test_a_tool_that_is_chosen_ahead_runs_only_when_the_turn_is_over() -> None:
    call = ScriptedCall(DESK, tools=TOOLS)
    call.wait_for_silence()
    call.sound(600)
    call.wait(200)
    call.recognise("is tuesday free")
    assert call.did(commands.AskModel) == 1
    call.tell(events.ModelChose(request=1, tool="free_slots", arguments={"day": "tuesday"}))
    call.tell(events.ModelFinished(request=1))
    assert call.did(commands.CallTools) == 0
    assert [c.text for c in call.done if isinstance(c, commands.Prepare)] == ["Let me look."]
    call.wait(300)
    assert call.did(commands.CallTools) == call.did(commands.AskModel) == 1


def test_a_tool_that_is_chosen_ahead_does_not_run_when_the_caller_goes_on() -> None:
    call = ScriptedCall(DESK, tools=TOOLS)
    call.wait_for_silence()
    call.sound(600)
    call.wait(200)
    call.recognise("is tuesday free")
    call.tell(events.ModelChose(request=1, tool="free_slots", arguments={"day": "tuesday"}))
    call.tell(events.ModelFinished(request=1))
    call.sound(600)
    call.wait(200)
    call.recognise("or wednesday")
    call.wait(300)
    assert call.did(commands.CallTools) == 0


@pytest.mark.parametrize(("tool", "repeated"), [("free_slots", False), ("book", True)])
def test_who_takes_over_repeats_only_what_is_idempotent(tool: str, repeated: bool) -> None:
    desk = Desk()
    desk.chooses(tool)
    again = ScriptedCall(DESK, tools=TOOLS, state=fold(desk.call.log))
    sent = [c for order in again.done if isinstance(order, commands.CallTools) for c in order.calls]
    assert [(call.call_id, call.is_repeated) for call in sent] == (
        [(desk.sent[0].call_id, True)] if repeated else []
    )
    results = [told["status"] for told in again.records(ToolResultEvent)]
    assert results == ([] if repeated else ["unknown"])
    if repeated:
        again.tell(events.ToolAnswered(call_id=sent[0].call_id, text="done"))
    asked = [c for c in again.done if isinstance(c, commands.AskModel)]
    assert len(asked) == 1
    assert any(isinstance(line, ToolOutcome) for line in asked[0].lines)


def test_the_names_of_calls_go_on_after_a_takeover() -> None:
    desk = Desk()
    desk.chooses("book")
    desk.answers()
    again = ScriptedCall(DESK, tools=TOOLS, state=fold(desk.call.log))
    (asked,) = [c for c in again.done if isinstance(c, commands.AskModel)]
    again.tell(events.ModelChose(request=asked.request, tool="book"))
    again.tell(events.ModelFinished(request=asked.request))
    (call,) = again.records(ToolCallEvent)
    assert call["call_id"] != desk.sent[0].call_id


def test_one_failure_of_the_model_ends_no_call_and_three_in_a_row_do() -> None:
    desk = Desk()
    for failure in range(1, 4):
        assert not desk.call.machine.has_ended
        desk.call.tell(events.EngineFailed(engine="model", code="model-failed"))
        desk.call.wait_for_silence()
        errors = desk.call.records(ErrorEvent)
        assert [error["recoverable"] for error in errors] == [True, True, False][:failure]
        if failure < 3:
            assert desk.call.machine.floor is Floor.SILENT
            desk.call.speak("is tuesday free")
    desk.call.wait(1000)
    assert desk.call.ended.reason is EndReason.ERROR


def test_an_answer_makes_failures_begin_anew() -> None:
    desk = Desk()
    for _ in range(4):
        desk.call.tell(events.EngineFailed(engine="model", code="model-failed"))
        desk.call.wait_for_silence()
        desk.call.speak("is tuesday free")
        desk.says("It is.")
        desk.call.wait_for_silence()
        desk.call.speak("and wednesday")
    assert not desk.call.machine.has_ended


def test_a_reply_that_breaks_off_after_a_sentence_stands() -> None:
    desk = Desk()
    desk.call.tell(events.ModelText(request=desk.request, text="It is free."))
    desk.call.tell(events.EngineFailed(engine="model", code="model-failed"))
    desk.call.wait_for_silence()
    assert desk.call.said[1:] == ["It is free."]
    assert desk.call.machine.floor is Floor.SILENT


def test_an_end_whose_model_fails_or_is_silent_says_goodbye_and_hangs_up() -> None:
    workflow: JsonObject = {
        "nodes": [
            {"id": "a", "type": "startCall", "data": {"name": "A", "say": "Hello."}},
            {"id": "z", "type": "endCall", "data": {"name": "Z", "prompt": "Say goodbye."}},
        ],
        "edges": [{"id": "e", "source": "a", "target": "z", "data": {"phrases": ["yes"]}}],
    }
    for failure in (
        events.EngineFailed(engine="model", code="model-failed"),
        events.ModelFinished(request=1),
        None,
    ):
        call = ScriptedCall(workflow)
        call.wait_for_silence()
        call.speak("yes")
        if failure is not None:
            call.tell(failure)
        else:
            call.wait(9000)
        call.wait_for_silence()
        call.wait(1000)
        assert call.said[1:] == ["Thank you for your time.", "Goodbye."]
        assert call.ended.reason is EndReason.AGENT
