"""Agents as streaming workflows, at the front door."""

from typing import Any

import httpx
import pytest

from offhook.agents.model import AgentStatus
from offhook.organizations.model import Scope
from tests.support.rest import Install, Tenant, workflow_with_trigger

WORKFLOWS = "/api/v1/streaming-workflows"


@pytest.fixture
def tenant(install: Install, organization_id: str) -> Tenant:
    return install.new_tenant(organization_id, has_line=False)


def add(install: Install, tenant: Tenant, name: str, description: str = "") -> str:
    """Make an agent over HTTP, and return its id as a workflow."""
    body = {
        "name": name,
        "description": description,
        "workflow_definition": workflow_with_trigger(f"{name}-of-{tenant.organization_id}"),
    }
    reply = install.http.post("/api/v1/agents", json=body, headers=tenant.headers)
    assert reply.status_code == 201, reply.text
    wf_id: str = reply.json()["id"]
    return wf_id


def get(install: Install, tenant: Tenant, path: str = "", **query: Any) -> httpx.Response:
    return install.http.get(WORKFLOWS + path, params=query, headers=tenant.headers)


def names(reply: httpx.Response) -> list[str]:
    assert reply.status_code == 200, reply.text
    return [item["name"] for item in reply.json()["items"]]


def test_an_agent_is_a_streaming_workflow_by_its_wf_id_and_its_uuid(install: Install, tenant: Tenant) -> None:
    wf_id = f"wf_{tenant.agent_uuid.replace('-', '')}"
    shown = get(install, tenant, f"/{wf_id}").json()
    agent = install.store.agents.get(tenant.organization_id, tenant.agent_uuid)
    definition = install.store.agents.get_version(agent.uuid, 1).workflow_definition
    assert shown == {
        "_id": wf_id,
        "name": "Reminder",
        "description": "",
        "workflowType": "streaming",
        "status": "published",
        # It was made by nobody's key.
        "ownerId": None,
        "organizationId": tenant.organization_id,
        "sharedWith": [],
        "isPublic": True,
        "nodes": definition["nodes"],
        "edges": definition["edges"],
        "createdAt": shown["createdAt"],
        "updatedAt": shown["updatedAt"],
    }
    assert get(install, tenant, f"/{tenant.agent_uuid}").json() == shown
    assert get(install, tenant).json() == {"count": 1, "limit": 50, "offset": 0, "items": [shown]}


@pytest.mark.parametrize("id_", ["wf_abc123", "wf_" + "0" * 32, "7", "wf_*"])
def test_what_is_no_workflow_is_not_found(install: Install, tenant: Tenant, id_: str) -> None:
    reply = get(install, tenant, f"/{id_}")
    assert (reply.status_code, reply.json()["code"]) == (404, "not-found")


def test_another_organizations_workflow_does_not_exist(
    install: Install, tenant: Tenant, organization_id: str
) -> None:
    stranger = install.new_tenant(organization_id[::-1], has_line=False)
    reply = get(install, stranger, f"/{tenant.agent_uuid}")
    assert (reply.status_code, reply.json()["code"]) == (404, "not-found")


def test_a_list_is_searched_filtered_sorted_and_cut(install: Install, tenant: Tenant) -> None:
    add(install, tenant, "Billing", "Asks who pays.")
    add(install, tenant, "alarm", "Wakes people, and asks them.")
    assert names(get(install, tenant)) == ["alarm", "Billing", "Reminder"]
    assert names(get(install, tenant, sort="name")) == ["alarm", "Billing", "Reminder"]
    assert names(get(install, tenant, sort="-name")) == ["Reminder", "Billing", "alarm"]
    assert names(get(install, tenant, sort="-status,name")) == ["Reminder", "alarm", "Billing"]
    assert names(get(install, tenant, sort="createdAt", limit=1, offset=1)) == ["Billing"]
    assert names(get(install, tenant, search="ASKS", sort="updatedAt")) == ["Billing", "alarm"]
    assert names(get(install, tenant, search="bill")) == ["Billing"]
    assert names(get(install, tenant, status="published")) == ["Reminder"]
    part = get(install, tenant, limit=1, offset=7, status="draft").json()
    assert part == {"count": 2, "limit": 1, "offset": 7, "items": []}


def test_a_draft_shows_the_nodes_of_its_draft_and_an_archived_one_says_so(
    install: Install, tenant: Tenant
) -> None:
    wf_id = add(install, tenant, "Billing")
    shown = get(install, tenant, f"/{wf_id}").json()
    assert (shown["status"], [node["id"] for node in shown["nodes"]]) == ("draft", ["n1", "n2", "n3"])
    install.editor.set_status(tenant.organization_id, tenant.agent_uuid, AgentStatus.ARCHIVED)
    assert names(get(install, tenant, status="archived")) == ["Reminder"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"sort": "ownerId"}, "sort"),
        ({"offset": 10_001}, "offset"),
        ({"limit": 201}, "limit"),
        ({"status": "ready"}, "status"),
        ({"search": "x" * 201}, "search"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_a_query_that_is_not_understood_is_refused(
    install: Install, tenant: Tenant, query: dict[str, Any], field: str
) -> None:
    reply = get(install, tenant, **query)
    assert (reply.status_code, reply.json()["errors"][0]["loc"]) == (422, ["query", field])


def test_reading_workflows_takes_their_own_scope(install: Install, tenant: Tenant) -> None:
    narrow = install.add_key(tenant, *(set(Scope) - {Scope.STREAMING_WORKFLOWS_READ}))
    for path in ("", f"/{tenant.agent_uuid}"):
        reply = install.http.get(WORKFLOWS + path, headers=narrow)
        assert (reply.status_code, reply.json()["code"]) == (403, "scope-required")
