"""The published OpenAPI document is that of the code, and says what a client needs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.openapi import openapi_text

DOCUMENT: dict[str, Any] = json.loads(openapi_text())


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            yield path, operation


def test_the_document_that_is_checked_in_is_current() -> None:
    stored = Path(__file__).parents[2].joinpath("openapi.json").read_text()
    assert stored == openapi_text(), "run: python -m local.openapi > openapi.json"


def test_every_operation_has_a_name_of_its_own_and_a_summary() -> None:
    names = [operation["operationId"] for _, operation in operations()]
    assert len(set(names)) == len(names)
    assert all(operation["summary"] for _, operation in operations())


def test_every_operation_below_the_api_has_a_key_or_a_token_in_its_path() -> None:
    open_paths = {path for path, operation in operations() if "security" not in operation}
    assert open_paths == {
        "/healthz",
        "/api/v1/telephony/continue/{token}",
        "/api/v1/telephony/cloudonix/status-callback/{token}",
    }


def test_every_body_has_an_example() -> None:
    for path, operation in operations():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"]
            named = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
            assert "example" in content or named.get("examples"), path


def test_refusals_are_problems() -> None:
    for path, operation in operations():
        for status, response in operation["responses"].items():
            if status == "default" or int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (path, status)
