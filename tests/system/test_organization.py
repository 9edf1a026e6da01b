"""Limits and the webhook secret at the front door."""

from typing import Any

import httpx
import pytest

from offhook.organizations.limits import Limits
from offhook.organizations.model import Scope
from offhook.signing import webhook_secret
from tests.support.rest import Install, Tenant

LIMITS = "/api/v1/organization/limits"
SECRET = "/api/v1/organization/webhook-secret"

GOOD: dict[str, Any] = {
    "max_concurrent_calls": 3,
    "minutes_per_month": 500,
    "spend_per_day_usd": 12.35,
    "calls_per_minute_per_key": 7,
    "calls_per_number_per_day": 2,
    "campaign_share_percent": 50,
    "allowed_destinations": ["+1415", "sip:", "sips:desk@pbx.example.com"],
}


@pytest.fixture
def stranger(install: Install, organization_id: str) -> Tenant:
    return install.new_tenant(organization_id[::-1], has_line=False)


def put(install: Install, tenant: Tenant, **changes: Any) -> httpx.Response:
    return install.http.put(LIMITS, json={**GOOD, **changes}, headers=tenant.headers)


def test_an_organization_begins_with_the_default_limits(install: Install, tenant: Tenant) -> None:
    reply = install.http.get(LIMITS, headers=tenant.headers)
    assert reply.status_code == 200
    assert reply.json() == {
        "max_concurrent_calls": 10,
        "minutes_per_month": None,
        "spend_per_day_usd": None,
        "calls_per_minute_per_key": 60,
        "calls_per_number_per_day": 3,
        "campaign_share_percent": 80,
        "allowed_destinations": None,
    }


def test_limits_that_were_set_are_shown_and_hold_for_the_next_call(install: Install, tenant: Tenant) -> None:
    assert put(install, tenant).json() == GOOD
    assert install.http.get(LIMITS, headers=tenant.headers).json() == GOOD
    path = f"/api/v1/public/agent/{tenant.trigger_path}"
    refused = install.http.post(path, json={"phone_number": "+442071838750"}, headers=tenant.headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "destination-not-allowed")
    placed = install.http.post(path, json={"phone_number": "+14155550123"}, headers=tenant.headers)
    assert placed.status_code == 200


def test_null_takes_a_limit_away_and_none_is_ever_left_out(install: Install, tenant: Tenant) -> None:
    put(install, tenant)
    without = {"minutes_per_month": None, "spend_per_day_usd": None, "allowed_destinations": None}
    assert put(install, tenant, **without).json() == GOOD | without
    for name in GOOD:
        body = {key: value for key, value in GOOD.items() if key != name}
        reply = install.http.put(LIMITS, json=body, headers=tenant.headers)
        assert (reply.status_code, reply.json()["errors"][0]["loc"]) == (422, ["body", name])


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("max_concurrent_calls", [-1, 10_001, 1.5, "3", True, None]),
        ("minutes_per_month", [-1, 10_000_001, 1.5, "3", False]),
        ("spend_per_day_usd", [-0.01, 1_000_000.5, "12", True]),
        ("calls_per_minute_per_key", [-1, 10_001, None]),
        ("calls_per_number_per_day", [-1, 101, 1.5, "3", True, None]),
        ("campaign_share_percent", [0, 101, 1.5, "3", True, None]),
        (
            "allowed_destinations",
            ["+1", ["1415"], ["+"], ["+0"], ["tel:+1"], ["+1 415"], [""], [None], ["+1"] * 501],
        ),
        ("surplus", [1]),
    ],
)
def test_a_limit_out_of_bounds_changes_nothing(
    install: Install, tenant: Tenant, name: str, values: list[Any]
) -> None:
    for value in values:
        reply = put(install, tenant, **{name: value})
        assert (reply.status_code, reply.json()["errors"][0]["loc"][:2]) == (422, ["body", name])
    assert install.store.organizations.limits(tenant.organization_id) == Limits()


def test_limits_are_those_of_the_keys_organization(
    install: Install, tenant: Tenant, stranger: Tenant
) -> None:
    put(install, tenant)
    assert install.http.get(LIMITS, headers=stranger.headers).json()["max_concurrent_calls"] == 10


@pytest.mark.parametrize(("method", "path"), [("PUT", LIMITS), ("GET", SECRET)])
def test_a_key_that_may_only_read_cannot_raise_limits_or_sign(
    install: Install, tenant: Tenant, method: str, path: str
) -> None:
    reader = install.add_key(tenant, *(set(Scope) - {Scope.ORGANIZATION_WRITE}))
    reply = install.http.request(method, path, json=GOOD, headers=reader)
    assert (reply.status_code, reply.json()["code"]) == (403, "scope-required")
    assert install.http.get(LIMITS, headers=reader).json()["max_concurrent_calls"] == 10


def test_each_organization_has_a_webhook_secret_of_its_own(
    install: Install, tenant: Tenant, stranger: Tenant
) -> None:
    shown = install.http.get(SECRET, headers=tenant.headers).json()["secret"]
    assert shown.startswith("whsec_")
    assert shown == install.http.get(SECRET, headers=tenant.headers).json()["secret"]
    assert shown == webhook_secret(install.ports.settings.install_secret, tenant.organization_id)
    assert shown != install.http.get(SECRET, headers=stranger.headers).json()["secret"]
