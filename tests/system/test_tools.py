"""Tools at the front door."""

from typing import Any

import httpx
import pytest

from offhook.ids import new_uuid
from tests.support.rest import Install, Tenant

PATH = "/api/v1/tools"
HTTP: dict[str, Any] = {"method": "GET", "url": "https://crm.example.com/orders/{{order}}?q={{q | none}}"}
NEW: dict[str, Any] = {
    "name": "look_up_order",
    "description": "Looks an order up.",
    "category": "http_api",
    "definition": HTTP,
}


@pytest.fixture
def stranger(install: Install, organization_id: str) -> Tenant:
    return install.new_tenant(organization_id[::-1], has_line=False)


def make(install: Install, tenant: Tenant, **changes: Any) -> httpx.Response:
    return install.http.post(PATH, json={**NEW, **changes}, headers=tenant.headers)


def made(install: Install, tenant: Tenant, **changes: Any) -> dict[str, Any]:
    reply = make(install, tenant, **changes)
    assert reply.status_code == 201, reply.text
    tool: dict[str, Any] = reply.json()
    return tool


def ask(install: Install, tenant: Tenant, method: str, path: str, body: Any = None) -> httpx.Response:
    return install.http.request(method, f"{PATH}/{path}", json=body, headers=tenant.headers)


def test_a_tool_is_shown_with_the_defaults_of_its_definition(install: Install, tenant: Tenant) -> None:
    tool = made(install, tenant)
    assert tool["status"] == "active"
    assert tool["definition"] == {
        **HTTP,
        "headers": {},
        "credential_uuid": None,
        "parameters": [],
        "preset_parameters": [],
        "timeout_ms": 5000,
        "body_template": None,
        "message": "",
        "idempotent": False,
    }
    assert ask(install, tenant, "GET", tool["uuid"]).json() == tool


def test_a_name_is_one_that_a_language_model_can_call(install: Install, tenant: Tenant) -> None:
    for name in ("", "two words", "1st", "é", "a" * 65, "a.b", "-a"):
        reply = make(install, tenant, name=name)
        assert (reply.status_code, reply.json()["errors"][0]["loc"]) == (422, ["body", "name"])


def test_a_definition_that_is_wrong_is_refused_and_not_repeated(install: Install, tenant: Tenant) -> None:
    inside = {"method": "GET", "url": "http://169.254.169.254/latest"}
    for category, definition, field in (("http_api", inside, "url"), ("end_call", HTTP, "method")):
        reply = make(install, tenant, category=category, definition=definition)
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["loc"] == ["body", "definition", field]
        assert definition["url"] not in reply.text
    unknown = make(install, tenant, definition={**HTTP, "credential_uuid": new_uuid()})
    assert unknown.json()["errors"][0]["loc"] == ["body", "definition", "credential_uuid"]
    assert install.store.tools.list(tenant.organization_id) == []


def test_a_name_belongs_to_one_active_tool(install: Install, tenant: Tenant, stranger: Tenant) -> None:
    first = made(install, tenant)
    taken = make(install, tenant, name="Look_Up_Order")
    assert (taken.status_code, taken.json()["code"]) == (409, "tool-name-taken")
    assert make(install, stranger).status_code == 201
    other = made(install, tenant, name="search")
    renamed = ask(install, tenant, "PUT", other["uuid"], {"name": "look_up_order"})
    assert (renamed.status_code, renamed.json()["code"]) == (409, "tool-name-taken")
    ask(install, tenant, "DELETE", first["uuid"])
    assert ask(install, tenant, "PUT", other["uuid"], {"name": "look_up_order"}).status_code == 200
    back = ask(install, tenant, "POST", f"{first['uuid']}/unarchive")
    assert (back.status_code, back.json()["code"]) == (409, "tool-name-taken")


