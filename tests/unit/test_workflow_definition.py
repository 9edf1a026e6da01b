"""The workflow document: what is read of it, and what that means."""

from typing import Any

from offhook.json_types import JsonObject
from offhook.workflows import parse_workflow
from offhook.workflows.nodes import QaNode
from tests.support.calls import APPOINTMENT

START: JsonObject = {"id": "a", "type": "startCall", "data": {"name": "Greeting", "say": "Hello."}}
END: JsonObject = {"id": "z", "type": "endCall", "data": {"name": "Goodbye", "say": "Bye."}}
ON: JsonObject = {"label": "on", "condition": "The caller goes on"}
TO_END: JsonObject = {"id": "e", "source": "a", "target": "z", "data": ON}

DOGRAH: JsonObject = {
    "nodes": [
        {
            "id": "n1",
            "type": "startCall",
            "position": {"x": 0, "y": 0},
            "measured": {"width": 300},
            "data": {
                "name": "Greeting",
                "prompt": "You are Mia.",
                "greeting": "Hello",
                "greeting_type": "text",
            },
        },
        {"id": "n4", "type": "globalNode", "data": {"name": "Rules", "prompt": "Be brief."}},
        {"id": "n5", "type": "trigger", "data": {"name": "API", "trigger_path": "3b0c", "enabled": True}},
        {"id": "n6", "type": "webhook", "data": {"name": "CRM", "payload_template": {"a": "{{b}}"}}},
        {"id": "n7", "type": "qa", "data": {"name": "QA", "qa_sample_rate": 100}},
        END,
    ],
    "edges": [
        {
            "id": "e1",
            "source": "n1",
            "target": "z",
            "animated": True,
            "data": {"label": "Done", "condition": "Slot agreed", "transition_speech_type": "text"},
        }
    ],
    "viewport": {"x": 0, "y": 0, "zoom": 1},
}


def document(*nodes: Any, edges: Any = ()) -> JsonObject:
    return {"nodes": list(nodes), "edges": list(edges)}


def test_a_document_of_another_editor_is_read_with_all_that_it_carries() -> None:
    workflow = parse_workflow(DOGRAH)
    assert workflow.start.id == "n1"
    assert workflow.start.spoken == "Hello"
    assert workflow.global_prompt == "Be brief."
    assert [edge.data.condition for edge in workflow.edges_from("n1")] == ["Slot agreed"]
    assert isinstance(workflow.node("n7"), QaNode)


def test_reading_leaves_the_document_as_it_is() -> None:
    before = repr(DOGRAH)
    parse_workflow(DOGRAH)
    assert repr(DOGRAH) == before


def test_null_means_the_default() -> None:
    nothing = {"greeting": None, "extraction_variables": None, "disposition": None}
    node = {**START, "data": {"name": "Greeting", "say": "Hello.", **nothing}}
    edge = {**TO_END, "data": {**ON, "transition_speech": None, "phrases": None}}
    assert parse_workflow(document(node, END, edges=[edge])) == parse_workflow(
        document(START, END, edges=[TO_END])
    )


def test_a_workflow_needs_no_edges() -> None:
    assert parse_workflow({"nodes": [START]}).edges == ()


def test_a_caller_may_interrupt_unless_the_node_says_otherwise() -> None:
    deaf: JsonObject = {**END, "data": {"name": "Goodbye", "say": "Bye.", "allow_interrupt": False}}
    workflow = parse_workflow(document(START, deaf, edges=[TO_END]))
    assert workflow.start.data.allow_interrupt
    assert not workflow.step("z").data.allow_interrupt


def test_only_a_start_node_speaks_its_greeting_and_say_comes_first() -> None:
    nodes = [
        {**START, "data": {"name": "A", "greeting": "Hi", "say": "Hello"}},
        {"id": "z", "type": "agentNode", "data": {"name": "B", "greeting": "Hi", "prompt": "Talk."}},
    ]
    workflow = parse_workflow(document(*nodes, edges=[TO_END]))
    assert [workflow.step(id_).spoken for id_ in "az"] == ["Hello", ""]


def test_edges_keep_the_order_of_the_document() -> None:
    edges = [{**TO_END, "id": id_, "data": {**ON, "label": id_}} for id_ in "cab"]
    workflow = parse_workflow(document(START, END, edges=edges))
    assert [edge.id for edge in workflow.edges_from("a")] == ["c", "a", "b"]
    assert workflow.edges_from("z") == ()


def test_a_workflow_is_compared_by_what_it_says() -> None:
    assert parse_workflow(APPOINTMENT) == parse_workflow(APPOINTMENT)
