"""Values that a model finds in the talk: when they are looked for, what counts of them, and what is taken note of."""

from typing import Any

import pytest

from offhook.json_types import JsonObject
from offhook.runs.log.events import ContextEvent, ErrorEvent
from streamer.call import commands, events
from streamer.call.conversation.extraction import extraction_tool, read_values
from tests.support.calls import ScriptedCall, texts

VARIABLES: list[JsonObject] = [
    {"name": "name", "prompt": "the caller's name"},
    {"name": "age", "type": "number"},
    {"name": "member", "type": "boolean"},
    {"name": "day", "values": ["monday", "tuesday"]},
]


def call_with(**data: Any) -> ScriptedCall:
    desk = {"name": "Desk", "say": "Who is it?", "extraction_variables": VARIABLES, **data}
    return ScriptedCall(
        {
            "nodes": [
                {"id": "desk", "type": "startCall", "data": desk},
                {
                    "id": "bye",
                    "type": "endCall",
                    "data": {"name": "Bye", "say": "Bye {{gathered_context.name}}."},
                },
            ],
            "edges": [{"id": "e", "source": "desk", "target": "bye", "data": {"phrases": ["it is ann"]}}],
        }
    )


def orders(call: ScriptedCall) -> list[commands.Extract]:
    return [c for c in call.done if isinstance(c, commands.Extract)]


def test_values_are_looked_for_when_a_node_is_left_and_nothing_waits_for_them() -> None:
    call = call_with(extraction_prompt="Spell names with care.")
    call.wait_for_silence()
    call.speak("it is ann")
    assert call.said[-1] == "Bye ."
    (order,) = orders(call)
    assert order.node_id == "desk"
    assert "Spell names with care." in order.system
    assert texts(order.lines) == ["Who is it?", "it is ann"]
    assert [variable.name for variable in order.variables] == ["name", "age", "member"]


def test_values_are_looked_for_when_the_caller_hangs_up_in_the_node() -> None:
    call = call_with()
    call.wait_for_silence()
    call.tell(events.CallerGone())
    assert [order.node_id for order in orders(call)] == ["desk"]


@pytest.mark.parametrize(
    "data",
    [{"extraction_enabled": False}, {"extraction_variables": VARIABLES[3:]}, {"extraction_variables": []}],
)
def test_nothing_is_looked_for_where_it_is_switched_off_or_phrases_gather(data: JsonObject) -> None:
    call = call_with(**data)
    call.wait_for_silence()
    call.speak("it is ann")
    assert orders(call) == []


def test_what_is_found_is_gathered_and_known_to_templates_from_then_on() -> None:
    call = call_with()
    call.tell(events.Extracted(node_id="desk", values={"name": "Ann"}))
    call.wait_for_silence()
    call.speak("it is ann")
    assert call.records(ContextEvent) == [{"gathered": {"name": "Ann"}}]
    assert call.said[-1] == "Bye Ann."


@pytest.mark.parametrize(
    ("given", "kept", "faults"),
    [
        ({"name": "Ann", "age": 40, "member": True}, {"name": "Ann", "age": 40, "member": True}, 0),
        ({"name": "", "age": None}, {}, 0),
        ({"age": "forty", "member": "yes", "name": 7}, {}, 3),
        ({"age": True}, {}, 1),
        ({"age": float("nan")}, {}, 1),
        ({"day": "monday", "password": "x"}, {}, 0),
        ({"name": "x" * 5000}, {"name": "x" * 1000}, 0),
    ],
)
def test_a_value_of_another_type_is_taken_note_of_and_not_kept(
    given: JsonObject, kept: JsonObject, faults: int
) -> None:
    call = call_with()
    call.tell(events.CallerGone())
    found = read_values(orders(call)[0], given)
    assert found.values == kept
    assert len(found.faults) == faults


def test_a_failure_is_recoverable_and_says_nothing_of_the_value() -> None:
    call = call_with()
    order = commands.Extract(node_id="desk", system="", lines=(), variables=call_variables(call))
    call.tell(read_values(order, {"age": "secret words"}))
    (error,) = call.records(ErrorEvent)
    assert error["recoverable"]
    assert error["code"] == "extraction-failed"
    assert "secret" not in str(error)


def test_the_function_says_what_each_value_is() -> None:
    call = call_with()
    tool = extraction_tool(call_variables(call))
    assert tool.parameters["properties"] == {
        "name": {"type": "string", "description": "the caller's name"},
        "age": {"type": "number", "description": "age"},
        "member": {"type": "boolean", "description": "member"},
    }


def call_variables(call: ScriptedCall) -> Any:
    call_order = call.machine._course.talk.extraction()
    assert call_order is not None
    return call_order.variables
