"""Handoffs, as the call machine sees them: another agent goes on with the call, and knows all that was said."""

from typing import Any

import pytest

from offhook.agents.settings import AgentSettings
from offhook.json_types import JsonObject
from offhook.models.requests import ToolOutcome
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import HandoffEvent, NodeEvent, ToolResultEvent
from offhook.vocabulary import InjectRole
from offhook.workflows import Phrasebook, parse_workflow
from streamer.call import commands, events
from streamer.call.conversation.state import fold
from streamer.call.course.handoffs import MOST_HANDOFFS
from streamer.call.floor import Floor
from streamer.call.offered_tools import OfferedTool, ToolKind
from streamer.call.successor import Successor
from tests.support.calls import ScriptedCall, texts

FIRST, SECOND = "triage", "billing"

TRIAGE: JsonObject = {
    "nodes": [
        {
            "id": "greet",
            "type": "startCall",
            "data": {
                "name": "Greet",
                "say": "Hello. What is it about?",
                "extraction_variables": [{"name": "topic", "values": ["my bill"]}],
            },
        },
        {
            "id": "hand_on",
            "type": "handoff",
            "data": {
                "name": "To billing",
                "say": "I am passing you on.",
                "handoff": {
                    "agent_uuid": SECOND,
                    "reason": "billing question",
                    "failed_say": "They are not there.",
                },
            },
        },
        {"id": "message", "type": "agentNode", "data": {"name": "Message", "say": "May I take a message?"}},
    ],
    "edges": [
        {"id": "bill", "source": "greet", "target": "hand_on", "data": {"phrases": ["{topic}"]}},
        {"id": "alone", "source": "hand_on", "target": "message", "data": {"when": "handoff_failed"}},
    ],
}
BILLING: JsonObject = {
    "nodes": [
        {
            "id": "ask",
            "type": "startCall",
            "data": {"name": "Ask", "say": "This is billing, about {{gathered_context.topic}}. Is it paid?"},
        },
        {
            "id": "done",
            "type": "endCall",
            "data": {"name": "Done", "say": "Then all is well.", "disposition": "paid"},
        },
    ],
    "edges": [{"id": "paid", "source": "ask", "target": "done", "data": {"phrases": ["yes"]}}],
}
PROMPTED: JsonObject = {
    "nodes": [{"id": "ask", "type": "startCall", "data": {"name": "Ask", "prompt": "Ask about the bill."}}],
    "edges": [],
}


def ready(workflow: JsonObject = BILLING, **settings: Any) -> events.HandoffReady:
    """Return the second agent, as it is fetched."""
    parsed = parse_workflow(workflow)
    return events.HandoffReady(
        successor=Successor(
            agent_uuid=SECOND,
            name="Billing",
            version=3,
            workflow=parsed,
            settings=AgentSettings.model_validate(settings),
            phrasebook=Phrasebook(parsed),
        ),
        from_agent="Triage",
    )


def asking() -> ScriptedCall:
    """Return a call that is about to be handed on, while the first agent still says so."""
    call = ScriptedCall(TRIAGE, agent_uuid=FIRST)
    call.wait_for_silence()
    call.speak("my bill")
    return call


def told(call: ScriptedCall) -> list[tuple[object, object]]:
    return [(data["state"], data["failure"]) for data in call.records(HandoffEvent)]


def test_the_other_agent_is_fetched_while_the_caller_hears_that_they_are_handed_on() -> None:
    call = asking()
    assert call.is_speaking
    assert commands.FindSuccessor(agent_uuid=SECOND, from_agent_uuid=FIRST) in call.done
    call.tell(ready())
    assert call.did(commands.Become) == 0
    call.wait_for_silence()
    assert call.did(commands.Become) == 1
    assert call.said[-3:] == ["I am passing you on.", "This is billing, about my bill.", "Is it paid?"]


