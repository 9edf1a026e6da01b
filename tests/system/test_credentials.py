"""Credentials at the front door: sealed where they lie, masked where they are shown."""

from typing import Any

import httpx
import pytest

from offhook.errors import InvalidInputError
from offhook.settings import Settings
from offhook.tools.credentials import seal_context
from tests.support.rest import Install, Tenant
from tests.support.tenancy import stored_of

PATH = "/api/v1/credentials"
TOKEN = "tok-3c51-the-secret-of-the-crm-9f1d"

KINDS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"type": "api_key", "api_key": TOKEN}, "api_key", "X-API-Key"),
    ({"type": "api_key", "header_name": "X-Key", "api_key": TOKEN}, "api_key", "X-Key"),
    ({"type": "bearer_token", "token": TOKEN}, "token", None),
    ({"type": "basic_auth", "username": "jane", "password": TOKEN}, "password", None),
    (
        {"type": "custom_header", "header_name": "Authorization", "header_value": TOKEN},
        "header_value",
        "Authorization",
    ),
]


@pytest.fixture
def stranger(install: Install, organization_id: str) -> Tenant:
    return install.new_tenant(organization_id[::-1], has_line=False)


def make(install: Install, tenant: Tenant, **body: Any) -> httpx.Response:
    return install.http.post(PATH, json={"name": "CRM", **body}, headers=tenant.headers)


def made(install: Install, tenant: Tenant, **body: Any) -> str:
    reply = make(install, tenant, **(body or {"type": "bearer_token", "token": TOKEN}))
    assert reply.status_code == 201, reply.text
    uuid: str = reply.json()["uuid"]
    return uuid


def change(install: Install, tenant: Tenant, uuid: str, **body: Any) -> httpx.Response:
    return install.http.put(f"{PATH}/{uuid}", json=body, headers=tenant.headers)


def opened(install: Install, tenant: Tenant, uuid: str) -> str:
    credential = install.store.credentials.get(tenant.organization_id, uuid)
    context = seal_context(tenant.organization_id, uuid)
    return install.ports.secret_box.open(credential.sealed, context)


@pytest.mark.parametrize(("body", "secret_field", "header_name"), KINDS)
def test_a_credential_is_shown_masked_and_stored_sealed(
    install: Install,
    tenant: Tenant,
    storage_settings: Settings,
    body: dict[str, Any],
    secret_field: str,
    header_name: str | None,
) -> None:
    reply = make(install, tenant, **body)
    shown = reply.json()
    assert reply.status_code == 201
    assert shown[secret_field] == "…9f1d"
    assert (shown["header_name"], shown["username"]) == (header_name, body.get("username"))
    other_secrets = {"api_key", "token", "password", "header_value"} - {secret_field}
    assert {shown[name] for name in other_secrets} == {None}
    url = f"{PATH}/{shown['uuid']}"
    assert install.http.get(url, headers=tenant.headers).json() == shown
    assert install.http.get(PATH, headers=tenant.headers).json() == {"items": [shown], "next_cursor": None}
    assert opened(install, tenant, shown["uuid"]) == TOKEN
    stored = stored_of(storage_settings, tenant.organization_id)
    assert f"ORG#{tenant.organization_id} CREDENTIAL#{shown['uuid']}" in stored
    assert not [key for key, item in stored.items() if TOKEN in item]


def test_a_short_secret_shows_nothing_of_itself(install: Install, tenant: Tenant) -> None:
    assert (
        make(install, tenant, type="basic_auth", username="jane", password="1234567").json()["password"]
        == "…"
    )


@pytest.mark.parametrize(("body", "secret_field", "_"), KINDS)
def test_a_mask_that_is_sent_back_leaves_the_secret(
    install: Install, tenant: Tenant, body: dict[str, Any], secret_field: str, _: str | None
) -> None:
    uuid = made(install, tenant, **body)
    reply = change(install, tenant, uuid, name="CRM 2", **{secret_field: "…9f1d"})
    assert (reply.status_code, reply.json()["name"]) == (200, "CRM 2")
    assert opened(install, tenant, uuid) == TOKEN
    reply = change(install, tenant, uuid, **{secret_field: "another-secret-0001"})
    assert (reply.json()["name"], reply.json()[secret_field]) == ("CRM 2", "…0001")
    assert opened(install, tenant, uuid) == "another-secret-0001"


@pytest.mark.parametrize("secret", ["…abcd", "…", "… 9f1d"])
def test_another_mask_is_no_secret(install: Install, tenant: Tenant, secret: str) -> None:
    for body in (
        {"type": "bearer_token", "token": TOKEN},
        {"type": "basic_auth", "username": "a", "password": TOKEN},
    ):
        field = "token" if "token" in body else "password"
        uuid = made(install, tenant, **body)
        for reply in (
            change(install, tenant, uuid, **{field: secret}),
            make(install, tenant, **{**body, field: secret}),
        ):
            assert (reply.status_code, reply.json()["errors"][0]["loc"]) == (422, ["body", field])
        assert opened(install, tenant, uuid) == TOKEN


