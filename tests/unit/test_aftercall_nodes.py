"""Nodes that work before and after the call: what their documents must hold, and what they say of themselves."""

from typing import Any

import pytest

from offhook.json_types import JsonObject
from offhook.workflows import parse_workflow, workflow_problems, workflow_warnings
from offhook.workflows.nodes import QaNode, StartNode, WebhookNode

START: JsonObject = {"id": "a", "type": "startCall", "data": {"name": "A", "say": "Hello."}}
END: JsonObject = {"id": "z", "type": "endCall", "data": {"name": "Z", "say": "Bye."}}
EDGE: JsonObject = {"id": "e", "source": "a", "target": "z", "data": {"label": "on", "condition": "So"}}


def node(kind: str, id_: str = "w", **data: Any) -> JsonObject:
    return {"id": id_, "type": kind, "data": {"name": "W", **data}}


def definition(*nodes: JsonObject, **start: Any) -> Any:
    return {
        "nodes": [{**START, "data": {"name": "A", "say": "Hello.", **start}}, END, *nodes],
        "edges": [EDGE],
    }


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (definition(node("webhook", endpoint_url="ftp://crm.example.net")), "data.endpoint_url"),
        (definition(node("webhook", endpoint_url="https://{{host}}/hook")), "data.endpoint_url"),
        (definition(node("webhook", endpoint_url="https://crm.example.net/a b")), "data.endpoint_url"),
        (
            definition(node("webhook", custom_headers=[{"key": "Host", "value": "a"}])),
            "data.custom_headers.0",
        ),
        (definition(node("webhook", custom_headers=[{"key": "X", "value": "a\n"}])), "data.custom_headers.0"),
        (definition(node("webhook", http_method="TRACE")), "data.http_method"),
        (definition(node("qa", qa_sample_rate=101)), "data.qa_sample_rate"),
        (definition(node("qa", criteria=[{"name": "Polite", "scale": 1}])), "data.criteria.0.scale"),
        (definition(pre_call_fetch_mode="sometimes"), "data.pre_call_fetch_mode"),
        (definition(pre_call_fetch_url="crm.example.net"), "data.pre_call_fetch_url"),
    ],
)
def test_what_could_never_be_done_is_a_fault(document: Any, field: str) -> None:
    assert [problem.field for problem in workflow_problems(document)] == [field]


def test_webhooks_and_checks_are_bounded() -> None:
    many = [node("webhook", f"w{n}") for n in range(11)] + [node("qa", f"q{n}") for n in range(6)]
    assert [problem.message for problem in workflow_problems(definition(*many))] == [
        "There may be 10 webhook nodes at most.",
        "There may be 5 qa nodes at most.",
    ]


def test_what_is_not_sent_is_warned_of() -> None:
    secret = node(
        "webhook", endpoint_url="https://crm.example.net", custom_headers=[{"key": "Authorization"}]
    )
    nowhere, off = node("webhook", "v"), node("webhook", "u", enabled=False)
    warned = workflow_warnings(definition(secret, nowhere, off, node("qa", "q", qa_api_key="sk-1")))
    assert [(each.id, each.field) for each in warned] == [
        ("w", "data.custom_headers.0"),
        ("v", "data.endpoint_url"),
        ("q", "data.qa_api_key"),
    ]


def test_a_webhook_sends_the_headers_that_show_nothing_of_who_asks() -> None:
    headers = [
        {"key": "X-App", "value": "voice"},
        {"key": "Cookie", "value": "a=b"},
        {"key": "", "value": ""},
    ]
    webhook = parse_workflow(definition(node("webhook", custom_headers=headers))).node("w")
    assert isinstance(webhook, WebhookNode)
    assert webhook.headers == {"X-App": "voice"}


@pytest.mark.parametrize(
    ("data", "active"),
    [
        ({"endpoint_url": "https://crm.example.net"}, True),
        ({"endpoint_url": "https://crm.example.net", "enabled": False}, False),
        ({}, False),
    ],
)
def test_a_webhook_is_sent_when_it_is_switched_on_and_leads_somewhere(data: Any, *, active: bool) -> None:
    webhook = parse_workflow(definition(node("webhook", **data))).node("w")
    assert isinstance(webhook, WebhookNode)
    assert webhook.is_active is active


def test_a_check_has_dograhs_defaults() -> None:
    check = parse_workflow(definition(node("qa"))).node("w")
    assert isinstance(check, QaNode)
    assert check.is_active
    data = check.data
    assert (data.qa_min_call_duration, data.qa_voicemail_calls, data.qa_sample_rate) == (15, False, 100)


@pytest.mark.parametrize(
    ("data", "directions"),
    [
        ({}, set()),
        ({"pre_call_fetch_mode": "always"}, {"inbound", "outbound"}),
        ({"pre_call_fetch_mode": "inbound"}, {"inbound"}),
        ({"pre_call_fetch_mode": "outbound"}, {"outbound"}),
        ({"pre_call_fetch_mode": "disabled", "pre_call_fetch_enabled": True}, set()),
        ({"pre_call_fetch_enabled": True}, {"inbound", "outbound"}),
        ({"pre_call_fetch_enabled": False}, set()),
    ],
)
def test_a_start_fetches_before_the_calls_of_its_mode(data: Any, directions: set[str]) -> None:
    start = parse_workflow(definition(pre_call_fetch_url="https://crm.example.net", **data)).start
    assert isinstance(start, StartNode)
    assert {each for each in ("inbound", "outbound") if start.fetches(each)} == directions


def test_a_start_without_an_address_fetches_nothing() -> None:
    assert not parse_workflow(definition(pre_call_fetch_mode="always")).start.fetches("inbound")
