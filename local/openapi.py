"""Prints the published OpenAPI document: `python -m local.openapi > openapi.json`."""

import json
from typing import Any, cast

from local.rest import RestServices, create_rest


def openapi_text() -> str:
    """Return the document as it is checked in."""
    # Routes are only described here, never called.
    nothing = cast(Any, None)
    services = RestServices(**dict.fromkeys(RestServices.__dataclass_fields__, nothing))
    return json.dumps(create_rest(services).openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(openapi_text(), end="")
