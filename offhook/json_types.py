"""The type of parsed JSON, and how to read an object from elsewhere."""

import json
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = dict[str, JsonValue]


def figure(document: JsonObject | None, name: str) -> float:
    """Return the number of this name; 0 where there is none."""
    found = (document or {}).get(name)
    return float(found) if isinstance(found, int | float) else 0.0


def json_object(text: str | bytes) -> JsonObject | None:
    """Read a JSON text that is an object; None for any other, however deep it is nested."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
