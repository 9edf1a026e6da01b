"""The rules of a node that captures a value, and what is documented about it."""

import json
from pathlib import Path
from typing import Any

import pytest

from offhook.workflows import Capture, CaptureType, parse_workflow, workflow_problems
from offhook.workflows.errands.capture import CaptureSentences
from tests.support.captures import capturing

WORKFLOWS = Path(__file__).parents[2] / "docs" / "workflows.md"


def faults(
    type_: str = "phone", *, edges: tuple[dict[str, Any], ...] = (), **capture: Any
) -> set[tuple[str, str]]:
    definition: Any = capturing(type_, **capture)
    definition["edges"] += edges
    return {(str(fault.id), str(fault.field)) for fault in workflow_problems(definition)}


def key(digit: str) -> dict[str, Any]:
    return {"id": "k", "source": "ask", "target": "help", "data": {"dtmf": digit}}


@pytest.mark.parametrize("type_", [*CaptureType])
def test_every_type_is_captured_in_a_node_without_faults(type_: str) -> None:
    assert faults(type_) == set()
    assert parse_workflow(capturing(type_)).goes_by_words


@pytest.mark.parametrize(
    ("capture", "field"),
    [
        ({"region": "USA"}, "region"),
        ({"minimum": 5, "maximum": 0}, "maximum"),
        ({"not_before": "2026-05-03", "not_after": "2026-05-02"}, "not_after"),
        ({"not_before": "2026-05-03", "not_after": "20260502"}, "not_after"),
        ({"not_before": "tomorrow"}, "not_before"),
        ({"time_zone": "Europe/Nowhere"}, "time_zone"),
        ({"attempts": 0}, "attempts"),
        ({"period": "soon"}, "period"),
        ({"variable": ""}, "variable"),
        ({"sentences": {"read_back": "x" * 501}}, "sentences.read_back"),
    ],
)
def test_a_field_that_can_not_work_is_told(capture: dict[str, Any], field: str) -> None:
    assert faults(**capture) == {("ask", f"data.capture.{field}")}


def test_bounds_are_compared_as_what_they_say_however_they_are_written() -> None:
    assert faults(not_before="20260501", not_after="2026-05-02") == set()
    assert faults("number", minimum="5", maximum="10") == set()


def test_an_unknown_type_is_told() -> None:
    assert faults("colour") == {("ask", "data.capture.type")}


def test_a_node_captures_only_with_an_edge_on() -> None:
    definition: Any = capturing("phone")
    definition["edges"][0]["data"] = {"phrases": ["on"]}
    assert [fault.field for fault in workflow_problems(definition)] == ["data.capture"]


def test_a_node_does_not_gather_digits_beside() -> None:
    definition: Any = capturing("phone", node={"gather": {"variable": "x"}})
    assert "data.capture" in [fault.field for fault in workflow_problems(definition)]


def test_keys_of_the_value_are_no_edges() -> None:
    assert faults(edges=(key("1"),)) == {("k", "data.dtmf")}
    assert faults("email", edges=(key("#"),)) == {("k", "data.dtmf")}
    assert faults("email", edges=(key("1"),)) == set()
    assert faults(edges=(key("1"),), keys=False) == set()


def test_an_edge_for_a_captured_value_leaves_a_node_that_captures() -> None:
    definition: Any = capturing("phone")
    del definition["nodes"][0]["data"]["capture"]
    assert {fault.field for fault in workflow_problems(definition)} == {"data.when"}


def test_the_documented_node_is_accepted_and_every_field_is_explained() -> None:
    section = WORKFLOWS.read_text(encoding="utf-8").split("## Captured values")[1].split("\n## ")[0]
    node = json.loads(section.split("```json\n")[1].split("```")[0])
    assert Capture.model_validate(node["data"]["capture"]).type is CaptureType.PHONE
    for field in (*Capture.model_fields, *CaptureSentences.model_fields, *CaptureType):
        assert f"`{field}`" in section, field
