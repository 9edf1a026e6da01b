"""The published OpenAPI document is that of the code, and says of each operation what a client needs."""

import importlib
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

import functions
from functions.http.app import create_app
from functions.http.document.examples import content_example
from local.generated.openapi import described_ports, openapi_text
from local.install.rest import create_rest
from offhook.telephony.providers import PROVIDERS
from tests.support.tables import each_of

FUNCTIONS = Path(functions.__file__).parent
STORED = FUNCTIONS / "docs" / "openapi.json"
# Held against the code below; making it takes a second.
DOCUMENT: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))

METHODS = {"get", "put", "post", "delete", "options", "patch", "query", "trace"}

Operation = dict[str, Any]


def operations() -> Iterator[tuple[str, str, Operation]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


EVERY_OPERATION = each_of(list(operations()))


def json_contents(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the JSON bodies of an operation that are no problems, with where they stand."""
    bodies = {"request": operation.get("requestBody", {})} | {
        status: response for status, response in operation["responses"].items() if status.startswith("2")
    }
    for where, body in bodies.items():
        if "application/json" in body.get("content", {}):
            yield where, body["content"]["application/json"]


async def test_the_document_that_is_checked_in_is_current_and_served() -> None:
    rest = create_rest(described_ports())
    assert STORED.read_text(encoding="utf-8") == openapi_text(rest), "run: make generate"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(rest), base_url="http://offhook.test") as http:
        assert (await http.get("/openapi.json")).json() == DOCUMENT


async def test_no_path_takes_a_method_that_the_document_does_not_tell() -> None:
    rest = httpx.ASGITransport(create_rest(described_ports()))
    async with httpx.AsyncClient(transport=rest, base_url="http://offhook.test") as http:
        for path, own in DOCUMENT["paths"].items():
            documented = documented_methods(path)
            for method in METHODS - documented:
                reply = await http.request(method, path.replace("{", "").replace("}", ""))
                assert reply.status_code == 405, (method, path)
                allowed = set(reply.headers["allow"].lower().split(", ")) - {"head"}
                assert own.keys() <= allowed <= documented, (method, path)


def documented_methods(path: str) -> set[str]:
    """Return the methods of all paths that this one is a case of, as `/agents/validate` is one of `/agents/{agent_uuid}`."""
    return {
        method
        for template, methods in DOCUMENT["paths"].items()
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
        for method in methods
    }


def test_the_document_is_that_of_all_functions_together() -> None:
    served = {"/healthz"}
    for module in sorted(FUNCTIONS.glob("*/app.py")):
        function = importlib.import_module(f"functions.{module.parent.name}.app")
        if hasattr(function, "routers"):
            paths = create_app(function.routers(described_ports())).openapi()["paths"]
            for path in paths.keys() - {"/healthz"}:
                assert path not in served, f"two functions serve {path}"
                assert paths[path] == DOCUMENT["paths"][path], path
            served |= paths.keys()
    assert served == DOCUMENT["paths"].keys()


def test_the_document_is_openapi_31_whose_references_lead_somewhere() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    for reference in set(references(DOCUMENT)):
        value: Any = DOCUMENT
        for name in reference.removeprefix("#/").split("/"):
            assert name in value, reference
            value = value[name]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from references(each)


def test_every_example_of_a_schema_is_one() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    each = {name: {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}} for name in schemas}
    validator = jsonschema_rs.Draft202012Validator({"properties": each, "components": {"schemas": schemas}})
    examples = {name: schema["examples"] for name, schema in schemas.items() if "examples" in schema}
    assert examples
    assert [(error.instance_path, error.message) for error in validator.iter_errors(examples)] == []


def test_every_instant_is_said_to_be_one() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, about in schema.get("properties", {}).items():
            if field == "at" or field.endswith("_at"):
                formats = {
                    each.get("format") for each in about.get("anyOf", [about]) if each["type"] != "null"
                }
                assert formats == {"date-time"}, (name, field)


def test_every_operation_has_a_name_of_its_own_and_a_summary() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(names)) == len(names)
    assert all(operation["summary"] for _, _, operation in operations())


def test_every_operation_below_the_api_has_a_key_or_is_of_the_carrier_or_signs_in() -> None:
    open_paths = {path for _, path, operation in operations() if "security" not in operation}
    # With a token in it; the others are proved by the organization's webhook key, or at the carrier.
    of_carriers = ("status-callback/{token}", "transfer-result/{token}", "cdr")
    assert open_paths == {
        "/healthz",
        "/api/v1/user/sign-ins",
        "/api/v1/telephony/continue/{token}",
        "/api/v1/telephony/inbound/run",
        *(f"/api/v1/telephony/{provider}/{path}" for provider in PROVIDERS for path in of_carriers),
    }


@EVERY_OPERATION
def test_every_body_has_an_example(method: str, path: str, operation: Operation) -> None:
    for where, content in json_contents(operation):
        assert content_example(DOCUMENT, content) is not None, where
    for content in operation.get("requestBody", {}).get("content", {}).values():
        assert content_example(DOCUMENT, content) is not None


@EVERY_OPERATION
def test_every_success_says_what_it_answers(method: str, path: str, operation: Operation) -> None:
    for status, response in operation["responses"].items():
        if status.startswith("2") and status != "204":
            assert response["content"], status
            assert all(content["schema"] for content in response["content"].values()), status


@EVERY_OPERATION
def test_every_operation_has_a_command_to_copy(method: str, path: str, operation: Operation) -> None:
    (sample,) = operation["x-codeSamples"]
    assert (sample["lang"], sample["label"]) == ("Shell", "cURL")
    words = shlex.split(sample["source"].replace("\\\n", " "))
    assert words[:3] == ["curl", "-X", method.upper()]
    assert words[3].startswith("$OFFHOOK_BASE_URL/")
    assert "{" not in words[3], "a path parameter without an example"
    assert ("X-API-Key: $OFFHOOK_API_KEY" in words) is ("security" in operation)
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        assert json.loads(words[words.index("-d") + 1])


@EVERY_OPERATION
def test_refusals_are_problems(method: str, path: str, operation: Operation) -> None:
    for status, response in operation["responses"].items():
        if status == "default" or int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"], status


@EVERY_OPERATION
def test_every_reply_names_its_headers(method: str, path: str, operation: Operation) -> None:
    for status, response in operation["responses"].items():
        assert "X-Request-Id" in response["headers"], status
        assert ("Retry-After" in response["headers"]) >= (status in ("429", "503")), status


@EVERY_OPERATION
def test_what_makes_something_takes_an_idempotency_key(method: str, path: str, operation: Operation) -> None:
    parameters = {each["name"] for each in operation.get("parameters", [])}
    makes = any(status in operation["responses"] for status in ("201", "202"))
    assert ("Idempotency-Key" in parameters) >= makes
    if "Idempotency-Key" in parameters:
        assert "Retry-After" in operation["responses"]["409"]["headers"]
        for status, response in operation["responses"].items():
            assert ("Idempotent-Replayed" in response["headers"]) is status.startswith("2")


@EVERY_OPERATION
def test_what_asks_for_if_match_says_where_the_etag_comes_from(
    method: str, path: str, operation: Operation
) -> None:
    if any(each["name"].lower() == "if-match" for each in operation.get("parameters", [])):
        assert "412" in operation["responses"]
        # An act on a thing stands one segment below it.
        thing = path if "get" in DOCUMENT["paths"][path] else path.rpartition("/")[0]
        assert "ETag" in DOCUMENT["paths"][thing]["get"]["responses"]["200"]["headers"]


@EVERY_OPERATION
def test_every_text_that_comes_in_has_an_end(method: str, path: str, operation: Operation) -> None:
    for parameter in operation.get("parameters", []):
        for schema in [parameter["schema"], *parameter["schema"].get("anyOf", [])]:
            if schema.get("type") == "string":
                assert "maxLength" in schema or "enum" in schema or "format" in schema, parameter["name"]
