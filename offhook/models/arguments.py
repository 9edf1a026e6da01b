"""Arguments of tools, as models write them."""

import json
from typing import NoReturn

from offhook.json_types import JsonObject

_MOST_CHARACTERS = 50_000
"""What a tool is called with at most; a model that writes more has lost its way."""


def arguments_of(text: str) -> JsonObject | None:
    """Read arguments; None where they are no JSON object. Nothing at all is an empty one."""
    if len(text) > _MOST_CHARACTERS:
        return None
    try:
        value = json.loads(text.strip() or "{}", parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON.")
