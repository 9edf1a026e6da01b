"""A tool as a language model sees it: the JSON Schema of its arguments."""

from offhook.json_types import JsonObject, JsonValue
from offhook.tools.forms import (
    CalculatorDefinition,
    HandoffDefinition,
    HttpApiDefinition,
    ScheduleCallbackDefinition,
    ToolDefinition,
    ToolParameter,
)

_EXPRESSION: JsonObject = {
    "type": "string",
    "description": "Numbers, + - * / // % ** ( ), and abs, min, max, round, sqrt: (19.90 * 3) * 1.21",
}


_REASON: JsonObject = {"type": "string", "description": "Why the caller is handed on, in a few words."}


def arguments_schema(definition: ToolDefinition) -> JsonObject:
    """Return the JSON Schema (2020-12) of an object; what is preset is not in it."""
    match definition:
        case HttpApiDefinition():
            properties: JsonObject = {each.name: _schema(each) for each in definition.parameters}
            return _object(properties, [each.name for each in definition.parameters if each.required])
        case CalculatorDefinition():
            return _object({"expression": _EXPRESSION}, ["expression"])
        case ScheduleCallbackDefinition():
            return _object(_call_back(definition.time_zone), [])
        case HandoffDefinition():
            return _object({"reason": _REASON}, ["reason"])
        case _:
            return _object({}, [])


def _call_back(time_zone: str) -> JsonObject:
    return {
        "day": {"type": "string", "description": "The day, as 2026-12-01; without it, the next such time."},
        "time": {"type": "string", "description": f"The time of day in {time_zone}, as 15:30."},
        "in_minutes": {
            "type": "number",
            "description": "Or in how many minutes from now, in place of these.",
        },
        "reason": {"type": "string", "description": "What the call-back is for, in a few words."},
    }


def _object(properties: JsonObject, required: list[str]) -> JsonObject:
    names: list[JsonValue] = [*required]
    schema: JsonObject = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": names} if names else schema


def _schema(parameter: ToolParameter) -> JsonObject:
    schema: JsonObject = {"type": parameter.type}
    if parameter.description:
        schema["description"] = parameter.description
    if parameter.enum is not None:
        schema["enum"] = list(parameter.enum)
    if parameter.items is not None:
        schema["items"] = {"type": parameter.items}
    return schema
