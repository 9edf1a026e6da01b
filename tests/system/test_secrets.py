"""Secrets that are sent through every route turn up in no log, no error and no stored item, but sealed or hashed."""

import logging
from typing import Any

import pytest

from offhook.settings import Settings
from tests.support.operations import OPERATIONS, Operation
from tests.support.rest import Install, Tenant
from tests.support.tenancy import Belongings, furnish, stored_of

SECRET = "dg_the-one-text-that-nobody-may-ever-repeat"
SECRET_FIELDS = frozenset({"bearer_token", "webhook_api_key", "api_key", "token", "password", "header_value"})


@pytest.fixture
def belongings(install: Install, tenant: Tenant) -> Belongings:
    return furnish(install, tenant)


def with_secret(value: Any) -> Any:
    """Return a copy of a body with the secret in each field that is made for one."""
    if isinstance(value, list):
        return [with_secret(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: SECRET if name in SECRET_FIELDS else with_secret(each) for name, each in value.items()}


def attacks(operation: Operation, belongings: Belongings) -> list[dict[str, Any]]:
    """Return requests that carry the secret where it belongs, and in every place where it does not."""
    ids, good = belongings.ids, belongings.tenant.headers
    body = with_secret(operation.example_body)
    requests: list[dict[str, Any]] = [
        {"ids": ids, "headers": {"X-API-Key": SECRET}},
        {"ids": ids, "headers": {"Authorization": f"Bearer {SECRET}"}},
        {"ids": ids, "headers": {**good, "If-Match": SECRET, "Prefer": SECRET}},
        {"ids": dict.fromkeys(ids, SECRET), "headers": good},
        {"ids": ids, "headers": good, "params": {"cursor": SECRET, "limit": SECRET, "status": SECRET}},
    ]
    if body is not None:
        requests += [
            {"ids": ids, "headers": good, "json": {**body, "surplus": SECRET}},
            {"ids": ids, "headers": good, "json": {name: [SECRET] for name in body}},
            {"ids": ids, "headers": good, "json": SECRET},
            {"ids": ids, "headers": {**good, "Idempotency-Key": SECRET}, "json": body},
        ]
    return requests


def test_no_route_repeats_or_keeps_a_secret(
    install: Install,
    belongings: Belongings,
    storage_settings: Settings,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    # The client of this test logs the addresses that it calls; that is its own affair.
    caplog.set_level(logging.WARNING, "httpx")
    replies = [
        (name, operation.send(install, **attack).text)
        for name, operation in OPERATIONS.items()
        for attack in attacks(operation, belongings)
    ]
    assert not [name for name, text in replies if SECRET in text]
    stored = stored_of(storage_settings, belongings.tenant.organization_id)
    secrets = (SECRET, belongings.tenant.api_key)
    assert not [key for key, item in stored.items() if any(secret in item for secret in secrets)]
    printed = caplog.text + "".join(capfd.readouterr())
    assert not any(secret in printed for secret in secrets)
    # The search can find something: an id that is no secret stands in what is stored.
    assert any(belongings.tenant.agent_uuid in item for item in stored.values())
