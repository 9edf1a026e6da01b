"""The documents that say what tools do are read whole or refused by the place of what is wrong."""

from typing import Any

import pytest

from offhook.addresses import AddressPolicy
from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.tools.definitions import read_definition
from offhook.tools.model import ToolCategory

HTTP: dict[str, Any] = {"method": "GET", "url": "https://crm.example.com/orders/{{order}}?q={{q | none}}"}


def read(category: str, definition: dict[str, Any]) -> JsonObject:
    return read_definition(ToolCategory(category), definition, AddressPolicy())


@pytest.mark.parametrize(
    ("category", "definition", "completed"),
    [
        ("end_call", {}, {"message": ""}),
        ("end_call", {"message": "Goodbye, {{name}}."}, {"message": "Goodbye, {{name}}."}),
        ("calculator", {}, {}),
        (
            "mcp",
            {"url": "https://mcp.example.com/mcp"},
            {
                "url": "https://mcp.example.com/mcp",
                "credential_uuid": None,
                "tools_filter": [],
                "timeout_ms": 5000,
                "message": "",
            },
        ),
        (
            "transfer_call",
            {"destination": "+14155550100"},
            {"destination": "+14155550100", "timeout_seconds": 30, "message": ""},
        ),
        *(
            (
                "transfer_call",
                {"destination": destination, "timeout_seconds": 5, "message": "One moment."},
                {"destination": destination, "timeout_seconds": 5, "message": "One moment."},
            )
            for destination in ("sip:desk@pbx.example.com", "{{sales_number}}", "sip:{{desk}}@pbx.example.com")
        ),
    ],
)  # fmt: skip
def test_a_definition_has_the_form_of_its_category(
    category: str, definition: dict[str, Any], completed: dict[str, Any]
) -> None:
    assert read(category, definition) == completed


def test_a_request_is_described_whole() -> None:
    parameter = {
        "name": "sku",
        "type": "array",
        "description": "Articles.",
        "required": True,
        "enum": None,
        "items": "string",
    }
    definition = {
        "method": "POST",
        "url": "https://crm.example.com:8443/{{tenant}}/orders",
        "headers": {"Accept": "application/json", "X-Caller": "{{caller_number}}"},
        "credential_uuid": None,
        "parameters": [parameter],
        "preset_parameters": [{"name": "who", "value_template": "{{customer_name}}", "required": True}],
        "timeout_ms": 10_000,
        "body_template": '{"who": "{{who}}", "articles": ["{{sku}}", 7]}',
        "message": "One moment, {{customer_name}}.",
        "idempotent": True,
    }
    assert read("http_api", definition) == definition


