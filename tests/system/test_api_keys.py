"""Managing API keys over HTTP."""

from datetime import timedelta
from typing import Any

import httpx

from offhook.clock import system_clock, to_iso
from offhook.organizations.model import Scope
from offhook.organizations.usecases import create_key
from tests.support.rest import Install, Tenant


def create(install: Install, headers: dict[str, str], **body: Any) -> httpx.Response:
    return install.http.post("/api/v1/user/api-keys", json=body, headers=headers)


def opens(install: Install, api_key: str) -> bool:
    reply = install.http.get("/api/v1/user/api-keys", headers={"X-API-Key": api_key})
    assert reply.status_code in (200, 401)
    return reply.status_code == 200


def test_a_new_key_is_shown_once_and_opens_the_api(install: Install, tenant: Tenant) -> None:
    reply = create(install, tenant.headers, name="crm")
    made = reply.json()
    assert reply.status_code == 201
    assert made["api_key"].startswith("dg_")
    assert len(made["api_key"]) == len("dg_") + 43
    assert made["key_prefix"] == made["api_key"][:8]
    assert sorted(made["scopes"]) == sorted(Scope)
    assert opens(install, made["api_key"])
    listed = install.http.get("/api/v1/user/api-keys", headers=tenant.headers).text
    assert made["id"] in listed
    assert made["api_key"] not in listed


def test_an_archived_key_opens_nothing_until_it_is_reactivated(install: Install, tenant: Tenant) -> None:
    made = create(install, tenant.headers, name="crm").json()
    path = f"/api/v1/user/api-keys/{made['id']}"
    archived = install.http.delete(path, headers=tenant.headers)
    assert (archived.status_code, archived.json()["is_active"]) == (200, False)
    assert not opens(install, made["api_key"])
    active = install.http.put(f"{path}/reactivate", headers=tenant.headers)
    assert (active.status_code, active.json()["is_active"], active.json()["archived_at"]) == (200, True, None)
    assert opens(install, made["api_key"])


def test_archived_keys_are_listed_on_request_only(install: Install, tenant: Tenant) -> None:
    made = create(install, tenant.headers, name="crm").json()
    install.http.delete(f"/api/v1/user/api-keys/{made['id']}", headers=tenant.headers)

    def ids(**params: str) -> list[str]:
        reply = install.http.get("/api/v1/user/api-keys", headers=tenant.headers, params=params)
        return [item["id"] for item in reply.json()["items"]]

    assert ids() == [tenant.api_key_id]
    assert sorted(ids(include_archived="true")) == sorted([tenant.api_key_id, made["id"]])


def test_keys_are_listed_page_by_page(install: Install, tenant: Tenant) -> None:
    for name in ("one", "two"):
        create(install, tenant.headers, name=name)
    first = install.http.get("/api/v1/user/api-keys?limit=2", headers=tenant.headers).json()
    rest = install.http.get(
        "/api/v1/user/api-keys",
        params={"limit": 2, "cursor": first["next_cursor"]},
        headers=tenant.headers,
    ).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (2, 1, None)


def test_a_key_that_is_made_while_one_reads_moves_no_other(install: Install, tenant: Tenant) -> None:
    make = [create(install, tenant.headers, name=name).json()["id"] for name in ("one", "two", "three")]
    seen: list[str] = []
    params = {"limit": "1"}
    for _ in make:
        page = install.http.get("/api/v1/user/api-keys", params=params, headers=tenant.headers).json()
        seen += [item["id"] for item in page["items"]]
        params["cursor"] = page["next_cursor"]
        create(install, tenant.headers, name="newer")
        assert install.http.delete(f"/api/v1/user/api-keys/{seen[-1]}", headers=tenant.headers).is_success
    assert seen == make[::-1]


def test_a_key_gives_away_only_scopes_that_it_has(install: Install, tenant: Tenant) -> None:
    narrow = install.add_key(tenant, Scope.API_KEYS_WRITE, Scope.RUNS_READ)
    for body in ({"name": "x", "scopes": ["calls:write"]}, {"name": "x"}):
        reply = create(install, narrow, **body)
        assert (reply.status_code, reply.json()["code"]) == (403, "scope-required")
    reply = create(install, narrow, name="x", scopes=["runs:read"])
    assert (reply.status_code, reply.json()["scopes"]) == (201, ["runs:read"])


def test_another_organizations_key_is_404(install: Install, tenant: Tenant) -> None:
    other = install.new_tenant(f"{tenant.organization_id}-b")
    path = f"/api/v1/user/api-keys/{other.api_key_id}"
    assert install.http.delete(path, headers=tenant.headers).status_code == 404
    assert install.http.put(f"{path}/reactivate", headers=tenant.headers).status_code == 404
    assert opens(install, other.api_key)


