"""Whatever a model answers, and whatever happens meanwhile: no call is left without an end, or in silence."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject
from offhook.models.requests import ChatLine, ToolOutcome, ToolUse
from offhook.runs.log.events import (
    CorrectionEvent,
    HandoffEvent,
    InjectEvent,
    ToolCallEvent,
    ToolResultEvent,
    TranscriptEvent,
)
from offhook.workflows import Phrasebook, parse_workflow
from streamer.call import commands, events
from streamer.call.conversation.state import fold
from streamer.call.course.tool_rounds import MOST_AT_ONCE, MOST_ROUNDS
from streamer.call.course.turns import CHUNK_MS
from streamer.call.floor import Floor
from streamer.call.offered_tools import OfferedTool, ToolKind
from streamer.call.successor import Successor
from tests.support.calls import OPERATOR, ScriptedCall

_WORKFLOW: JsonObject = {
    "nodes": [
        {"id": "start", "type": "startCall", "data": {"name": "Start", "prompt": "Greet."}},
        {
            "id": "book",
            "type": "agentNode",
            "data": {"name": "Book", "prompt": "Book.", "extraction_variables": [{"name": "day"}]},
        },
        {
            "id": "on",
            "type": "handoff",
            "data": {"name": "On", "say": "Hold on.", "handoff": {"agent_uuid": "b"}},
        },
        {"id": "bye", "type": "endCall", "data": {"name": "Bye", "prompt": "Say goodbye."}},
        {"id": "rules", "type": "globalNode", "data": {"name": "Rules", "prompt": "Be brief."}},
    ],
    "edges": [
        {"id": "e1", "source": "start", "target": "book", "data": {"label": "Book", "condition": "Wants to"}},
        {
            "id": "e2",
            "source": "book",
            "target": "bye",
            "data": {
                "label": "Done",
                "condition": "All is said",
                "dtmf": "1",
                "transition_speech": "One moment.",
            },
        },
        {"id": "e3", "source": "book", "target": "book", "data": {"phrases": ["go back"]}},
        {"id": "e4", "source": "book", "target": "on", "data": {"phrases": ["yes please"], "dtmf": "2"}},
        {"id": "e5", "source": "on", "target": "book", "data": {"when": "handoff_failed"}},
    ],
}
_TOOLS = {
    node: (
        OfferedTool(uuid="a", name="look", description="Look.", message="Looking.", timeout_seconds=5),
        OfferedTool(uuid="b", name="note", description="Note.", is_idempotent=True, timeout_seconds=20),
        OfferedTool(uuid="c", name="quit", description="End.", kind=ToolKind.END_CALL),
        OfferedTool(uuid="d", name="give", description="On.", kind=ToolKind.HANDOFF, destination="b"),
    )
    for node in ("start", "book")
}

_SECOND = Successor(
    agent_uuid="b",
    name="Second",
    version=7,
    workflow=parse_workflow(_WORKFLOW),
    settings=AgentSettings(max_call_duration_seconds=120),
    phrasebook=Phrasebook(parse_workflow(_WORKFLOW)),
    tools=_TOOLS,
)

_CHOICES = st.sampled_from(["book", "done", "look", "note", "quit", "give", "nonsense", ""])
_REPLY = st.one_of(
    st.builds(lambda text: events.ModelText(request=0, text=text), st.sampled_from(["Well.", "**", "Yes!"])),
    st.builds(
        lambda tool, arguments: events.ModelChose(request=0, tool=tool, arguments=arguments),
        _CHOICES,
        st.sampled_from([None, {}, {"x": "y" * 5000}]),
    ),
    st.just(events.ModelFinished(request=0)),
    st.just(events.EngineFailed(engine="model", code="model-failed")),
)
_OTHER = st.one_of(
    st.builds(lambda n: events.ToolAnswered(call_id=f"call{n:05d}", text="Yes."), st.integers(1, 6)),
    st.builds(events.Recognised, text=st.sampled_from(["yes please", "go back", ""])),
    st.builds(events.SegmentFailed, segment_id=st.sampled_from(["s1", "s2", "s3"])),
    st.builds(events.KeyPressed, key=st.sampled_from("12")),
    st.builds(
        events.HandoffReady, successor=st.just(_SECOND), from_agent=st.just("First"), hears_anew=st.booleans()
    ),
    st.just(events.HandoffFailed(reason="agent-archived")),
    st.just(events.Extracted(node_id="book", values={"day": "monday"})),
    st.tuples(st.booleans(), st.integers(1, 120)),
    OPERATOR,
)
_STEPS = st.lists(st.one_of(_REPLY, _REPLY, _OTHER), max_size=40)
_Step = events.Event | tuple[bool, int]

# Ten seconds until a silent caller is asked, and what a model may take before that.
_MOST_SILENCE_MS = 16_000
_MOST_RINGING_MS = 5000


def _play(call: ScriptedCall, steps: list[_Step]) -> None:
    for step in steps:
        asked = [c.request for c in call.done if isinstance(c, commands.AskModel)]
        if isinstance(step, tuple):
            call.sound(step[1] * CHUNK_MS) if step[0] else call.wait(step[1] * CHUNK_MS)
        elif isinstance(step, events.ModelText):
            call.tell(events.ModelText(request=asked[-1], text=step.text))
        elif isinstance(step, events.ModelChose):
            call.tell(events.ModelChose(request=asked[-1], tool=step.tool, arguments=step.arguments))
        elif isinstance(step, events.ModelFinished):
            call.tell(events.ModelFinished(request=asked[-1]))
        elif not isinstance(step, events.OperatorEvent) or call.machine.refusal_of(step) is None:
            call.tell(step)


def _leave_alone(call: ScriptedCall) -> None:
    """Let nothing happen any more but time, and nobody answer; of a transfer the line always tells what has become."""
    silent_ms, seen, failed = 0, len(call.timed), 0
    for _ in range(400_000 // CHUNK_MS):
        if call.machine.has_ended:
            return
        call.wait(CHUNK_MS)
        latest, seen = call.timed[seen:], len(call.timed)
        is_heard = call.is_speaking or any(isinstance(command, commands.Say) for _, command in latest)
        # An operator may keep the agent silent, and for no longer than they are there.
        is_heard = is_heard or call.machine.floor is Floor.MUTED
        silent_ms = 0 if is_heard else silent_ms + CHUNK_MS
        if silent_ms > _MOST_RINGING_MS and call.did(commands.Transfer) > failed:
            failed = call.did(commands.Transfer)
            call.tell(events.TransferFailed(reason="no-answer"))
        assert silent_ms <= _MOST_SILENCE_MS, f"silence on the floor {call.machine.floor}"
    raise AssertionError(f"The call is still {call.machine.floor}.")


@pytest.mark.fuzz
@given(_STEPS)
def test_any_replies_among_any_events_leave_a_call_that_speaks_and_ends(steps: list[_Step]) -> None:
    call = ScriptedCall(_WORKFLOW, tools=_TOOLS, max_call_duration_seconds=120)
    _play(call, steps)
    _leave_alone(call)


@pytest.mark.fuzz
@given(_STEPS, _STEPS)
def test_whoever_takes_over_at_any_moment_has_a_call_that_speaks_and_ends(
    before: list[_Step], after: list[_Step]
) -> None:
    call = ScriptedCall(_WORKFLOW, tools=_TOOLS, max_call_duration_seconds=120)
    _play(call, before)
    if call.machine.has_ended:
        return
    state = fold(call.log)
    completed = [data for data in call.records(HandoffEvent) if data["state"] == "completed"]
    assert [data["to_version"] for data in completed][-1:] == (
        [state.agent.to_version] if state.agent else []
    )
    again = ScriptedCall(_WORKFLOW, tools=_TOOLS, state=state, max_call_duration_seconds=240)
    if any(isinstance(c, commands.AskModel) for c in again.done):
        _play(again, after)
    _leave_alone(again)


@pytest.mark.fuzz
@given(_STEPS, _STEPS)
def test_every_injection_is_logged_once_and_said_once_whoever_takes_the_call_over(
    before: list[_Step], after: list[_Step]
) -> None:
    call = ScriptedCall(_WORKFLOW, tools=_TOOLS, sounds_in_turn=True)
    _play(call, before)
    again = ScriptedCall(_WORKFLOW, tools=_TOOLS, sounds_in_turn=True, state=fold(call.log))
    if any(isinstance(c, commands.AskModel) for c in again.done):
        _play(again, after)
    events_of_both = [*call.appended, *again.appended]
    logged = [event.inject_id for event in events_of_both if isinstance(event, InjectEvent)]
    assert len(set(logged)) == len(logged)
    taken_back = {
        event.segment_id
        for event in events_of_both
        if isinstance(event, CorrectionEvent) and not event.heard_text
    }
    said = [
        (event.inject_id, event.text)
        for event in events_of_both
        if isinstance(event, TranscriptEvent) and event.inject_id and event.segment_id not in taken_back
    ]
    assert len(set(said)) == len(said)
    assert {inject_id for inject_id, _ in said} <= set(logged)


@pytest.mark.fuzz
@given(_STEPS, _STEPS)
def test_every_handoff_ends_once_and_is_fetched_for_once(before: list[_Step], after: list[_Step]) -> None:
    call = ScriptedCall(_WORKFLOW, tools=_TOOLS, max_call_duration_seconds=120)
    _play(call, before)
    again = ScriptedCall(_WORKFLOW, tools=_TOOLS, state=fold(call.log), max_call_duration_seconds=240)
    if any(isinstance(c, commands.AskModel) for c in again.done):
        _play(again, after)
    _leave_alone(again)
    last = again if again.appended else call
    told = [data for each in dict.fromkeys((call, last)) for data in each.records(HandoffEvent)]
    begun = [data["handoff_id"] for data in told if data["state"] == "started"]
    over = [data["handoff_id"] for data in told if data["state"] != "started"]
    assert len(set(begun)) == len(begun)
    assert sorted(map(str, begun)) == sorted(map(str, over))
    fetched = sum(each.did(commands.FindSuccessor) for each in dict.fromkeys((call, last)))
    assert fetched <= len(begun)


@pytest.mark.fuzz
@given(_STEPS)
def test_only_what_a_node_offers_is_ever_sent_and_every_call_has_one_answer(steps: list[_Step]) -> None:
    call = ScriptedCall(_WORKFLOW, tools=_TOOLS, max_call_duration_seconds=120)
    _play(call, steps)
    _leave_alone(call)
    sent = [tool for order in call.done if isinstance(order, commands.CallTools) for tool in order.calls]
    assert {tool.tool.name for tool in sent} <= {"look", "note"}
    assert all(tool.arguments == {} for tool in sent)
    asked = call.did(commands.AskModel)
    assert call.did(commands.CallTools) <= asked
    assert len(sent) <= asked * MOST_AT_ONCE
    called = [event["call_id"] for event in call.records(ToolCallEvent)]
    answered = [event["call_id"] for event in call.records(ToolResultEvent)]
    assert len(set(called)) == len(called)
    assert len(set(answered)) == len(answered)
    assert set(answered) <= set(called)


@pytest.mark.fuzz
@given(_STEPS)
def test_lines_between_which_tools_stand_are_such_as_models_take(steps: list[_Step]) -> None:
    call = ScriptedCall(_WORKFLOW, tools=_TOOLS, max_call_duration_seconds=120)
    _play(call, steps)
    for asked in [c for c in call.done if isinstance(c, commands.AskModel)]:
        lines = asked.lines
        uses = [line.call_id for line in lines if isinstance(line, ToolUse)]
        outcomes = [line.call_id for line in lines if isinstance(line, ToolOutcome)]
        assert sorted(uses) == sorted(outcomes)
        for line, following in pairwise(lines):
            assert not (isinstance(line, ToolUse) and isinstance(following, ChatLine)), (
                "a call and its answer are parted"
            )
        assert all(line.text for line in lines if isinstance(line, ChatLine))


def test_a_turn_has_so_many_rounds_of_tools_at_most() -> None:
    call = ScriptedCall(_WORKFLOW, tools=_TOOLS)
    _play(call, [events.ModelChose(request=0, tool="nonsense"), events.ModelFinished(request=0)] * 20)
    assert call.did(commands.AskModel) == MOST_ROUNDS + 1
    assert call.machine.floor in (Floor.AGENT, Floor.SILENT)
