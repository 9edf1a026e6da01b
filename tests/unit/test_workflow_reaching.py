"""What can never work in a workflow is refused when it is saved, and what may not work as meant is warned of."""

from typing import Any

import pytest

from offhook.json_types import JsonObject, JsonValue
from offhook.workflows import parse_workflow, workflow_problems, workflow_warnings

Told = tuple[str, str | None, str | None]

START: JsonObject = {"id": "a", "type": "startCall", "data": {"name": "A", "say": "Hello."}}
END: JsonObject = {"id": "z", "type": "endCall", "data": {"name": "Z", "say": "Bye."}}


def step(id_: str, **data: Any) -> JsonObject:
    return {"id": id_, "type": "agentNode", "data": {"name": id_.upper(), "say": "And?", **data}}


def way(source: str, target: str, **data: Any) -> JsonObject:
    id_ = "-".join([source, target, *map(str, data.values())])[:60]
    return {"id": id_, "source": source, "target": target, "data": data or {"phrases": [f"to {target}"]}}


def definition(*pieces: JsonObject) -> JsonObject:
    return {
        "nodes": [piece for piece in pieces if "type" in piece],
        "edges": [piece for piece in pieces if "source" in piece],
    }


def problems(document: JsonObject) -> list[Told]:
    return [(str(found.kind), found.id, found.field) for found in workflow_problems(document)]


def test_a_workflow_that_works_has_neither_faults_nor_warnings() -> None:
    document = definition(START, END, way("a", "z"))
    assert problems(document) == []
    assert workflow_warnings(document) == []


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            definition(START, END, step("b"), step("c"), way("a", "z"), way("b", "c"), way("c", "b")),
            [("node", "b", None), ("node", "c", None)],
        ),
        (
            definition(
                START, END, step("b"), step("c"), way("b", "z"), way("a", "c"), way("c", "c"), way("z2", "b")
            ),
            [("edge", "z2-b", "source")],
        ),
        (
            definition(
                START, END, step("b"), step("c"), way("a", "c"), way("b", "z"), way("b", "b", dtmf="1")
            ),
            [("node", "z", None), ("node", "b", None), ("workflow", None, "nodes")],
        ),
        (
            definition(START, END, way("a", "z", dtmf="1"), way("a", "z", dtmf="1", label="b")),
            [("edge", "a-z-1-b", "data.dtmf")],
        ),
        (
            definition(START, END, way("a", "z", phrases=["yes", "on {day}", "?!"])),
            [
                ("edge", "a-z-['yes', 'on {day}', '?!']", "data.phrases.1"),
                ("edge", "a-z-['yes', 'on {day}', '?!']", "data.phrases.2"),
            ],
        ),
        (
            definition(
                START,
                END,
                step("b", transfer={"to": "sip:nobody"}),
                way("a", "b"),
                way("b", "z", when="transfer_failed"),
            ),
            [("node", "b", "data.transfer.to")],
        ),
    ],
    ids=[
        "an island",
        "an edge from nowhere",
        "no end in reach",
        "one key twice",
        "phrases of nobody",
        "no address",
    ],
)
def test_what_can_never_work_is_a_fault(document: JsonObject, expected: list[Told]) -> None:
    assert sorted(map(str, problems(document))) == sorted(map(str, expected))


def test_a_version_that_was_stored_before_these_rules_is_still_followed() -> None:
    document = definition(START, END, way("a", "z", phrases=["yes", "on {day}"]))
    assert problems(document)
    assert parse_workflow(document).start.id == "a"


def test_a_placeholder_of_a_variable_with_values_is_no_fault() -> None:
    variable: JsonValue = {"name": "day", "values": ["monday"]}
    start: JsonObject = {
        **START,
        "data": {"name": "A", "say": "When?", "extraction_variables": [variable]},
    }
    assert problems(definition(start, END, way("a", "z", phrases=["on {day}", "{day}"]))) == []


@pytest.mark.parametrize(
    "address",
    [
        "+14155550100",
        "sip:desk@pbx.example.com",
        "SIP:Desk@PBX.example.com:5060;transport=tcp",
        "sips:d@[2001:db8::1]:5061",
    ],
)
def test_what_the_dialler_takes_a_workflow_takes(address: str) -> None:
    document = definition(
        START, END, step("b", transfer={"to": address}), way("a", "b"), way("b", "z", when="transfer_failed")
    )
    assert problems(document) == []


def test_fields_without_effect_are_warned_of() -> None:
    start: JsonObject = {
        **START,
        "data": {"name": "A", "say": "Hi.", "greeting_type": "audio", "delayed_start": True},
    }
    document = definition(start, END, step("b", tool_uuids=["t1"]), way("a", "b"), way("b", "z"))
    found = [(warning.id, warning.field) for warning in workflow_warnings(document)]
    assert found == [("a", "data.delayed_start"), ("a", "data.greeting_type")]
    assert problems(document) == []


def test_a_workflow_that_nothing_ends_is_warned_of() -> None:
    (warning,) = workflow_warnings(definition(START))
    assert "endCall" in warning.message


def test_a_circle_that_needs_no_caller_is_warned_of_once() -> None:
    moving = {"transfer": {"to": "+14155550100"}}
    document = definition(
        START,
        END,
        step("b", **moving),
        step("c", **moving),
        way("a", "b"),
        way("a", "z"),
        way("b", "c", when="transfer_failed"),
        way("c", "b", when="transfer_failed"),
    )
    (warning,) = workflow_warnings(document)
    assert (warning.kind, warning.field) == ("edge", "data.when")
    assert "circle" in warning.message
