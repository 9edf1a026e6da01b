"""The type of parsed JSON."""

from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = dict[str, JsonValue]


def figure(document: JsonObject | None, name: str) -> float:
    """Return the number of this name; 0 where there is none."""
    found = (document or {}).get(name)
    return float(found) if isinstance(found, int | float) else 0.0
