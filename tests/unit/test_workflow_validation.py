"""The rules of a workflow: every fault of form and of the graph is told, at once, where it is."""

import copy
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.install import demo_agent
from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.workflows import parse_workflow, workflow_problems
from offhook.workflows.validation import MAX_DEFINITION_BYTES, MAX_PROBLEMS
from tests.support.calls import APPOINTMENT

START: JsonObject = {"id": "a", "type": "startCall", "data": {"name": "A", "say": "Hello."}}
END: JsonObject = {"id": "z", "type": "endCall", "data": {"name": "Z", "say": "Bye."}}
EDGE: JsonObject = {"id": "e", "source": "a", "target": "z", "data": {"label": "on", "condition": "So"}}
TRIGGER: JsonObject = {"id": "t", "type": "trigger", "data": {"name": "T", "trigger_path": "p"}}
GLOBAL: JsonObject = {"id": "g", "type": "globalNode", "data": {"name": "G", "prompt": "Be brief."}}
WEBHOOK: JsonObject = {"id": "w", "type": "webhook", "data": {"name": "W"}}
AGENT: JsonObject = {"id": "m", "type": "agentNode", "data": {"name": "M", "prompt": "Talk."}}

WORDS = ["a", "z", "startCall", "endCall", "trigger", "globalNode", "", "yes", "#"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(WORDS)
FIELDS = [
    "id",
    "type",
    "source",
    "target",
    "data",
    "name",
    "say",
    "label",
    "phrases",
    "dtmf",
    "trigger_path",
    "transfer",
    "gather",
    "when",
    "to",
]
VALUES = st.recursive(
    SCALARS,
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), values),
    max_leaves=20,
)
DOCUMENTS = st.fixed_dictionaries(
    {}, optional={"nodes": VALUES | st.lists(VALUES), "edges": VALUES | st.lists(VALUES)}
)

Found = tuple[str, str | None, str | None]


def document(*nodes: Any, edges: Any = (EDGE,)) -> Any:
    return {"nodes": list(nodes), "edges": list(edges)}


def with_data(piece: JsonObject, **data: Any) -> JsonObject:
    changed: Any = copy.deepcopy(piece)
    changed["data"] |= data
    return changed  # type: ignore[no-any-return]


def edge(source: str, target: str, id_: str = "x", label: str = "x") -> JsonObject:
    return {"id": id_, "source": source, "target": target, "data": {"label": label, "condition": "So"}}


def faults(definition: Any) -> list[Found]:
    problems = workflow_problems(definition)
    with pytest.raises(InvalidInputError) as refused:
        parse_workflow(definition)
    assert refused.value.code == "invalid-workflow"
    told = [(p.loc, p.msg, p.members["kind"], p.members["id"]) for p in refused.value.problems]
    assert told == [(p.loc, p.message, p.kind, p.id) for p in problems]
    return [(p.kind.value, p.id, p.field) for p in problems]


