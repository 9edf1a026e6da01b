"""What the published document says of every operation alike, whichever function it belongs to."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import APIRoute

from functions.http.authentication import SECURITY_SCHEMES
from functions.http.document.curl import curl_of
from functions.http.document.examples import restore_nulls
from functions.http.idempotency.once import KEY_HEADER, REPLAYED_HEADER
from functions.http.requests import REQUEST_ID_HEADER

PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what to do."},
        "code": {"type": "string", "description": "What a program looks at; stable."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "msg": {"type": "string"},
                    # Of a fault in a workflow definition.
                    "kind": {"type": "string", "enum": ["node", "edge", "workflow"]},
                    "id": {"type": ["string", "null"]},
                    "field": {"type": ["string", "null"]},
                    "message": {"type": "string"},
                },
            },
        },
        "errors_left_out": {
            "type": "integer",
            "description": "How many more faults there are than `errors` tells.",
        },
        "workflow_run_id": {
            "type": "integer",
            "description": "The run that records the failure, if there is one.",
        },
    },
    "examples": [
        {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": "There is no active trigger with this path: copy the URL from the agent's trigger node.",
            "code": "trigger-not-found",
        }
    ],
}

_HEADERS = {
    REQUEST_ID_HEADER: {
        "description": "Names this request: the one that was sent along, or one of ours. Quote it to support.",
        "schema": {"type": "string"},
        "example": "5f0c6f0e-3b7e-4a57-9f0c-0d2c6b1f7a55",
    },
    "Retry-After": {
        "description": "Seconds to wait before the same request may succeed.",
        "schema": {"type": "integer", "minimum": 0},
        "example": 2,
    },
    REPLAYED_HEADER: {
        "description": "`true` when this was answered before, under the same Idempotency-Key, and nothing was done.",
        "schema": {"type": "string", "const": "true"},
        "example": "true",
    },
}

# What stands for a path parameter that brings no example of its own.
_PATH_EXAMPLES = {
    "agent_uuid": "4c0f6a8e-0e0b-4a8c-9a51-2b1d3c7a9f10",
    "trigger_path": "8f14e45f-ceea-467f-a8c5-1a2b3c4d5e6f",
    "workflow_run_id": 373205151490048,
    "workflow_id": "wf_4c0f6a8e0e0b4a8c9a512b1d3c7a9f10",
    "session_id": "sess_373205151490048",
    "version": 3,
}

_Operation = dict[str, Any]


def complete(document: dict[str, Any]) -> None:
    """Add to a document what all operations share: keys, problems, headers, examples and commands."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    components["headers"] = _HEADERS
    components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    restore_nulls(components["schemas"])
    for method, path, operation in _operations(document):
        _read_docstring(operation)
        _add_path_examples(operation)
        _add_headers(operation)
        source = curl_of(document, method, path, operation)
        operation["x-codeSamples"] = [{"lang": "Shell", "label": "cURL", "source": source}]


def operation_id(route: APIRoute) -> str:
    """Return what the document calls the route of a method: `listAgents` for `list_agents`."""
    first, *others = route.name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, _Operation]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield method, path, operation


def _read_docstring(operation: _Operation) -> None:
    """Make the first line of the docstring, which FastAPI takes whole for the description, the summary."""
    if "description" in operation:
        summary, _, rest = operation.pop("description").partition("\n")
        operation["summary"] = summary.rstrip(".")
        operation |= {"description": rest.strip()} if rest else {}


def _add_path_examples(operation: _Operation) -> None:
    for parameter in operation.get("parameters", []):
        has_own = "example" in parameter or parameter["schema"].get("examples")
        if parameter["in"] == "path" and not has_own and parameter["name"] in _PATH_EXAMPLES:
            parameter["example"] = _PATH_EXAMPLES[parameter["name"]]


def _add_headers(operation: _Operation) -> None:
    takes_key = any(each["name"] == KEY_HEADER for each in operation.get("parameters", []))
    for status, response in operation["responses"].items():
        names = [REQUEST_ID_HEADER]
        if status in ("429", "503") or (status == "409" and takes_key):
            names.append("Retry-After")
        if status.startswith("2") and takes_key:
            names.append(REPLAYED_HEADER)
        shared = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        response["headers"] = shared | response.get("headers", {})
