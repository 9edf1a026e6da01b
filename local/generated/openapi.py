"""Prints the published OpenAPI document: `make generate` writes it to functions/docs/openapi.json."""

import json
from typing import Any, cast

from local.install.rest import RestServices, create_rest
from offhook.adapters.carriers.by_provider import dialects
from offhook.adapters.dynamodb.store import Store


def openapi_text() -> str:
    """Return the document as it is checked in."""
    # Routes are only described here, never called.
    nothing = cast(Any, None)
    store = Store(**dict.fromkeys(Store.__dataclass_fields__, nothing))
    known = {"store": store, "dialects": dialects()}
    services = RestServices(**dict.fromkeys(RestServices.__dataclass_fields__, nothing) | known)
    return json.dumps(create_rest(services).openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(openapi_text(), end="")