@pytest.mark.parametrize(
    "definition",
    [
        demo_agent.WORKFLOW,
        APPOINTMENT,
        document(START, edges=[]),
        {"nodes": [START]},
        document(START, END, TRIGGER, GLOBAL, WEBHOOK, {**WEBHOOK, "id": "w2"}),
        document(START, END, with_data(TRIGGER, trigger_path="")),
        document(START, AGENT, edges=[edge("a", "m"), edge("m", "m", "y")]),
        document(with_data(START, say="", greeting="Hi."), END),
        # What other products write beside ours is carried along.
        document(with_data(START, agent_uuid="b", reason="theirs"), END),
        document(
            START,
            END,
            edges=[{**EDGE, "data": {"phrases": ["yes"]}}, {**EDGE, "id": "f", "data": {"dtmf": "#"}}],
        ),
        document(START, END, edges=[edge("a", "z", "1", "はい"), edge("a", "z", "2", "いえ")]),
    ],
)
def test_what_follows_the_rules_has_no_faults(definition: Any) -> None:
    assert workflow_problems(definition) == []
    parse_workflow(definition)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (document(END), {("workflow", None, "nodes"), ("edge", "e", "source")}),
        (document(START, END, {**START, "id": "b"}), {("workflow", None, "nodes")}),
        (document(START, END, GLOBAL, {**GLOBAL, "id": "h"}), {("workflow", None, "nodes")}),
        (document(START, END, TRIGGER, {**TRIGGER, "id": "u"}), {("workflow", None, "nodes")}),
        (document(START, END, {**END}), {("node", "z", "id")}),
        (document(START, END, edges=[EDGE, with_data(EDGE, label="other")]), {("edge", "e", "id")}),
        (document(START, END, edges=[]), {("node", "z", None)}),
        (document(START, AGENT, edges=[]), {("node", "m", None)}),
        (
            document(START, END, edges=[EDGE, edge("z", "a")]),
            {("edge", "x", "source"), ("edge", "x", "target")},
        ),
        (
            document(START, END, GLOBAL, edges=[EDGE, edge("g", "g")]),
            {("edge", "x", "source"), ("edge", "x", "target")},
        ),
        (document(START, END, WEBHOOK, edges=[EDGE, edge("a", "w")]), {("edge", "x", "target")}),
        (
            document(START, END, TRIGGER, edges=[EDGE, edge("a", "t"), edge("t", "z", "y")]),
            {("edge", "x", "target")},
        ),
        (
            document(START, END, edges=[EDGE, edge("", "Z")]),
            {("edge", "x", "source"), ("edge", "x", "target")},
        ),
    ],
)
def test_each_rule_of_the_graph_is_told_where_it_is_broken(definition: Any, expected: set[Found]) -> None:
    assert set(faults(definition)) == expected


@pytest.mark.parametrize(
    ("node", "field"),
    [
        (with_data(START, name=" "), "data.name"),
        (with_data(START, say=""), "data.prompt"),
        (with_data(START, say=None), "data.prompt"),
        (with_data(START, name=7), "data.name"),
        (
            with_data(START, extraction_variables=[{"name": "x", "type": "date"}]),
            "data.extraction_variables.0.type",
        ),
        (with_data(START, extraction_variables=[{"name": ""}]), "data.extraction_variables.0.name"),
        (
            with_data(START, extraction_variables=[{"name": "x", "values": ["y" * 201]}]),
            "data.extraction_variables.0.values.0",
        ),
        ({**START, "data": []}, "data"),
        ({**START, "id": "a", "type": "startCall", "data": {"name": "A"}}, "data.prompt"),
    ],
)
def test_a_fault_of_a_node_names_its_field(node: JsonObject, field: str) -> None:
    assert faults(document(node, END)) == [("node", "a", field)]


TRANSFER: JsonObject = {"to": "+14155550100", "mode": "warm"}
GATHER: JsonObject = {"variable": "account", "num_digits": 4}


def happening(source: str, when: str, id_: str = "h", **data: Any) -> JsonObject:
    return {"id": id_, "source": source, "target": "z", "data": {"when": when} | data}