def test_the_public_field_changes_without_the_secret(install: Install, tenant: Tenant) -> None:
    uuid = made(install, tenant, type="api_key", api_key=TOKEN)
    assert change(install, tenant, uuid, header_name="X-Crm").json()["header_name"] == "X-Crm"
    assert opened(install, tenant, uuid) == TOKEN


WRONG: list[tuple[dict[str, Any], str]] = [
        ({"type": "bearer_token"}, "token"),
        ({"type": "basic_auth", "password": TOKEN}, "username"),
        ({"type": "custom_header", "header_value": TOKEN}, "header_name"),
        ({"type": "bearer_token", "token": TOKEN, "api_key": TOKEN}, "api_key"),
        ({"type": "bearer_token", "token": TOKEN, "header_name": "X-A"}, "header_name"),
        ({"type": "bearer_token", "token": "a b\r\nX: y"}, "token"),
        ({"type": "bearer_token", "token": " " + TOKEN}, "token"),
        ({"type": "bearer_token", "token": "x" * 1025}, "token"),
        ({"type": "basic_auth", "username": "a:b", "password": TOKEN}, "username"),
        ({"type": "basic_auth", "username": "a", "password": "line\nbreak"}, "password"),
        *(
            ({"type": "custom_header", "header_name": name, "header_value": TOKEN}, "header_name")
            for name in ("Host", "content-length", "Transfer-Encoding", "Connection", "Proxy-Authorization", "X A", "X:", "é")
        ),
        ({"type": "password", "token": TOKEN}, "type"),
        ({"type": "bearer_token", "token": TOKEN, "surplus": 1}, "surplus"),
        ({"type": "bearer_token", "token": TOKEN, "name": " "}, "name"),
]  # fmt: skip


def test_a_wrong_field_is_named_and_nothing_is_stored(install: Install, tenant: Tenant) -> None:
    for body, field in WRONG:
        reply = make(install, tenant, **body)
        assert reply.status_code == 422, body
        assert [error["loc"][:2] for error in reply.json()["errors"]] == [["body", field]]
        assert TOKEN not in reply.text
    assert install.store.credentials.list(tenant.organization_id) == []


def test_a_type_never_changes(install: Install, tenant: Tenant) -> None:
    uuid = made(install, tenant)
    assert change(install, tenant, uuid, type="bearer_token").status_code == 200
    reply = change(install, tenant, uuid, type="api_key", api_key=TOKEN)
    assert (reply.status_code, reply.json()["errors"][0]["loc"]) == (422, ["body", "type"])


def test_a_sealed_secret_opens_nowhere_else(install: Install, tenant: Tenant, stranger: Tenant) -> None:
    uuid = made(install, tenant)
    sealed = install.store.credentials.get(tenant.organization_id, uuid).sealed
    for context in (
        seal_context(stranger.organization_id, uuid),
        seal_context(tenant.organization_id, "other"),
    ):
        with pytest.raises(InvalidInputError, match="sealed by another key or for something else"):
            install.ports.secret_box.open(sealed, context)


def test_a_credential_that_an_active_tool_names_stays(install: Install, tenant: Tenant) -> None:
    uuid = made(install, tenant)
    definition = {"method": "GET", "url": "https://crm.example.com/", "credential_uuid": uuid}
    body = {"name": "look_up", "description": "Looks up.", "category": "http_api", "definition": definition}
    tool = install.http.post("/api/v1/tools", json=body, headers=tenant.headers).json()["uuid"]
    refused = install.http.delete(f"{PATH}/{uuid}", headers=tenant.headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "credential-in-use")
    install.http.delete(f"/api/v1/tools/{tool}", headers=tenant.headers)
    assert install.http.delete(f"{PATH}/{uuid}", headers=tenant.headers).status_code == 204
    assert install.http.get(f"{PATH}/{uuid}", headers=tenant.headers).status_code == 404
    gone = install.http.post(f"/api/v1/tools/{tool}/unarchive", headers=tenant.headers)
    assert (gone.status_code, gone.json()["code"]) == (409, "credential-gone")


def test_another_organizations_credential_does_not_exist(
    install: Install, tenant: Tenant, stranger: Tenant
) -> None:
    uuid = made(install, tenant)
    for method in ("GET", "PUT", "DELETE"):
        reply = install.http.request(
            method, f"{PATH}/{uuid}", json={"token": "taken-over-0000"}, headers=stranger.headers
        )
        assert (reply.status_code, reply.json()["code"]) == (404, "not-found")
    assert install.http.get(PATH, headers=stranger.headers).json()["items"] == []
    assert opened(install, tenant, uuid) == TOKEN


def test_the_list_goes_page_by_page_newest_first(install: Install, tenant: Tenant) -> None:
    uuids = [made(install, tenant) for _ in range(3)]
    seen, cursor = [], None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = install.http.get(PATH, params=params, headers=tenant.headers).json()
        seen += [item["uuid"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == uuids[::-1]


def test_a_repeated_request_makes_one_credential(install: Install, tenant: Tenant) -> None:
    headers = {**tenant.headers, "Idempotency-Key": "crm-credential"}
    body = {"name": "CRM", "type": "bearer_token", "token": TOKEN}
    first, again = (install.http.post(PATH, json=body, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(install.store.credentials.list(tenant.organization_id)) == 1
