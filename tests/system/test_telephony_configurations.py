"""Telephony configurations and phone numbers over HTTP, from the first to the last day of their lives."""

import json
from typing import Any

import boto3
import pytest

from offhook.ids import new_uuid
from offhook.organizations.model import Scope
from offhook.settings import Settings
from tests.support.carrier import Answer
from tests.support.configurations import (
    BASE,
    TOKEN,
    WEBHOOK_KEY,
    add_number,
    create,
    new_configuration,
    problem,
    send,
    trigger,
)
from tests.support.rest import BEARER_TOKEN, Install, Tenant


def bearer_of_verify(install: Install, tenant: Tenant, configuration_id: str) -> str | None:
    """Have the carrier asked, and return the credential that it was asked with."""
    install.carrier.reset()
    install.carrier.answer = Answer(status=200, body={"uuid": "d0a1"})
    reply = send(install, tenant, "POST", f"/{configuration_id}/verify")
    assert reply.status_code == 200, reply.text
    assert reply.json()["verified_at"] is not None
    (asked,) = install.carrier.asked
    return asked.authorization


def test_a_configuration_is_made_shown_changed_and_removed(install: Install, tenant: Tenant) -> None:
    made = create(install, tenant)
    assert made == {
        "id": made["id"],
        "name": "Second line",
        "provider": "cloudonix",
        "domain_id": f"new-{tenant.organization_id}.cloudonix.net",
        "credentials": {
            "bearer_token": "…4f2c",
            "domain_id": f"new-{tenant.organization_id}.cloudonix.net",
            "application_name": None,
            "webhook_api_key": None,
        },
        "is_default": False,
        "created_at": made["created_at"],
        "updated_at": None,
        "verified_at": None,
    }
    path = f"/{made['id']}"
    assert send(install, tenant, "GET", path).json() == made
    changes = {"name": "Night line", "credentials": {"application_name": "night"}}
    changed = send(install, tenant, "PUT", path, changes).json()
    assert (changed["name"], changed["credentials"]["application_name"]) == ("Night line", "night")
    assert changed["credentials"]["bearer_token"] == "…4f2c"
    assert changed["updated_at"] is not None
    assert send(install, tenant, "GET", path).json() == changed
    assert send(install, tenant, "DELETE", path).status_code == 204
    for method in ("GET", "DELETE"):
        assert problem(send(install, tenant, method, path)) == (404, "not-found")


def test_the_list_has_the_default_first_and_pages(install: Install, tenant: Tenant) -> None:
    names = [f"Line {number}" for number in range(3)]
    for name in names:
        create(
            install,
            tenant,
            name=name,
            credentials={"bearer_token": TOKEN, "domain_id": f"{name[-1]}-{tenant.organization_id}"},
        )
    first = send(install, tenant, "GET", "?limit=3").json()
    assert [item["name"] for item in first["items"]] == ["main", "Line 2", "Line 1"]
    second = send(install, tenant, "GET", f"?limit=3&cursor={first['next_cursor']}").json()
    assert [item["name"] for item in second["items"]] == ["Line 0"]
    assert second["next_cursor"] is None
    assert problem(send(install, tenant, "GET", "?cursor=x.y")) == (422, "invalid-cursor")


def test_there_is_one_default_and_calls_leave_by_it(install: Install, tenant: Tenant) -> None:
    made = create(install, tenant, is_default=True)
    add_number(install, tenant, made["id"], address="+12025550199")
    assert trigger(install, tenant) == (200, "+12025550199")
    reply = send(install, tenant, "POST", f"/{tenant.configuration_id}/set-default")
    assert (reply.status_code, reply.json()["is_default"]) == (200, True)
    listed = send(install, tenant, "GET").json()["items"]
    assert {item["id"]: item["is_default"] for item in listed} == {
        tenant.configuration_id: True,
        made["id"]: False,
    }
    assert trigger(install, tenant) == (200, tenant.caller_number)


def test_a_masked_secret_sent_back_leaves_the_secret_as_it_is(install: Install, tenant: Tenant) -> None:
    made = create(install, tenant)
    path = f"/{made['id']}"
    credentials = {**made["credentials"], "webhook_api_key": WEBHOOK_KEY}
    shown = send(install, tenant, "PUT", path, {"credentials": credentials}).json()
    assert shown["credentials"] == {**made["credentials"], "webhook_api_key": "…c3d4"}
    again = send(
        install, tenant, "PUT", path, {"name": "Renamed", "credentials": shown["credentials"]}
    ).json()
    assert again["credentials"] == shown["credentials"]
    assert bearer_of_verify(install, tenant, made["id"]) == f"Bearer {TOKEN}"
    replaced = send(install, tenant, "PUT", path, {"credentials": {"bearer_token": "XI-another-0001"}}).json()
    assert replaced["credentials"] == {**shown["credentials"], "bearer_token": "…0001"}
    assert bearer_of_verify(install, tenant, made["id"]) == "Bearer XI-another-0001"
    removed = send(install, tenant, "PUT", path, {"credentials": {"webhook_api_key": None}}).json()
    assert removed["credentials"]["webhook_api_key"] is None