@pytest.mark.parametrize(
    "definition",
    [
        document(START, {"id": "z", "type": "endCall", "data": {"name": "Z", "transfer": TRANSFER}}),
        document(
            START,
            with_data(AGENT, prompt="", transfer={"to": "{{desk}}"}),
            END,
            edges=[EDGE, edge("a", "m"), happening("m", "transfer_failed")],
        ),
        document(
            with_data(START, gather=GATHER),
            END,
            edges=[
                EDGE,
                happening("a", "digits_gathered"),
                happening("a", "digits_missing", "i"),
                {"id": "s", "source": "a", "target": "z", "data": {"dtmf": "*"}},
            ],
        ),
        document(with_data(START, transfer=None, gather=None), END, edges=[with_data(EDGE, when=None)]),
        document(
            START,
            with_data(AGENT, prompt="", send_digits="1w2#"),
            END,
            edges=[EDGE, edge("a", "m"), happening("m", "digits_sent")],
        ),
    ],
)
def test_transfers_and_gathered_digits_that_follow_the_rules_have_no_faults(definition: Any) -> None:
    assert workflow_problems(definition) == []


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (
            document(with_data(START, transfer=TRANSFER), END),
            {("node", "a", "data.transfer"), ("edge", "e", "data")},
        ),
        (document(START, with_data(END, transfer={"to": "0800"})), {("node", "z", "data.transfer.to")}),
        (document(START, with_data(END, transfer={"to": ""})), {("node", "z", "data.transfer.to")}),
        (
            document(START, with_data(END, transfer=TRANSFER | {"timeout_seconds": 500, "mode": "hot"})),
            {("node", "z", "data.transfer.timeout_seconds"), ("node", "z", "data.transfer.mode")},
        ),
        (
            document(START, with_data(AGENT, transfer=TRANSFER), END, edges=[EDGE, edge("a", "m")]),
            {("node", "m", "data.transfer")},
        ),
        (
            document(
                START,
                with_data(AGENT, transfer=TRANSFER),
                END,
                edges=[EDGE, edge("a", "m"), edge("m", "z", "y"), happening("m", "transfer_failed")],
            ),
            {("edge", "y", "data")},
        ),
        (document(START, END, edges=[EDGE, happening("a", "transfer_failed")]), {("edge", "h", "data.when")}),
        (document(START, END, edges=[EDGE, happening("a", "sunrise")]), {("edge", "h", "data.when")}),
        (document(with_data(START, gather=GATHER), END), {("node", "a", "data.gather")}),
        (document(START, with_data(END, gather=GATHER)), {("node", "z", "data.gather")}),
        (
            document(
                with_data(START, gather=GATHER),
                END,
                edges=[
                    EDGE,
                    happening("a", "digits_gathered"),
                    happening("a", "digits_gathered", "i"),
                    {"id": "1", "source": "a", "target": "z", "data": {"dtmf": "1"}},
                    {"id": "#", "source": "a", "target": "z", "data": {"dtmf": "#"}},
                ],
            ),
            {("edge", "i", "data.when"), ("edge", "1", "data.dtmf"), ("edge", "#", "data.dtmf")},
        ),
        (
            document(START, with_data(AGENT, send_digits="call me"), END, edges=[EDGE, edge("a", "m")]),
            {("node", "m", "data.send_digits")},
        ),
        (
            document(
                with_data(START, send_digits="1", gather=GATHER),
                END,
                edges=[EDGE, happening("a", "digits_gathered")],
            ),
            {("node", "a", "data.send_digits"), ("edge", "e", "data"), ("edge", "h", "data")},
        ),
        (
            document(START, with_data(END, transfer=TRANSFER, gather=GATHER)),
            {("node", "z", "data.transfer"), ("node", "z", "data.gather")},
        ),
    ],
)
def test_each_rule_of_transfers_and_digits_is_told_where_it_is_broken(
    definition: Any, expected: set[Found]
) -> None:
    assert set(faults(definition)) == expected


@pytest.mark.parametrize("path", ["test", "workflow", "a/b", "..", "x" * 37, "ü", "a b"])
def test_a_trigger_path_is_a_word_that_the_routes_do_not_use(path: str) -> None:
    found = faults(document(START, END, with_data(TRIGGER, trigger_path=path)))
    assert found == [("node", "t", "data.trigger_path")]


@pytest.mark.parametrize("type_", ["agentNode", "endCall", "globalNode"])
def test_a_node_that_only_a_start_could_greet_with_needs_a_prompt(type_: str) -> None:
    node = {"id": "z", "type": type_, "data": {"name": "Z", "greeting": "Hi."}}
    edges = [] if type_ == "globalNode" else [EDGE]
    assert faults(document(START, node, edges=edges)) == [("node", "z", "data.prompt")]


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({}, ["data.label", "data.condition"]),
        (None, ["data.label", "data.condition"]),
        ({"label": "x", "condition": " "}, ["data.condition"]),
        ({"phrases": [" "]}, ["data.label", "data.condition"]),
        ({"phrases": ["x" * 201]}, ["data.phrases.0"]),
        ({"phrases": "yes"}, ["data.phrases"]),
        ({"dtmf": "12"}, ["data.dtmf"]),
        ({"dtmf": "A"}, ["data.dtmf"]),
    ],
)
def test_a_fault_of_an_edge_names_its_field(data: Any, fields: list[str]) -> None:
    assert faults(document(START, END, edges=[{**EDGE, "data": data}])) == [("edge", "e", f) for f in fields]