def test_the_log_tells_who_has_handed_on_to_whom_and_why() -> None:
    call = asking()
    call.wait_for_silence()
    call.tell(ready())
    started, completed = call.records(HandoffEvent)
    assert (started["state"], started["to_agent_uuid"], started["to_version"]) == ("started", SECOND, None)
    assert {name: completed[name] for name in started if name not in ("offset_ms", "failure")} == {
        "handoff_id": "h1",
        "state": "completed",
        "from_agent_uuid": FIRST,
        "from_agent": "Triage",
        "to_agent_uuid": SECOND,
        "to_agent": "Billing",
        "to_version": 3,
        "reason": "billing question",
    }
    assert call.records(NodeEvent)[-1] == {
        "from": "hand_on",
        "to": "ask",
        "edge_id": None,
        "reason": "handoff",
    }


def test_the_call_goes_on_by_the_other_agents_workflow_and_settings() -> None:
    call = asking()
    call.tell(ready(idle_prompts=["Are you there, about the bill?"], idle_timeout_ms=3000))
    call.wait_for_silence()
    call.wait_for_silence()
    call.wait(3100)
    assert "Are you there, about the bill?" in call.said
    call.wait_for_silence()
    call.speak("yes")
    call.wait_for_silence()
    assert call.ended.disposition == "paid"
    assert call.gathered == {"topic": "my bill"}


def test_its_model_knows_what_was_said_before() -> None:
    call = asking()
    call.tell(ready(PROMPTED))
    call.wait_for_silence()
    asked = next(command for command in call.done if isinstance(command, commands.AskModel))
    assert asked.system == "Ask about the bill."
    assert texts(asked.lines) == ["Hello.", "What is it about?", "my bill", "I am passing you on."]
    assert '"topic": "my bill"' in asked.facts


@pytest.mark.parametrize("while_speaking", [True, False])
def test_a_call_that_is_not_handed_on_takes_the_nodes_way_on(while_speaking: bool) -> None:
    call = asking()
    if not while_speaking:
        call.wait_for_silence()
    call.tell(events.HandoffFailed(reason="agent-archived"))
    call.wait_for_silence()
    assert told(call) == [("started", None), ("failed", "agent-archived")]
    assert call.said[-2:] == ["They are not there.", "May I take a message?"]
    assert call.records(NodeEvent)[-1]["reason"] == "handoff_failed"


def test_nobody_waits_for_an_agent_that_does_not_come() -> None:
    call = asking()
    call.wait_for_silence()
    call.wait(10_000)
    assert told(call)[-1] == ("failed", "timeout")
    assert "May I take a message?" in call.said
    call.tell(ready())
    assert call.did(commands.Become) == 0


def test_a_caller_who_leaves_meanwhile_is_handed_on_to_nobody() -> None:
    call = asking()
    call.tell(events.CallerGone())
    assert told(call)[-1] == ("failed", "caller-left")
    call.tell(ready())
    assert call.did(commands.Become) == 0


def test_agents_that_hand_on_in_a_circle_do_so_a_few_times() -> None:
    call = asking()
    # Who answers is the same agent, whose callers are handed on at once.
    circle = ready(TRIAGE)
    for _ in range(MOST_HANDOFFS + 2):
        call.tell(circle)
        call.wait_for_silence()
        call.wait_for_silence()
        call.speak("my bill")
    assert call.did(commands.Become) == MOST_HANDOFFS
    assert call.did(commands.FindSuccessor) == MOST_HANDOFFS
    assert ("failed", "too-many-handoffs") in told(call)


# --- by a tool ---

HELPER: JsonObject = {
    "nodes": [{"id": "help", "type": "startCall", "data": {"name": "Help", "prompt": "Help."}}],
    "edges": [],
}
TOOLS = {
    "help": (
        OfferedTool(
            uuid="t",
            name="to_billing",
            description="Hand on.",
            kind=ToolKind.HANDOFF,
            destination=SECOND,
            message="One moment.",
        ),
    )
}