@pytest.mark.parametrize("token", ["…9999", "…", "two words", "line\nbreak", "", "x" * 2049, "tökën-12345"])
def test_what_is_no_secret_is_422_and_changes_nothing(install: Install, tenant: Tenant, token: str) -> None:
    made = create(install, tenant)
    reply = send(install, tenant, "PUT", f"/{made['id']}", {"credentials": {"bearer_token": token}})
    assert problem(reply) == (422, "invalid-request")
    assert reply.json()["errors"][0]["loc"] == ["body", "credentials", "bearer_token"]
    assert bearer_of_verify(install, tenant, made["id"]) == f"Bearer {TOKEN}"


def test_another_token_or_domain_must_be_verified_anew(install: Install, tenant: Tenant) -> None:
    made = create(install, tenant)
    path, domain = f"/{made['id']}", made["domain_id"]
    bearer_of_verify(install, tenant, made["id"])
    assert install.carrier.asked[0].path == f"/customers/self/domains/{domain}"
    assert install.store.telephony.owner_of_account("cloudonix", domain) == (
        tenant.organization_id,
        made["id"],
    )
    renamed = send(install, tenant, "PUT", path, {"name": "Renamed"}).json()
    assert renamed["verified_at"] is not None
    token = {"credentials": {"bearer_token": "XI-another-0001"}}
    assert send(install, tenant, "PUT", path, token).json()["verified_at"] is None
    assert install.store.telephony.owner_of_account("cloudonix", domain) is not None
    bearer_of_verify(install, tenant, made["id"])
    moved = {"credentials": {"domain_id": f"moved-{tenant.organization_id}"}}
    assert send(install, tenant, "PUT", path, moved).json()["verified_at"] is None
    assert install.store.telephony.owner_of_account("cloudonix", domain) is None


@pytest.mark.parametrize(("answer", "status"), [(401, 400), (403, 400), (404, 400), (500, 400), (429, 429)])
def test_what_the_carrier_does_not_accept_is_not_verified(
    install: Install, tenant: Tenant, answer: int, status: int
) -> None:
    install.carrier.answer = Answer(status=answer, body={"message": "words of the carrier"})
    reply = send(install, tenant, "POST", f"/{tenant.configuration_id}/verify")
    assert (reply.status_code, "words of" in reply.text) == (status, False)
    assert send(install, tenant, "GET", f"/{tenant.configuration_id}").json()["verified_at"] is None
    assert install.store.telephony.owner_of_account("cloudonix", tenant.cloudonix_domain) is None


def test_a_domain_is_the_organizations_that_verified_it_first(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-b")
    bearer_of_verify(install, tenant, tenant.configuration_id)
    body = {"credentials": {"domain_id": tenant.cloudonix_domain}}
    assert send(install, other, "PUT", f"/{other.configuration_id}", body).status_code == 200
    reply = send(install, other, "POST", f"/{other.configuration_id}/verify")
    assert problem(reply) == (409, "domain-taken")
    shown = send(install, other, "GET", f"/{other.configuration_id}").json()
    assert shown["verified_at"] is None
    assert send(install, tenant, "DELETE", f"/{tenant.configuration_id}").status_code == 204
    bearer_of_verify(install, other, other.configuration_id)


def test_names_and_domains_are_one_configurations_each(install: Install, tenant: Tenant) -> None:
    made = create(install, tenant)
    same_name = new_configuration(tenant, credentials={"bearer_token": TOKEN, "domain_id": "elsewhere"})
    assert problem(send(install, tenant, "POST", body=same_name)) == (409, "name-taken")
    same_domain = new_configuration(tenant, name="Third line")
    assert problem(send(install, tenant, "POST", body=same_domain)) == (409, "domain-in-use")
    reply = send(install, tenant, "PUT", f"/{made['id']}", {"name": "main"})
    assert problem(reply) == (409, "name-taken")
    assert len(send(install, tenant, "GET").json()["items"]) == 2


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({"name": ""}, ["body", "name"]),
        ({"name": "x" * 65}, ["body", "name"]),
        ({"provider": "twilio"}, ["body", "provider"]),
        ({"colour": "red"}, ["body", "colour"]),
        ({"credentials": {"bearer_token": TOKEN}}, ["body", "credentials", "domain_id"]),
        ({"credentials": {"domain_id": "acme"}}, ["body", "credentials", "bearer_token"]),
        (
            {"credentials": {"bearer_token": TOKEN, "domain_id": "a/../b"}},
            ["body", "credentials", "domain_id"],
        ),
        (
            {"credentials": {"bearer_token": "…4f2c", "domain_id": "b"}},
            ["body", "credentials", "bearer_token"],
        ),
    ],
)
def test_a_wrong_body_is_422_and_stores_nothing(
    install: Install, tenant: Tenant, body: dict[str, Any], loc: list[str]
) -> None:
    reply = send(install, tenant, "POST", body=new_configuration(tenant, **body))
    assert problem(reply) == (422, "invalid-request")
    assert reply.json()["errors"][0]["loc"] == loc
    assert len(install.store.telephony.list(tenant.organization_id)) == 1


