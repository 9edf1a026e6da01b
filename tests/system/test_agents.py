"""Agents over HTTP: made, edited, published, archived and copied, and never touched by whom they do not concern."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from offhook.organizations.model import Scope
from tests.support.rest import PUBLIC_BASE_URL, Install, Tenant, workflow_with_trigger

Send = Callable[..., httpx.Response]

WITHOUT_PATH: dict[str, Any] = {
    "nodes": [
        {"id": "n1", "type": "startCall", "data": {"name": "Greeting", "say": "Hello."}},
        {"id": "n3", "type": "trigger", "data": {"name": "API"}},
    ],
    "edges": [],
}


@pytest.fixture
def send(install: Install, tenant: Tenant) -> Send:
    """Return what sends a request with the tenant's key."""

    def send(method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**tenant.headers, **options.pop("headers", {})}
        return install.http.request(method, f"/api/v1/agents{path}", headers=headers, **options)

    return send


def new_path() -> str:
    return f"t-{secrets.token_hex(8)}"


def body(path: str | None = None, **parts: Any) -> dict[str, Any]:
    definition = WITHOUT_PATH if path is None else workflow_with_trigger(path)
    return {"name": "Reminder", "workflow_definition": definition, **parts}


def make(send: Send, path: str | None = None, **parts: Any) -> dict[str, Any]:
    reply = send("POST", "", json=body(path, **parts))
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def test_the_life_of_an_agent(install: Install, tenant: Tenant, send: Send) -> None:
    path = new_path()
    made = make(send, path, description="Calls.", settings={"endpointing_ms": 400})
    url = f"/{made['uuid']}"
    assert made["id"] == f"wf_{made['uuid'].replace('-', '')}"
    assert (made["status"], made["published_version"], made["revision"]) == ("active", None, 1)
    assert made["draft"]["version"] == 1
    assert made["draft"]["workflow_definition"] == workflow_with_trigger(path)
    assert made["draft"]["settings"] == {"endpointing_ms": 400}
    assert made["triggers"] == [
        {
            "trigger_path": path,
            "production_url": f"{PUBLIC_BASE_URL}/api/v1/public/agent/{path}",
            "test_url": f"{PUBLIC_BASE_URL}/api/v1/public/agent/test/{path}",
        }
    ]
    published = send("POST", f"{url}/publish")
    assert published.status_code == 200
    assert published.json()["version"] == 1
    assert send("POST", f"{url}/publish").json()["code"] == "no-draft"
    edited = send("PATCH", url, json={"settings": {"record": False}}).json()
    assert (edited["published_version"], edited["draft"]["version"]) == (1, 2)
    assert edited["draft"]["workflow_definition"] == workflow_with_trigger(path)
    assert edited["draft"]["settings"] == {"record": False}
    renamed = send("PATCH", url, json={"name": "Renamed"}).json()
    assert (renamed["name"], renamed["description"]) == ("Renamed", "Calls.")
    assert renamed["draft"] == edited["draft"]
    replaced = send("PUT", url, json=body(path)).json()
    assert (replaced["description"], replaced["draft"]["settings"]) == ("", {})
    assert send("POST", f"{url}/publish").json()["version"] == 2
    versions = send("GET", f"{url}/versions", params={"limit": 1}).json()
    assert [(v["version"], v["status"]) for v in versions["items"]] == [(2, "published")]
    older = send("GET", f"{url}/versions", params={"cursor": versions["next_cursor"]}).json()
    assert [(v["version"], v["status"]) for v in older["items"]] == [(1, "archived")]
    assert older["next_cursor"] is None
    first = send("GET", f"{url}/versions/1").json()
    assert (first["status"], first["settings"]) == ("archived", {"endpointing_ms": 400})
    assert send("GET", f"{url}/versions/3").status_code == 404
    archived = send("POST", f"{url}/archive").json()
    assert archived["status"] == "archived"
    refused = call(install, tenant, path)
    assert (refused.status_code, refused.json()["code"]) == (404, "agent-archived")
    assert send("PATCH", url, json={"name": "x"}).json()["code"] == "agent-archived"
    assert send("POST", f"{url}/unarchive").json()["status"] == "active"
    assert call(install, tenant, path).status_code == 200


def call(install: Install, tenant: Tenant, path: str, *, is_test: bool = False) -> httpx.Response:
    return install.http.post(
        f"/api/v1/public/agent/{'test/' if is_test else ''}{path}",
        json={"phone_number": "+12025550123"},
        headers=tenant.headers,
    )


