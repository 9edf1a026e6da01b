"""The same request under the same Idempotency-Key has one effect, over a real socket and real storage."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from offhook.clock import system_clock
from offhook.organizations.idempotency import STALE_AFTER, Claim
from offhook.organizations.model import Scope
from offhook.settings import Settings
from tests.support.rest import Install, Tenant, workflow_with_trigger
from tests.support.tenancy import stored_of

BODY = {"name": "crm", "scopes": ["runs:read"]}


def make_key(
    install: Install, headers: dict[str, str], key: str | None = "k1", body: Any = BODY
) -> httpx.Response:
    named = {} if key is None else {"Idempotency-Key": key}
    return install.http.post("/api/v1/user/api-keys", json=body, headers=headers | named)


def key_ids(install: Install, tenant: Tenant) -> set[str]:
    keys = install.store.organizations.list_keys(tenant.organization_id)
    return {key.id for key in keys} - {tenant.api_key_id}


def test_a_repeated_request_makes_one_key_and_shows_it_once(install: Install, tenant: Tenant) -> None:
    first, again = make_key(install, tenant.headers), make_key(install, tenant.headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["api_key"].startswith("dg_")
    assert again.json()["api_key"] is None
    assert "Idempotency-Key" in again.json()["note"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert key_ids(install, tenant) == {first.json()["id"]} == {again.json()["id"]}


def test_neither_the_new_key_nor_the_idempotency_key_is_stored(
    install: Install, tenant: Tenant, storage_settings: Settings
) -> None:
    made = make_key(install, tenant.headers, "a-key-with-a-name-in-it").json()
    stored = str(stored_of(storage_settings, tenant.organization_id))
    assert made["id"] in stored
    assert made["api_key"] not in stored
    assert "a-key-with-a-name-in-it" not in stored


def test_a_storm_of_one_request_makes_one_key(install: Install, tenant: Tenant) -> None:
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: make_key(install, tenant.headers), range(32)))
    assert {reply.status_code for reply in replies} <= {201, 409}
    assert len([reply for reply in replies if reply.is_success and reply.json()["api_key"]]) == 1
    for reply in replies:
        if reply.status_code == 409:
            assert reply.json()["code"] == "idempotency-in-progress"
            assert int(reply.headers["retry-after"]) >= 1
    assert len(key_ids(install, tenant)) == 1


def test_a_key_stands_for_one_request_and_one_organization(install: Install, tenant: Tenant) -> None:
    make_key(install, tenant.headers)
    other_body = make_key(install, tenant.headers, body={"name": "other"})
    assert (other_body.status_code, other_body.json()["code"]) == (409, "idempotency-mismatch")
    other_key = make_key(install, tenant.headers, "k2")
    assert (other_key.status_code, "idempotent-replayed" in other_key.headers) == (201, False)
    other = install.new_tenant(f"{tenant.organization_id}-b", has_line=False)
    theirs = make_key(install, other.headers)
    assert (theirs.status_code, "idempotent-replayed" in theirs.headers) == (201, False)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/user/api-keys", BODY),
        ("/api/v1/agents", {"name": "Reception", "workflow_definition": workflow_with_trigger("given-back")}),
        ("/api/v1/credentials", {"name": "Orders", "type": "bearer_token", "token": "secret"}),
    ],
)
def test_a_refused_request_gives_its_key_back(
    install: Install, tenant: Tenant, path: str, body: dict[str, Any]
) -> None:
    headers = {**tenant.headers, "Idempotency-Key": "k1"}
    assert install.http.post(path, json=body | {"name": ""}, headers=headers).status_code == 422
    assert install.http.post(path, json=body, headers=headers).status_code == 201


def test_who_may_not_ask_learns_nothing_of_a_reply(install: Install, tenant: Tenant) -> None:
    make_key(install, tenant.headers)
    narrow = install.add_key(tenant, Scope.RUNS_READ)
    assert make_key(install, narrow).status_code == 403
    assert make_key(install, {}).status_code == 401


def test_a_request_whose_process_died_is_answered_from_what_it_made(install: Install, tenant: Tenant) -> None:
    first = make_key(install, tenant.headers)
    abandon(install, tenant, first.json()["id"], "k1")
    again = make_key(install, tenant.headers)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert again.json()["api_key"] is None
    assert len(key_ids(install, tenant)) == 1


def abandon(install: Install, tenant: Tenant, resource_id: str, key: str) -> None:
    """Leave the claim as a process does that dies between the effect and the reply."""
    claims, now = install.store.idempotency, system_clock()
    held = claims.claim(
        Claim(
            organization_id=tenant.organization_id,
            key=key,
            fingerprint="",
            resource_id="",
            attempt="",
            claimed_at=now,
        )
    )
    assert held.resource_id == resource_id
    claims.release(held)
    claims.claim(
        Claim(
            organization_id=tenant.organization_id,
            key=key,
            fingerprint=held.fingerprint,
            resource_id=resource_id,
            attempt="of a dead process",
            claimed_at=now - STALE_AFTER,
        )
    )


def test_two_keys_in_one_request_are_refused(install: Install, tenant: Tenant) -> None:
    headers = [*tenant.headers.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    reply = install.http.post("/api/v1/user/api-keys", json=BODY, headers=headers)
    assert (reply.status_code, reply.json()["errors"][0]["loc"]) == (422, ["header", "Idempotency-Key"])
    assert key_ids(install, tenant) == set()