def test_a_repeated_request_makes_one_configuration_and_one_number(install: Install, tenant: Tenant) -> None:
    key = {"Idempotency-Key": new_uuid()}
    replies = [send(install, tenant, "POST", body=new_configuration(tenant), **key).json() for _ in range(2)]
    assert replies[0] == replies[1]
    path, body = f"/{replies[0]['id']}/phone-numbers", {"address": "+12025550188"}
    numbers = [send(install, tenant, "POST", path, body, **key) for _ in range(2)]
    assert problem(numbers[0]) == (409, "idempotency-mismatch")
    key = {"Idempotency-Key": new_uuid()}
    numbers = [send(install, tenant, "POST", path, body, **key) for _ in range(2)]
    assert [reply.status_code for reply in numbers] == [201, 201]
    assert numbers[0].json() == numbers[1].json()


def test_another_organization_finds_nothing_and_changes_nothing(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-b")
    before = install.store.telephony.outbound_profile(tenant.organization_id)
    one = f"/{tenant.configuration_id}"
    number = f"{one}/phone-numbers/{tenant.number_id}"
    requests = [
        ("GET", one, None),
        ("PUT", one, {"name": "Theirs"}),
        ("DELETE", one, None),
        ("POST", f"{one}/set-default", None),
        ("POST", f"{one}/verify", None),
        ("GET", f"{one}/phone-numbers", None),
        ("POST", f"{one}/phone-numbers", {"address": "+12025550188"}),
        ("GET", number, None),
        ("PUT", number, {"label": "Theirs"}),
        ("DELETE", number, None),
        ("POST", f"{number}/set-default-caller", None),
        # A number of one's own configuration is not to be reached through another, nor the other way round.
        ("GET", f"/{other.configuration_id}/phone-numbers/{tenant.number_id}", None),
    ]
    for method, path, body in requests:
        assert problem(send(install, other, method, path, body)) == (404, "not-found"), (method, path)
    assert install.store.telephony.outbound_profile(tenant.organization_id) == before
    assert install.carrier.asked == []


def test_reading_needs_one_scope_and_changing_another(install: Install, tenant: Tenant) -> None:
    reader, stranger = install.add_key(tenant, Scope.TELEPHONY_READ), install.add_key(tenant, Scope.RUNS_READ)
    assert install.http.get(BASE, headers=reader).status_code == 200
    assert problem(install.http.get(BASE, headers=stranger)) == (403, "scope-required")
    body = new_configuration(tenant)
    assert problem(install.http.post(BASE, json=body, headers=reader)) == (403, "scope-required")


def test_secrets_are_in_no_reply_and_stored_only_sealed(
    install: Install, tenant: Tenant, storage_settings: Settings
) -> None:
    credentials = {
        "bearer_token": TOKEN,
        "domain_id": f"sealed-{tenant.organization_id}",
        "webhook_api_key": WEBHOOK_KEY,
    }
    body = new_configuration(tenant, credentials=credentials)
    made = send(install, tenant, "POST", body=body, **{"Idempotency-Key": new_uuid()})
    path = f"/{made.json()['id']}"
    install.carrier.answer = Answer(status=401, body={"you sent": TOKEN})
    replies = [
        made,
        send(install, tenant, "GET"),
        send(install, tenant, "GET", path),
        send(install, tenant, "PUT", path, {"credentials": credentials}),
        send(install, tenant, "POST", f"{path}/verify"),
        send(install, tenant, "POST", body=body),
        send(install, tenant, "PUT", path, {"credentials": {"bearer_token": f"{TOKEN} {TOKEN}"}}),
    ]
    texts = [reply.text for reply in replies]
    texts += [json.dumps(page, default=str) for page in stored_pages(storage_settings)]
    assert any("webhook_key" in text for text in texts)
    for secret in (TOKEN, WEBHOOK_KEY, BEARER_TOKEN):
        assert not any(secret in text for text in texts)


def stored_pages(settings: Settings) -> list[dict[str, Any]]:
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=settings.config_table)
    return [dict(page) for page in pages]
