"""The workflow document: what is accepted, what is refused, and what each refusal names."""

from typing import Any

import pytest

from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.workflows import NodeType, parse_workflow
from tests.support.calls import APPOINTMENT

START: JsonObject = {"id": "a", "type": "startCall", "data": {"name": "Greeting"}}
END: JsonObject = {"id": "z", "type": "endCall", "data": {"name": "Goodbye"}}

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


def faults(definition: Any) -> dict[tuple[str | int, ...], str]:
    with pytest.raises(InvalidInputError) as refused:
        parse_workflow(definition)
    assert refused.value.code == "invalid-workflow"
    return {problem.loc: problem.msg for problem in refused.value.problems}


def test_a_document_of_another_editor_is_read_with_all_that_it_carries() -> None:
    workflow = parse_workflow(DOGRAH)
    assert workflow.start.id == "n1"
    assert workflow.start.spoken == "Hello"
    assert workflow.global_prompt == "Be brief."
    assert workflow.trigger_paths == ("3b0c",)
    assert [edge.data.condition for edge in workflow.edges_from("n1")] == ["Slot agreed"]
    assert workflow.node("n7").type is NodeType.QA


def test_reading_leaves_the_document_as_it_is() -> None:
    before = repr(DOGRAH)
    parse_workflow(DOGRAH)
    assert repr(DOGRAH) == before


def test_null_means_the_default() -> None:
    node = {
        **START,
        "data": {"name": "Greeting", "greeting": None, "extraction_variables": None, "say": None},
    }
    edge = {"id": "e", "source": "a", "target": "z", "data": {"transition_speech": None, "phrases": None}}
    assert parse_workflow(document(node, END, edges=[edge])) == parse_workflow(
        document(START, END, edges=[{"id": "e", "source": "a", "target": "z", "data": None}])
    )


def test_a_workflow_needs_no_edges() -> None:
    assert parse_workflow({"nodes": [START]}).edges == ()


def test_a_caller_may_interrupt_unless_the_node_says_otherwise() -> None:
    silent = {**START, "id": "b", "type": "agentNode", "data": {"allow_interrupt": False}}
    workflow = parse_workflow(document(START, silent))
    assert workflow.start.data.allow_interrupt
    assert not workflow.node("b").data.allow_interrupt


def test_only_a_start_node_speaks_its_greeting_and_say_comes_first() -> None:
    nodes = [
        {**START, "data": {"greeting": "Hi", "say": "Hello"}},
        {"id": "b", "type": "agentNode", "data": {"greeting": "Hi"}},
    ]
    workflow = parse_workflow(document(*nodes))
    assert [node.spoken for node in workflow.nodes] == ["Hello", ""]


def test_disabled_and_pathless_triggers_start_nothing() -> None:
    triggers = [
        {"id": "t1", "type": "trigger", "data": {"trigger_path": "p1", "enabled": False}},
        {"id": "t2", "type": "trigger", "data": {}},
        {"id": "t3", "type": "trigger", "data": {"trigger_path": "p3"}},
    ]
    assert parse_workflow(document(START, *triggers)).trigger_paths == ("p3",)


def test_edges_keep_the_order_of_the_document() -> None:
    edges = [{"id": id_, "source": "a", "target": "z"} for id_ in "cab"]
    workflow = parse_workflow(document(START, END, edges=edges))
    assert [edge.id for edge in workflow.edges_from("a")] == ["c", "a", "b"]
    assert workflow.edges_from("z") == ()


@pytest.mark.parametrize("starts", [[], [START, {**START, "id": "b"}]])
def test_there_is_exactly_one_start(starts: list[JsonObject]) -> None:
    assert "exactly one startCall" in faults(document(*starts, END))["nodes",]


def test_two_global_prompts_are_refused_since_one_would_be_ignored() -> None:
    both = [{"id": id_, "type": "globalNode", "data": {"prompt": id_}} for id_ in "gh"]
    assert "one globalNode" in faults(document(START, *both))["nodes",]


def test_two_nodes_of_one_id_are_refused() -> None:
    assert "unique" in faults(document(START, {**END, "id": "a"}))["nodes",]


def test_every_loose_end_of_an_edge_is_named() -> None:
    edges = [
        {"id": "e1", "source": "a", "target": "nowhere"},
        {"id": "e2", "source": "a", "target": "z"},
        {"id": "e3", "source": "", "target": "Z"},
    ]
    assert faults(document(START, END, edges=edges)).keys() == {
        ("edges", 0, "target"),
        ("edges", 2, "source"),
        ("edges", 2, "target"),
    }


def test_every_fault_of_form_is_named_at_once() -> None:
    nodes = [
        {"id": "", "type": "startCall"},
        {"id": "b", "type": "teleport"},
        {"id": None, "type": "endCall", "data": {"say": 7, "extraction_variables": [{"prompt": "day"}]}},
        "node",
    ]
    found = faults({"nodes": nodes, "edges": [{"id": "e", "data": {"phrases": "yes"}}]})
    assert found.keys() == {
        ("nodes", 0, "id"),
        ("nodes", 1, "type"),
        ("nodes", 2, "id"),
        ("nodes", 2, "data", "say"),
        ("nodes", 2, "data", "extraction_variables", 0, "name"),
        ("nodes", 3),
        ("edges", 0, "source"),
        ("edges", 0, "target"),
        ("edges", 0, "data", "phrases"),
    }


@pytest.mark.parametrize("definition", [{}, {"nodes": None}, {"nodes": {}}, [], None, "x", 7])
def test_what_is_no_workflow_at_all_is_refused(definition: Any) -> None:
    assert faults(definition)


def test_a_phrase_is_no_longer_than_a_breath() -> None:
    edge = {"id": "e", "source": "a", "target": "z", "data": {"phrases": ["ok", "x" * 201]}}
    variable = {"name": "day", "values": ["y" * 201]}
    start = {**START, "data": {"extraction_variables": [variable]}}
    assert faults(document(start, END, edges=[edge])).keys() == {
        ("edges", 0, "data", "phrases", 1),
        ("nodes", 0, "data", "extraction_variables", 0, "values", 0),
    }


def test_a_workflow_is_compared_by_what_it_says() -> None:
    assert parse_workflow(APPOINTMENT) == parse_workflow(APPOINTMENT)
