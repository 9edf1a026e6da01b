"""What the start of each function imports and makes, as it lies in the bundle: each package is time before its first answer."""

from pathlib import Path
from typing import Any

import pytest

import functions
from tests.support.bundled_rooms import Rooms

FUNCTIONS = sorted(path.parent.name for path in Path(functions.__file__).parent.glob("*/handler.py"))

LOG = {"aws_lambda_powertools", "botocore", "jmespath", "typing_extensions"}
SDK = {"certifi", "dateutil", "pynamodb", "six", "urllib3"}
MODELS = {"annotated_types", "pydantic", "pydantic_core", "typing_inspection"}
ASGI = {"anyio", "mangum", "starlette"}
FASTAPI = {"annotated_doc", "fastapi", "opentelemetry"}

EVENT = LOG | SDK | MODELS
HTTP = EVENT | ASGI | FASTAPI
ALLOWED = {
    **dict.fromkeys(
        (
            "agents",
            "analytics",
            "api_keys",
            "campaigns",
            "organization",
            "runs",
            "sessions",
            "telephony",
            "trigger",
        ),
        HTTP,
    ),
    **dict.fromkeys(("aftercall", "dialer", "feeder", "reaper"), EVENT),
    "docs": LOG | ASGI,
}
# FastAPI would import it if it were in the bundle.
UNUSED = {"pydantic.v1"}
# Our own that are dear, and that few requests need: whoever does imports them then.
LATER = {
    "aftercall": {
        "offhook.workflows",
        "offhook.runs.ending.reviewing",
        "offhook.sessions.commands",
        "functions.aftercall.judge",
    },
    "dialer": {"offhook.workflows", "offhook.sessions.commands"},
    "telephony": {"offhook.adapters.dynamodb.sessions.deployments"},
}


def unneeded(function: str, known: dict[str, Any]) -> set[str]:
    """Return what the function has imported and is not known to need: packages, and modules that nobody uses."""
    packages = {name.partition(".")[0] for name in known["modules"]} - {"functions", "offhook"}
    return (packages - ALLOWED[function]) | ((UNUSED | LATER.get(function, set())) & set(known["modules"]))


def test_every_function_has_its_list() -> None:
    assert sorted(ALLOWED) == FUNCTIONS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_starts_with_what_it_needs_and_no_more(function: str, rooms: Rooms) -> None:
    known = rooms.started(function)
    assert unneeded(function, known) == set()
    # The secret was read with a client that is gone; those of queues, key and bucket are for whoever uses them.
    is_stored = function != "docs"
    assert known["sessions"] == is_stored
    assert known["clients"] == (["dynamodb"] if is_stored else [])
    assert known["frozen"] > 1000
    assert known["collects"]
    # No function makes an OpenAPI document: what would validate one is not built.
    assert not known["validates_openapi"]


def test_a_function_that_imports_what_it_does_not_need_is_found(rooms: Rooms) -> None:
    assert unneeded("dialer", rooms.started("trigger")) > {"fastapi", "starlette", "offhook.workflows"}
