"""Arguments of tools, as models write them."""

import json

from offhook.json_types import JsonObject

_MOST_CHARACTERS = 50_000
"""What a tool is called with at most; a model that writes more has lost its way."""


def arguments_of(written: str | JsonObject) -> JsonObject | None:
    """Read arguments, also those that an endpoint has read already; None where they are no JSON object.

    Nothing at all is an empty one. What is infinite, or half of a character, can be read and not be sent on: it is none.
    """
    if len(written) > _MOST_CHARACTERS:
        return None
    try:
        value = json.loads(written.strip() or "{}") if isinstance(written, str) else written
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