def test_an_expired_key_opens_nothing(install: Install, tenant: Tenant) -> None:
    past = system_clock() - timedelta(seconds=1)
    _, full_key = create_key(
        install.store.organizations,
        tenant.organization_id,
        name="old",
        scopes=None,
        now=past,
        expires_at=past,
    )
    assert not opens(install, full_key)


def test_an_expired_key_is_listed_as_inactive(install: Install, tenant: Tenant) -> None:
    past = system_clock() - timedelta(seconds=1)
    create_key(
        install.store.organizations,
        tenant.organization_id,
        name="old",
        scopes=None,
        now=past,
        expires_at=past,
    )
    items = install.http.get("/api/v1/user/api-keys", headers=tenant.headers).json()["items"]
    assert {item["name"]: item["is_active"] for item in items} == {"old": False, "tests": True}


def test_what_makes_no_sense_is_422(install: Install, tenant: Tenant) -> None:
    for body in (
        {},
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 101},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "expires_at": to_iso(system_clock() - timedelta(days=1))},
        {"name": "x", "expires_at": "2030-01-01T00:00:00"},
        {"name": "x", "expires_at": "9999-12-31T23:59:59-23:59"},
        {"name": "x", "expires_at": 4102444800},
        {"name": "x", "is_admin": True},
    ):
        reply = create(install, tenant.headers, **body)
        assert (reply.status_code, reply.json()["errors"][0]["loc"][0]) == (422, "body"), body


def test_using_a_key_is_recorded(install: Install, tenant: Tenant) -> None:
    install.http.get("/api/v1/runs", headers=tenant.headers)
    key = install.store.organizations.get_key(tenant.organization_id, tenant.api_key_id)
    assert key.last_used_at is not None


def test_using_a_key_is_recorded_at_most_once_a_minute(install: Install, tenant: Tenant) -> None:
    organizations = install.store.organizations
    install.http.get("/api/v1/runs", headers=tenant.headers)
    first = organizations.get_key(tenant.organization_id, tenant.api_key_id)
    install.http.get("/api/v1/runs", headers=tenant.headers)
    again = organizations.get_key(tenant.organization_id, tenant.api_key_id)
    assert again.last_used_at == first.last_used_at


def test_a_key_reactivates_only_keys_that_may_do_no_more_than_itself(
    install: Install, tenant: Tenant
) -> None:
    strong = create(install, tenant.headers, name="strong").json()
    weak = create(install, tenant.headers, name="weak", scopes=["runs:read"]).json()
    narrow = install.add_key(tenant, Scope.API_KEYS_WRITE, Scope.RUNS_READ)
    for made in (strong, weak):
        assert install.http.delete(f"/api/v1/user/api-keys/{made['id']}", headers=narrow).is_success

    def reactivate(made: dict[str, Any]) -> httpx.Response:
        return install.http.put(f"/api/v1/user/api-keys/{made['id']}/reactivate", headers=narrow)

    refused = reactivate(strong)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-required")
    assert not opens_runs(install, strong["api_key"])
    assert reactivate(weak).status_code == 200
    assert opens_runs(install, weak["api_key"])


def test_a_key_that_expires_makes_and_reactivates_none_that_outlives_it(
    install: Install, tenant: Tenant
) -> None:
    now = system_clock()
    soon, later = to_iso(now + timedelta(hours=1)), to_iso(now + timedelta(hours=2))
    lasting = create(install, tenant.headers, name="lasting").json()
    brief = create(install, tenant.headers, name="brief", expires_at=soon).json()
    headers = {"X-API-Key": brief["api_key"]}
    for body in ({"name": "x"}, {"name": "x", "expires_at": later}):
        reply = create(install, headers, **body)
        assert (reply.status_code, reply.json()["code"]) == (403, "expiry-beyond-own"), body
    assert create(install, headers, name="x", expires_at=soon).status_code == 201
    path = f"/api/v1/user/api-keys/{lasting['id']}"
    assert install.http.delete(path, headers=headers).status_code == 200
    assert install.http.put(f"{path}/reactivate", headers=headers).json()["code"] == "expiry-beyond-own"


def test_a_key_may_archive_itself(install: Install, tenant: Tenant) -> None:
    made = create(install, tenant.headers, name="once").json()
    headers = {"X-API-Key": made["api_key"]}
    path = f"/api/v1/user/api-keys/{made['id']}"
    assert install.http.delete(path, headers=headers).status_code == 200
    assert install.http.put(f"{path}/reactivate", headers=headers).status_code == 401


def opens_runs(install: Install, api_key: str) -> bool:
    return install.http.get("/api/v1/runs", headers={"X-API-Key": api_key}).status_code == 200