def test_a_change_leaves_what_it_does_not_name(install: Install, tenant: Tenant) -> None:
    tool = made(install, tenant)
    changed = ask(install, tenant, "PUT", tool["uuid"], {"description": "Finds an order."}).json()
    assert changed["updated_at"] > tool["updated_at"]
    unchanged = {name: tool[name] for name in tool if name not in ("description", "updated_at")}
    assert changed == {**unchanged, "description": "Finds an order.", "updated_at": changed["updated_at"]}
    assert ask(install, tenant, "GET", tool["uuid"]).json() == changed


def test_a_category_changes_only_with_its_definition(install: Install, tenant: Tenant) -> None:
    tool = made(install, tenant)
    refused = ask(install, tenant, "PUT", tool["uuid"], {"category": "end_call"})
    assert refused.status_code == 422
    body = {"category": "end_call", "definition": {"message": "Bye."}}
    assert ask(install, tenant, "PUT", tool["uuid"], body).json()["category"] == "end_call"


def test_an_archived_tool_comes_back(install: Install, tenant: Tenant) -> None:
    tool = made(install, tenant)
    for _ in range(2):
        assert ask(install, tenant, "DELETE", tool["uuid"]).json()["status"] == "archived"
    for _ in range(2):
        assert ask(install, tenant, "POST", f"{tool['uuid']}/unarchive").json()["status"] == "active"


def test_a_list_is_narrowed_and_goes_page_by_page(install: Install, tenant: Tenant) -> None:
    names = ["first", "second", "third"]
    tools = [made(install, tenant, name=name) for name in names]
    end = made(install, tenant, name="bye", category="end_call", definition={})
    ask(install, tenant, "DELETE", tools[1]["uuid"])

    def listed(**params: str) -> list[str]:
        found: list[str] = []
        while True:
            page = install.http.get(PATH, params={"limit": "1", **params}, headers=tenant.headers).json()
            found += [item["name"] for item in page["items"]]
            if page["next_cursor"] is None:
                return found
            params["cursor"] = page["next_cursor"]

    assert listed() == ["bye", "third", "second", "first"]
    assert listed(category="end_call") == [end["name"]]
    assert listed(category="http_api", status="active") == ["third", "first"]
    assert listed(status="archived") == ["second"]
    assert install.http.get(PATH, params={"status": "lost"}, headers=tenant.headers).status_code == 422
    first_page = install.http.get(PATH, params={"limit": 1}, headers=tenant.headers).json()
    other_list = {"status": "active", "cursor": first_page["next_cursor"]}
    assert (
        install.http.get(PATH, params=other_list, headers=tenant.headers).json()["code"] == "invalid-cursor"
    )


def test_another_organizations_tool_does_not_exist(
    install: Install, tenant: Tenant, stranger: Tenant
) -> None:
    tool = made(install, tenant)
    uuid = tool["uuid"]
    for method, path, body in (
        ("GET", uuid, None),
        ("PUT", uuid, {"description": "Taken over."}),
        ("DELETE", uuid, None),
        ("POST", f"{uuid}/unarchive", None),
    ):
        reply = ask(install, stranger, method, path, body)
        assert (reply.status_code, reply.json()["code"]) == (404, "not-found")
    assert ask(install, tenant, "GET", uuid).json() == tool
    assert install.http.get(PATH, headers=stranger.headers).json()["items"] == []


def test_another_organizations_credential_cannot_be_named(
    install: Install, tenant: Tenant, stranger: Tenant
) -> None:
    body = {"name": "CRM", "type": "bearer_token", "token": "the-token-of-the-crm"}
    theirs = install.http.post("/api/v1/credentials", json=body, headers=stranger.headers).json()["uuid"]
    reply = make(install, tenant, definition={**HTTP, "credential_uuid": theirs})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["loc"] == ["body", "definition", "credential_uuid"]


def test_a_repeated_request_makes_one_tool(install: Install, tenant: Tenant) -> None:
    headers = {**tenant.headers, "Idempotency-Key": "order-tool"}
    first, again = (install.http.post(PATH, json=NEW, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert len(install.store.tools.list(tenant.organization_id)) == 1