def test_the_list_shows_rows_without_documents_page_by_page(send: Send, tenant: Tenant) -> None:
    uuids = [make(send, name=f"Agent {n}")["uuid"] for n in range(3)]
    send("POST", f"/{uuids[0]}/archive")
    page = send("GET", "", params={"limit": 2}).json()
    assert [row["uuid"] for row in page["items"]] == [uuids[2], uuids[1]]
    assert "draft" not in page["items"][0]
    rest = send("GET", "", params={"limit": 2, "cursor": page["next_cursor"]}).json()
    assert [row["uuid"] for row in rest["items"]] == [uuids[0], tenant.agent_uuid]
    assert rest["next_cursor"] is None
    archived = send("GET", "", params={"status": "archived"}).json()
    assert [row["uuid"] for row in archived["items"]] == [uuids[0]]
    other_list = send("GET", "", params={"status": "active", "cursor": page["next_cursor"]})
    assert other_list.json()["code"] == "invalid-cursor"
    assert send("GET", "", params={"status": "gone"}).status_code == 422


def test_a_trigger_without_a_path_gets_one_and_keeps_it(install: Install, tenant: Tenant, send: Send) -> None:
    made = make(send)
    (trigger,) = made["triggers"]
    again = send("PUT", f"/{made['uuid']}", json=body()).json()
    assert again["triggers"] == [trigger]
    assert call(install, tenant, trigger["trigger_path"], is_test=True).status_code == 200
    assert call(install, tenant, trigger["trigger_path"]).json()["code"] == "agent-unpublished"


def test_a_path_of_another_agent_is_taken(install: Install, send: Send) -> None:
    path = new_path()
    first = make(send, path)
    for reply in (
        send("POST", "", json=body(path)),
        send("PUT", f"/{make(send)['uuid']}", json=body(path)),
    ):
        assert reply.status_code == 409
        assert reply.json()["code"] == "trigger-path-taken"
    others = install.new_tenant(f"org-{secrets.token_hex(6)}", has_line=False)
    reply = install.http.post("/api/v1/agents", json=body(path), headers=others.headers)
    assert reply.json()["code"] == "trigger-path-taken"
    assert send("GET", f"/{first['uuid']}").json() == first


def test_a_draft_changes_no_production_address(install: Install, tenant: Tenant, send: Send) -> None:
    old, new = new_path(), new_path()
    url = f"/{make(send, old)['uuid']}"
    send("POST", f"{url}/publish")
    saved = send("PUT", url, json=body(new)).json()
    assert [trigger["trigger_path"] for trigger in saved["triggers"]] == [old, new]
    assert call(install, tenant, old).status_code == 200
    assert call(install, tenant, new).json()["code"] == "trigger-not-found"
    assert call(install, tenant, new, is_test=True).status_code == 200
    assert call(install, tenant, old, is_test=True).json()["code"] == "trigger-not-found"
    assert send("POST", "", json=body(old)).status_code == 409
    send("POST", f"{url}/publish")
    assert call(install, tenant, new).status_code == 200
    assert call(install, tenant, old).json()["code"] == "trigger-not-found"
    assert send("POST", "", json=body(old)).status_code == 201


def test_an_editor_who_read_an_older_state_changes_nothing(send: Send) -> None:
    made = send("POST", "", json=body())
    url, first = f"/{made.json()['uuid']}", made.headers["ETag"]
    assert first == '"1"'
    saved = send("PATCH", url, json={"name": "Mine"}, headers={"If-Match": first})
    assert saved.status_code == 200
    assert saved.headers["ETag"] == '"2"'
    for method, path, options in (
        ("PUT", url, {"json": body()}),
        ("PATCH", url, {"json": {"name": "Theirs"}}),
        ("POST", f"{url}/publish", {}),
        ("POST", f"{url}/archive", {}),
        ("POST", f"{url}/unarchive", {}),
    ):
        for stale in (first, 'W/"1"', "1", "mine", ""):
            refused = send(method, path, headers={"If-Match": stale}, **options)
            assert refused.status_code == 412, (path, stale)
            assert refused.json()["code"] == "precondition-failed"
    shown = send("GET", url)
    assert (shown.json()["name"], shown.headers["ETag"]) == ("Mine", '"2"')
    assert send("POST", f"{url}/publish", headers={"If-Match": "*"}).headers["ETag"] == '"3"'
    assert send("POST", f"{url}/archive", headers={"If-Match": '"9", "3"'}).headers["ETag"] == '"4"'


def test_of_editors_who_race_for_a_state_one_wins(send: Send) -> None:
    url = f"/{make(send)['uuid']}"

    def save(name: str) -> int:
        return send("PATCH", url, json={"name": name}, headers={"If-Match": '"1"'}).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(save, "abcdef"))
    assert sorted(statuses) == [200, 412, 412, 412, 412, 412]
    shown = send("GET", url).json()
    assert (shown["name"], shown["revision"]) == ("abcdef"[statuses.index(200)], 2)