@pytest.mark.parametrize("field", ["say", "greeting", "disposition", "extraction_variables", "prompt"])
def test_a_field_that_a_kind_of_node_does_not_have_is_carried_whatever_it_holds(field: str) -> None:
    assert workflow_problems(document(START, END, with_data(WEBHOOK, **{field: 7}))) == []


def test_labels_of_one_node_make_functions_of_different_names() -> None:
    edges = [
        edge("a", "m", "1", "Wants it!"),
        edge("a", "m", "2", "wants it?"),
        edge("m", "m", "3", "Wants it!"),
    ]
    assert faults(document(START, AGENT, edges=edges)) == [("edge", "2", "data.label")]


def test_a_broken_node_hides_no_fault_of_another_piece() -> None:
    nodes = [
        {"id": "", "type": "startCall"},
        {"id": "b", "type": "teleport"},
        {"id": None, "type": "endCall", "data": {"say": 7, "extraction_variables": [{"prompt": "day"}]}},
        "node",
    ]
    edges = [{"id": "e", "data": {"phrases": "yes"}}, edge("b", "nowhere")]
    assert faults({"nodes": nodes, "edges": edges}) == [
        ("node", "", "id"),
        ("node", "b", "type"),
        ("node", None, "id"),
        ("node", None, "data.say"),
        ("node", None, "data.extraction_variables.0.name"),
        ("node", None, None),
        ("edge", "e", "source"),
        ("edge", "e", "target"),
        ("edge", "e", "data.phrases"),
        ("node", "", "data.name"),
        ("node", "", "data.prompt"),
        ("node", None, "data.name"),
        ("edge", "x", "target"),
    ]


@pytest.mark.parametrize(
    "definition", [{}, {"nodes": None}, {"nodes": {}}, {"nodes": [START], "edges": 7}, [], None, "x", 7]
)
def test_what_is_no_workflow_at_all_is_refused(definition: Any) -> None:
    assert {kind for kind, _, _ in faults(definition)} == {"workflow"}


@pytest.mark.parametrize(
    "document", [{"nodes": [START, *[{}] * 80_000]}, {"nodes": [], "edges": [{}] * 80_000}]
)
def test_a_flood_of_faults_is_told_in_part_and_at_once(document: JsonObject) -> None:
    began = time.process_time()
    found = workflow_problems(document)
    assert time.process_time() - began < 0.3
    assert len(found) == MAX_PROBLEMS
    assert found[-1].message == "There are more faults: mend these first."


def test_a_definition_has_a_largest_size() -> None:
    definition: JsonObject = {**document(START, END), "notes": ""}
    room = MAX_DEFINITION_BYTES - len(json.dumps(definition, separators=(",", ":")))
    assert workflow_problems({**definition, "notes": "x" * room}) == []
    (problem,) = workflow_problems({**definition, "notes": "x" * (room + 1)})
    assert (problem.kind, problem.loc) == ("workflow", ())


def test_reading_the_largest_workflow_takes_a_blink() -> None:
    nodes = [{**AGENT, "id": f"m{n}"} for n in range(1000)]
    edges = [edge(f"m{n}" if n else "a", f"m{n + 1}", f"e{n}") for n in range(999)]
    edges.append(edge("a", "m0", "first", "first"))
    definition = document(START, *nodes, edges=edges)
    began = time.process_time()
    parse_workflow(definition)
    assert time.process_time() - began < 0.5


@pytest.mark.fuzz
@given(DOCUMENTS)
def test_any_document_is_either_read_or_told_its_faults(definition: Any) -> None:
    if workflow_problems(definition):
        faults(definition)
    else:
        parse_workflow(definition)