@pytest.mark.parametrize(
    ("category", "definition", "loc"),
    [
        ("http_api", {"method": "GET"}, ["url"]),
        ("http_api", {**HTTP, "method": "TRACE"}, ["method"]),
        ("http_api", {**HTTP, "surplus": 1}, ["surplus"]),
        ("http_api", {**HTTP, "timeout_ms": 499}, ["timeout_ms"]),
        ("http_api", {**HTTP, "timeout_ms": 10_001}, ["timeout_ms"]),
        ("http_api", {**HTTP, "timeout_ms": "5000"}, ["timeout_ms"]),
        ("http_api", {**HTTP, "headers": {"Authorization": "Bearer x"}}, ["headers"]),
        ("http_api", {**HTTP, "headers": {"x-api-key": "x"}}, ["headers"]),
        ("http_api", {**HTTP, "headers": {"Host": "x"}}, ["headers"]),
        ("http_api", {**HTTP, "headers": {"X A": "x"}}, ["headers"]),
        ("http_api", {**HTTP, "headers": {"X-A": "x\r\nX-B: y"}}, ["headers"]),
        ("http_api", {**HTTP, "headers": {"X-A": "x", "x-a": "y"}}, ["headers"]),
        ("http_api", {**HTTP, "parameters": [{"name": "a b"}]}, ["parameters", 0, "name"]),
        ("http_api", {**HTTP, "parameters": [{"name": "a", "type": "date"}]}, ["parameters", 0, "type"]),
        ("http_api", {**HTTP, "parameters": [{"name": "a"}, {"name": "a"}]}, ["parameters"]),
        *(
            ("http_api", {**HTTP, "parameters": [{"name": "a", **wrong}]}, ["parameters", 0, field])
            for wrong, field in (
                ({"enum": [1]}, "enum"),
                ({"type": "integer", "enum": [1, "2"]}, "enum"),
                ({"type": "object", "enum": ["a"]}, "enum"),
                ({"items": "string"}, "items"),
            )
        ),
        (
            "http_api",
            {
                **HTTP,
                "parameters": [{"name": "a"}],
                "preset_parameters": [{"name": "a", "value_template": "1"}],
            },
            ["parameters", 0, "name"],
        ),
        (
            "http_api",
            {**HTTP, "preset_parameters": [{"name": "a", "value_template": "1"}] * 2},
            ["preset_parameters"],
        ),
        ("http_api", {**HTTP, "body_template": "{}"}, ["body_template"]),
        *(
            ("http_api", {**HTTP, "method": "POST", "body_template": body}, ["body_template"])
            for body in ('{"n": {{count}}}', "name={{name}}", "[" * 8000)
        ),
        ("calculator", {"expression": "1"}, ["expression"]),
        ("mcp", {}, ["url"]),
        ("mcp", {"url": "http://10.0.0.1/mcp"}, ["url"]),
        ("mcp", {"url": "https://mcp.example.com/{{tenant}}"}, ["url"]),
        ("end_call", HTTP, ["method"]),
        ("end_call", {"message": "x" * 501}, ["message"]),
        ("transfer_call", {}, ["destination"]),
        ("transfer_call", {"destination": "0800 123"}, ["destination"]),
        ("transfer_call", {"destination": "{{unclosed"}, ["destination"]),
        ("transfer_call", {"destination": "+14155550100", "timeout_seconds": 4}, ["timeout_seconds"]),
        ("transfer_call", {"destination": "+14155550100", "timeout_seconds": 121}, ["timeout_seconds"]),
    ],
)
def test_a_wrong_definition_is_refused_by_the_place_of_what_is_wrong(
    category: str, definition: dict[str, Any], loc: list[Any]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read(category, definition)
    assert refused.value.problems[0].loc == ("definition", *loc)


@pytest.mark.parametrize(
    "url",
    [
        *("https://{{host}}/", "{{url}}", "https://crm{{x}}.example.com/", "https://crm.example.com{{x}}/"),
        *("https://crm.example.com:{{port}}/", "{{scheme}}://crm.example.com/", "https:{{x}}", "https://a.example/{{x"),
        *("ftp://crm.example.com/", "crm.example.com", "https://user:secret@crm.example.com/", "https://{{u}}@a.example/"),
        *("http://10.0.0.1/", "http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/", "http://0xA9FEA9FE/{{x}}"),
        *("https://crm.example.com\\@10.0.0.1/", "http://192.168.1.1:8080/{{path}}", "http://metadata.example:0/"),
    ],
)  # fmt: skip
def test_no_tool_leads_where_nobody_may_go_or_lets_the_caller_choose_the_host(url: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read("http_api", {"method": "GET", "url": url})
    assert refused.value.problems[0].loc == ("definition", "url")
    assert url not in refused.value.detail


def test_an_allowed_network_is_open_to_tools_too() -> None:
    definition: JsonObject = {"method": "GET", "url": "http://10.1.0.7:8080/{{path}}"}
    allowing = AddressPolicy(["10.1.0.0/16"])
    assert read_definition(ToolCategory.HTTP_API, definition, allowing)["url"] == definition["url"]