def test_every_fault_of_a_definition_is_told_at_once_and_nothing_is_stored(send: Send) -> None:
    faulty = {
        "nodes": [
            {"id": "a", "type": "startCall", "data": {"name": "A", "say": 7}},
            {"id": "b", "type": "endCall", "data": {"name": "", "say": "Bye."}},
        ],
        "edges": [{"id": "e", "source": "a", "target": "nowhere", "data": {"label": "x"}}],
    }
    expected = {
        ("node", "a", "data.say"),
        ("node", "b", "data.name"),
        ("node", "b", None),
        ("edge", "e", "target"),
        ("edge", "e", "data.condition"),
    }
    checked = send("POST", "/validate", json={"workflow_definition": faulty}).json()
    assert not checked["is_valid"]
    assert {(e["kind"], e["id"], e["field"]) for e in checked["errors"]} == expected
    before = send("GET", "").json()
    refused = send("POST", "", json=body() | {"workflow_definition": faulty})
    assert refused.status_code == 422
    assert refused.json()["code"] == "invalid-workflow"
    errors = refused.json()["errors"]
    assert {(e["kind"], e["id"], e["field"]) for e in errors} == expected
    assert ["body", "workflow_definition", "nodes", 0, "data", "say"] in [e["loc"] for e in errors]
    assert all(e["msg"] == e["message"] for e in errors)
    assert send("GET", "").json() == before
    valid = send("POST", "/validate", json={"workflow_definition": WITHOUT_PATH})
    assert (valid.json()["is_valid"], valid.json()["errors"]) == (True, [])
    (warning,) = valid.json()["warnings"]
    assert "no endCall node" in warning["message"]


def test_what_is_not_known_is_named(send: Send) -> None:
    for unknown, where in (
        ({"greeting": "Hello"}, ["body", "greeting"]),
        ({"settings": {"voise": "en"}}, ["body", "settings", "voise"]),
        ({"settings": {"voicemail": {"actoin": "ignore"}}}, ["body", "settings", "voicemail", "actoin"]),
        ({"settings": {"model": "large"}}, ["body", "settings", "model"]),
    ):
        refused = send("POST", "", json=body(**unknown))
        assert refused.status_code == 422
        assert where in [error["loc"] for error in refused.json()["errors"]]


def test_a_definition_has_a_quarter_of_a_megabyte_at_most(send: Send) -> None:
    definition = {**WITHOUT_PATH, "notes": "é" * 120_000}
    assert send("POST", "", json=body() | {"workflow_definition": definition}).status_code == 201
    definition["notes"] = "é" * 131_072
    refused = send("POST", "", json=body() | {"workflow_definition": definition})
    assert refused.status_code == 422
    assert [error["kind"] for error in refused.json()["errors"]] == ["workflow"]


def test_another_organizations_agent_does_not_exist(install: Install, send: Send) -> None:
    made = make(send, new_path())
    others = install.new_tenant(f"org-{secrets.token_hex(6)}", has_line=False)
    url = f"/api/v1/agents/{made['uuid']}"
    for method, path, json in (
        ("GET", "", None),
        ("PUT", "", body()),
        ("PATCH", "", {"name": "Theirs"}),
        ("POST", "/publish", None),
        ("POST", "/archive", None),
        ("POST", "/unarchive", None),
        ("POST", "/duplicate", {"name": "Theirs"}),
        ("GET", "/versions", None),
        ("GET", "/versions/1", None),
    ):
        reply = install.http.request(method, f"{url}{path}", json=json, headers=others.headers)
        assert reply.status_code == 404, path
    assert made["uuid"] not in install.http.get("/api/v1/agents", headers=others.headers).text
    assert send("GET", f"/{made['uuid']}").json() == made


def test_a_duplicate_is_another_agent_with_a_path_of_its_own(send: Send) -> None:
    made = make(send, new_path(), description="Calls.", settings={"record": False})
    send("POST", f"/{made['uuid']}/publish")
    copied = send("POST", f"/{made['uuid']}/duplicate")
    assert copied.status_code == 201
    copy = copied.json()
    assert (copy["name"], copy["description"]) == ("Reminder (copy)", "Calls.")
    assert copy["uuid"] != made["uuid"]
    assert copy["published_version"] is None
    assert copy["draft"]["settings"] == {"record": False}
    assert copy["triggers"] != made["triggers"]
    assert len(copy["triggers"]) == 1
    named = send("POST", f"/{made['uuid']}/duplicate", json={"name": "Twin"}).json()
    assert named["name"] == "Twin"


def test_the_same_creation_twice_makes_one_agent(send: Send) -> None:
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    first, second = (send("POST", "", json=body(), headers=headers) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert second.json() == first.json()
    assert second.headers["ETag"] == first.headers["ETag"]


def test_a_key_that_may_only_read_changes_nothing(install: Install, tenant: Tenant, send: Send) -> None:
    url = f"/{make(send)['uuid']}"
    narrow = install.add_key(tenant, Scope.AGENTS_READ)
    assert send("GET", url, headers=narrow).status_code == 200
    assert (
        send("POST", "/validate", json={"workflow_definition": WITHOUT_PATH}, headers=narrow).status_code
        == 200
    )
    assert send("PATCH", url, json={"name": "x"}, headers=narrow).json()["code"] == "scope-required"
