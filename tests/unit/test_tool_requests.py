"""What an HTTP tool sends: each value in its place and of its type, and no way out of it."""

import json
from typing import Any

import pytest

from offhook.errors import InvalidInputError
from offhook.tools.forms import HttpApiDefinition
from offhook.tools.functions import arguments_schema
from offhook.tools.requests import ToolRequest, tool_request
from offhook.workflows import TemplateContext
from tests.support.makers import NOON

CONTEXT = TemplateContext(
    clock=lambda: NOON,
    initial={"customer_id": 17, "tier": "gold", "day": "Monday", "empty": ""},
    gathered={"slot": {"hour": 9}},
    system={"caller_number": "+14155550100", "workflow_run_id": 4711},
)


def definition(
    method: str = "POST", url: str = "https://crm.example.com/orders", **more: Any
) -> HttpApiDefinition:
    return HttpApiDefinition.model_validate({"method": method, "url": url, **more})


def parameters(*names: str) -> list[dict[str, Any]]:
    return [{"name": name} for name in names]


def request(arguments: dict[str, Any], **said: Any) -> ToolRequest:
    return tool_request(definition(**said), arguments, CONTEXT)


def body(made: ToolRequest) -> Any:
    return json.loads(made.body)


def test_what_the_model_gives_is_the_body_of_a_post_and_keeps_its_types() -> None:
    given = {"sku": ["A-1", "B-2"], "count": 2, "gift": False, "note": "é"}
    made = request(given, parameters=parameters(*given))
    assert (made.method, made.url) == ("POST", "https://crm.example.com/orders")
    assert body(made) == given
    assert made.headers == {"Content-Type": "application/json", "Accept": "application/json"}


def test_what_the_model_gives_is_the_query_of_a_get() -> None:
    given = {"q": "a&b=c", "tag": ["x", "y"], "open": True}
    made = request(
        given, method="GET", url="https://crm.example.com/orders?limit=3", parameters=parameters(*given)
    )
    assert made.url == "https://crm.example.com/orders?limit=3&q=a%26b%3Dc&tag=x&tag=y&open=true"
    assert (made.body, made.headers) == (b"", {"Accept": "application/json"})


def test_a_value_in_the_address_stays_within_its_part_of_it() -> None:
    said = {
        "url": "https://crm.example.com/orders/{{number}}?by={{customer_id}}&day={{day | any}}&of={{gathered_context.slot.hour}}",
        "parameters": parameters("number", "day"),
    }
    made = request({"number": "../../admin?x=1#é /", "day": "Tuesday"}, **said)
    assert made.url == (
        "https://crm.example.com/orders/..%2F..%2Fadmin%3Fx%3D1%23%C3%A9%20%2F?by=17&day=Tuesday&of=9"
    )
    assert body(made) == {}


@pytest.mark.parametrize("number", [None, "", ".", "..", ["1"], {"a": 1}])
def test_an_address_without_its_value_is_asked_for_by_nobody(number: Any) -> None:
    with pytest.raises(InvalidInputError, match="number"):
        request({"number": number}, url="https://crm.example.com/{{number}}", parameters=parameters("number"))


def test_what_the_model_was_not_asked_for_is_left_out() -> None:
    assert body(request({"a": 1, "admin": True, "tier": "none"}, parameters=parameters("a"))) == {"a": 1}


def test_what_is_preset_is_the_authors_whatever_the_model_says() -> None:
    presets = [
        {"name": "customer", "value_template": "{{customer_id}}"},
        {"name": "tier", "value_template": "{{initial_context.tier}}-{{caller_number}}"},
        {"name": "none", "value_template": "{{empty}}"},
    ]
    said = {"parameters": parameters("day"), "preset_parameters": presets}
    made = request({"day": "Friday", "customer": 1, "tier": "platinum"}, **said)
    assert body(made) == {"day": "Friday", "customer": 17, "tier": "gold-+14155550100"}


def test_a_preset_that_is_required_and_missing_sends_nothing() -> None:
    preset = {"name": "account", "value_template": "{{account_id}}", "required": True}
    with pytest.raises(InvalidInputError, match="account"):
        request({}, preset_parameters=[preset])


def test_a_body_template_keeps_types_and_lets_no_value_out_of_its_text() -> None:
    template = {
        "n": "{{count}}",
        "who": "Dear {{name}}",
        "deep": [{"hour": "{{gathered_context.slot}}"}],
        "v": 1,
    }
    made = request(
        {"count": 2, "name": '", "admin": true, "x": "'},
        parameters=parameters("count", "name"),
        body_template=json.dumps(template),
    )
    assert body(made) == {
        "n": 2,
        "who": 'Dear ", "admin": true, "x": "',
        "deep": [{"hour": {"hour": 9}}],
        "v": 1,
    }


def test_a_header_is_filled_in_or_nothing_is_sent() -> None:
    said = {
        "headers": {"X-Caller": "{{caller_number}}", "X-Note": "{{note}}"},
        "parameters": parameters("note"),
    }
    assert request({}, **said).headers["X-Caller"] == "+14155550100"
    assert "X-Note" not in request({}, **said).headers
    for note in ("a\r\nX-Admin: 1", "é"):
        with pytest.raises(InvalidInputError, match="X-Note"):
            request({"note": note}, **said)


def test_the_system_s_values_are_never_the_models() -> None:
    made = request(
        {"caller_number": "+19995550000"},
        url="https://crm.example.com/by/{{caller_number}}",
        parameters=parameters("caller_number"),
    )
    assert made.url == "https://crm.example.com/by/%2B14155550100"


def test_a_model_is_told_the_schema_without_what_is_preset() -> None:
    said = definition(
        parameters=[
            {"name": "day", "description": "A weekday.", "required": True, "enum": ["Monday", "Tuesday"]},
            {"name": "skus", "type": "array", "items": "string"},
        ],
        preset_parameters=[{"name": "who", "value_template": "{{caller_number}}"}],
    )
    assert arguments_schema(said) == {
        "type": "object",
        "properties": {
            "day": {"type": "string", "description": "A weekday.", "enum": ["Monday", "Tuesday"]},
            "skus": {"type": "array", "items": {"type": "string"}},
        },
        "additionalProperties": False,
        "required": ["day"],
    }
