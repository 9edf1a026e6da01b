"""The documents of a version: what they must hold before they are stored."""

from collections.abc import Callable

from offhook.agents.engine_problems import engine_problems
from offhook.agents.offered import Offered
from offhook.agents.ports import ToolCheck
from offhook.agents.settings import GivenSettings, parse_settings, read_settings
from offhook.errors import InvalidInputError
from offhook.ids import new_uuid
from offhook.json_types import JsonObject, JsonValue
from offhook.workflows import (
    TriggerNode,
    invalid_workflow,
    parse_workflow,
    workflow_problems,
)


def checked_definition(definition: JsonObject, *, path: str | None = None) -> JsonObject:
    """Return the definition, in which a trigger without a path gets this one, else a UUID.

    Raises InvalidInputError `invalid-workflow` with every fault.
    """
    completed = _with_paths(definition, lambda known: known or path or new_uuid())
    problems = workflow_problems(completed)
    if problems:
        raise invalid_workflow(problems).within("workflow_definition")
    return completed


def checked_settings(settings: JsonObject) -> JsonObject:
    """Return the settings as they are stored; raise InvalidInputError with every fault."""
    return read_settings(GivenSettings, settings, "settings").document


def check_engines(definition: JsonObject, settings: JsonObject, offered: Offered, *within: str) -> None:
    """Raise InvalidInputError where the engines chosen can't do what this faultless workflow asks of them.

    `within` is where the settings stand in what is published.
    """
    problems = list(engine_problems(parse_workflow(definition), parse_settings(settings), offered))
    if problems:
        raise InvalidInputError("The agent's settings have faults.", problems=problems).within(*within)


def check_tools(definition: JsonObject, tools: ToolCheck, organization_id: str, *within: str) -> None:
    """Raise InvalidInputError `invalid-workflow` where a faultless workflow names tools that it can't have."""
    problems = tools.problems(organization_id, definition)
    if problems:
        raise invalid_workflow(problems).within(*within, "workflow_definition")


def with_new_paths(definition: JsonObject) -> JsonObject:
    """Return a copy of the definition whose triggers have paths of their own."""
    return _with_paths(definition, lambda _: new_uuid())


def _with_paths(definition: JsonObject, choose: Callable[[str], str]) -> JsonObject:
    nodes = definition.get("nodes")
    if not isinstance(nodes, list):
        return definition
    return {**definition, "nodes": [_with_path(node, choose) for node in nodes]}


def _with_path(node: JsonValue, choose: Callable[[str], str]) -> JsonValue:
    """Return the node with the path that is chosen for it; what has not the form of a trigger is left alone."""
    if not isinstance(node, dict) or node.get("type") != TriggerNode.kind:
        return node
    data = node.get("data") or {}
    if not isinstance(data, dict):
        return node
    path = data.get("trigger_path") or ""
    return {**node, "data": {**data, "trigger_path": choose(path)}} if isinstance(path, str) else node
