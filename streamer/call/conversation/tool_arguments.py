"""Whether what a model gives a tool is what the tool takes: the part of JSON Schema that tools are described with."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from offhook.json_types import JsonObject

MOST_CHARACTERS = 4_000
"""What a tool is given at most, as JSON: the log keeps it, and the model is told of it in every later question."""

_DEEPEST = 6
_MOST_FAULTS = 3

# JSON Schema 2020-12, validation 6.1.1. A bool is an int in Python and no number in JSON.
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "null": (type(None),),
}


def argument_faults(arguments: JsonObject | None, schema: JsonObject) -> list[str]:
    """Return what is wrong with a tool's arguments, in sentences for the model; none where they fit the schema.

    Checked are types, `required`, `enum`, `properties`, `items` and `additionalProperties`; what else a schema may say is
    left to the tool.
    """
    if arguments is None:
        return ["The arguments are no JSON object."]
    try:
        length = len(json.dumps(arguments, ensure_ascii=False, allow_nan=False))
    except (RecursionError, ValueError):
        return ["The arguments hold what is no JSON, or are nested too deeply."]
    if length > MOST_CHARACTERS:
        return [f"The arguments have {MOST_CHARACTERS} characters at most."]
    faults = []
    for fault in _faults(arguments, schema, "The arguments", _DEEPEST):
        faults.append(fault)
        if len(faults) == _MOST_FAULTS:
            break
    return faults


def _faults(value: Any, schema: Any, name: str, depth: int) -> Iterator[str]:
    if not isinstance(schema, dict) or depth == 0:
        return
    if not is_of_type(value, schema.get("type")):
        yield f"{name} must be of type {_named(schema['type'])}."
    elif isinstance(schema.get("enum"), list) and value not in schema["enum"]:
        yield f"{name} must be one of {_named(schema['enum'])}."
    elif isinstance(value, dict):
        yield from _object_faults(value, schema, name, depth)
    elif isinstance(value, list):
        for item in value:
            yield from _faults(item, schema.get("items"), f"Each of {name}", depth - 1)


def _object_faults(value: dict[str, Any], schema: Mapping[str, Any], name: str, depth: int) -> Iterator[str]:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    for missing in required if isinstance(required, list) else []:
        if missing not in value:
            yield f"{name} must have `{missing}`."
    for key, given in value.items():
        if key in properties:
            yield from _faults(given, properties[key], f"`{key[:64]}`", depth - 1)
        elif schema.get("additionalProperties") is False:
            yield f"{name} must not have `{key[:64]}`."


def is_of_type(value: Any, expected: Any) -> bool:
    """Say whether a value has a type of JSON Schema's, or one of a list of these; each has a type that is none."""
    names = expected if isinstance(expected, list) else [expected]
    known = [name for name in names if isinstance(name, str) and name in _TYPES]
    return not known or any(_is_a(value, name) for name in known)


def _is_a(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])


def _named(expected: Any) -> str:
    return json.dumps(expected, ensure_ascii=False)[:200]