def choosing() -> ScriptedCall:
    """Return a call whose model has chosen to hand it on."""
    call = ScriptedCall(HELPER, tools=TOOLS, agent_uuid=FIRST)
    call.tell(events.ModelText(request=1, text="Hello."))
    call.tell(events.ModelFinished(request=1))
    call.wait_for_silence()
    call.speak("my bill")
    arguments: JsonObject = {"reason": "a question about the bill"}
    call.tell(events.ModelChose(request=2, tool="to_billing", arguments=arguments))
    call.tell(events.ModelFinished(request=2))
    return call


def test_a_model_hands_the_caller_on_with_its_reason() -> None:
    call = choosing()
    assert call.said[-1] == "One moment."
    call.tell(ready())
    call.wait_for_silence()
    assert call.records(HandoffEvent)[-1]["reason"] == "a question about the bill"
    assert [data["status"] for data in call.records(ToolResultEvent)] == ["ok"]
    assert call.said[-1] == "Is it paid?"


def test_a_model_is_told_of_an_agent_that_can_not_come() -> None:
    call = choosing()
    call.tell(events.HandoffFailed(reason="agent-not-published"))
    call.wait_for_silence()
    assert [data["status"] for data in call.records(ToolResultEvent)] == ["failed"]
    asked = [command for command in call.done if isinstance(command, commands.AskModel)]
    assert len(asked) == 3
    assert isinstance(asked[-1].lines[-1], ToolOutcome)
    assert call.machine.floor is Floor.THINKING


# --- takeovers ---


def test_who_takes_the_call_over_goes_on_as_the_second_agent() -> None:
    call = asking()
    call.tell(ready())
    call.wait_for_silence()
    call.wait_for_silence()
    state = fold(call.log)
    assert state.agent is not None
    assert (state.agent.to_agent_uuid, state.agent.to_version) == (SECOND, 3)
    again = ScriptedCall(BILLING, state=state, agent_uuid=SECOND)
    again.speak("yes")
    again.wait_for_silence()
    assert again.ended.disposition == "paid"


def test_an_agent_that_was_lost_before_its_first_word_says_it() -> None:
    call = asking()
    call.tell(ready())
    call.wait_for_silence()
    log = call.log
    for event in (HandoffEvent, NodeEvent):
        last = max(entry.seq for entry in log if isinstance(entry.event, event))
        again = ScriptedCall(
            BILLING, state=fold(log[:last]), agent_uuid=SECOND, consent_line="This is recorded."
        )
        assert again.said == ["This is billing, about my bill.", "Is it paid?"]
        assert [data["reason"] for data in again.records(NodeEvent)] == ["handoff"][: event is HandoffEvent]


def test_a_handoff_that_was_under_way_is_begun_again() -> None:
    call = asking()
    call.wait_for_silence()
    again = ScriptedCall(TRIAGE, state=fold(call.log), agent_uuid=FIRST)
    assert told(again) == [("failed", "interrupted"), ("started", None)]
    again.tell(ready())
    assert again.said[-1] == "Is it paid?"
    assert [data["handoff_id"] for data in again.records(HandoffEvent)] == ["h1", "h2", "h2"]


def test_a_model_whose_handoff_was_lost_is_asked_again() -> None:
    call = choosing()
    call.wait_for_silence()
    again = ScriptedCall(HELPER, tools=TOOLS, state=fold(call.log), agent_uuid=FIRST)
    assert told(again) == [("failed", "interrupted")]
    assert again.did(commands.AskModel) == 1


def test_what_an_operator_has_told_the_first_agent_the_second_one_heeds() -> None:
    call = asking()
    call.tell(events.Injected(inject_id="i", role=InjectRole.SYSTEM, text="The caller is a member."))
    call.tell(ready(PROMPTED))
    call.wait_for_silence()
    asked = next(command for command in call.done if isinstance(command, commands.AskModel))
    assert "The caller is a member." in asked.facts


def test_a_call_ends_while_it_is_handed_on() -> None:
    call = asking()
    call.tell(events.EndRequested(reason=EndReason.OPERATOR))
    assert told(call)[-1] == ("failed", "call-ended")
