"""Agents as streaming workflows, at the front door."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from offhook.agents.editing import AgentChange
from offhook.agents.model import AgentDeployment, AgentStatus
from offhook.clock import system_clock
from offhook.organizations.model import Scope
from offhook.organizations.usecases import create_key
from tests.support.makers import make_agent
from tests.support.rest import Install, Tenant, workflow_with_trigger
from tests.support.triggers import post_trigger

WORKFLOWS = "/api/v1/streaming-workflows"
TERMS: dict[str, Any] = {
    "cpu": "500m",
    "memory": "2Gi",
    "disk": "30Gi",
    "gpu": 0,
    "gpu_type": None,
    "idle_timeout_seconds": 120,
    "max_session_duration_seconds": 1800,
    "max_concurrent_sessions": 10,
}


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


def post(install: Install, tenant: Tenant, path: str, body: Any = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return install.http.post(
        f"{WORKFLOWS}/{tenant.agent_uuid}/{path}", json=body, headers={**tenant.headers, **named}
    )


def test_a_published_workflow_is_deployed_listed_and_undeployed(install: Install, tenant: Tenant) -> None:
    made = post(install, tenant, "deploy", TERMS)
    assert made.status_code == 201, made.text
    deployment = made.json()
    workflow_id = f"wf_{tenant.agent_uuid.replace('-', '')}"
    assert deployment == {
        **{name: TERMS[name] for name in TERMS if not name.startswith("gpu")},
        "_id": deployment["_id"],
        "workflow_id": workflow_id,
        "status": "ready",
        "version": 1,
        "is_draft": False,
        "size": {"cpu_units": 512, "memory_mib": 2048, "disk_gib": 30},
        "ephemeral": False,
        "expires_at": None,
        "created_at": deployment["created_at"],
        "updated_at": deployment["created_at"],
    }
    assert deployment["_id"].startswith("dep_")
    assert get(install, tenant, f"/{workflow_id}").json()["status"] == "deployed"
    assert names(get(install, tenant, status="deployed")) == ["Reminder"]
    defaults = post(install, tenant, "deploy").json()
    assert (defaults["cpu"], defaults["memory"], defaults["max_concurrent_sessions"]) == (
        "1000m",
        "2Gi",
        None,
    )
    listed = get(install, tenant, f"/{workflow_id}/deployments").json()
    assert [(each["_id"], each["status"]) for each in listed] == [
        (defaults["_id"], "ready"),
        (deployment["_id"], "undeployed"),
    ]
    # Twice, for a client that tries again finds what it wants.
    for _ in range(2):
        reply = post(install, tenant, "undeploy")
        assert (reply.status_code, reply.json()) == (200, {"workflowId": workflow_id, "status": "undeployed"})
    assert get(install, tenant, f"/{workflow_id}").json()["status"] == "published"
    statuses = [each["status"] for each in get(install, tenant, f"/{workflow_id}/deployments").json()]
    assert statuses == ["undeployed", "undeployed"]


def test_what_is_deployed_is_shown_whatever_is_published_later(install: Install, tenant: Tenant) -> None:
    post(install, tenant, "deploy")
    definition = workflow_with_trigger(tenant.trigger_path)
    definition["nodes"][0]["data"]["say"] = "Good evening."  # type: ignore[index,call-overload]
    change = AgentChange(workflow_definition=definition)
    install.editor.edit(tenant.organization_id, tenant.agent_uuid, change)
    install.editor.publish(tenant.organization_id, tenant.agent_uuid)

    def greeting() -> str:
        said: str = get(install, tenant, f"/{tenant.agent_uuid}").json()["nodes"][0]["data"]["say"]
        return said

    assert greeting() == "Hello."
    assert post(install, tenant, "deploy").json()["version"] == 2
    assert greeting() == "Good evening."


def test_a_deployment_is_made_once_for_an_idempotency_key(install: Install, tenant: Tenant) -> None:
    first, second = (post(install, tenant, "deploy", TERMS, Idempotency_Key="once") for _ in range(2))
    assert (first.json(), second.headers["Idempotent-Replayed"]) == (second.json(), "true")
    assert len(get(install, tenant, f"/{tenant.agent_uuid}/deployments").json()) == 1
    other = post(install, tenant, "deploy", {}, Idempotency_Key="once")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-mismatch")


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"cpu": "17"}, "cpu", "16 CPUs"),
        ({"cpu": "fast"}, "cpu", "such as 500m or 2"),
        ({"memory": "121Gi"}, "memory", "120Gi"),
        ({"disk": "201Gi"}, "disk", "200Gi"),
        ({"gpu": 1}, "gpu", "no GPUs"),
        ({"gpu_type": "a10"}, "gpu_type", "no GPUs"),
        ({"max_session_duration_seconds": 3601}, "max_session_duration_seconds", "at most 3600"),
        ({"idle_timeout_seconds": 9}, "idle_timeout_seconds", "at least 10"),
        ({"idle_timeout_seconds": "300"}, "idle_timeout_seconds", "whole number"),
        ({"max_concurrent_sessions": 0}, "max_concurrent_sessions", "at least 1"),
        ({"replicas": 2}, "replicas", ""),
    ],
)
def test_terms_that_can_not_be_had_are_refused_by_name(
    install: Install, tenant: Tenant, body: dict[str, Any], field: str, said: str
) -> None:
    reply = post(install, tenant, "deploy", body)
    (problem,) = reply.json()["errors"]
    assert (reply.status_code, problem["loc"]) == (422, ["body", field])
    assert said in problem["msg"]
    assert get(install, tenant, f"/{tenant.agent_uuid}/deployments").json() == []


def test_what_is_unpublished_or_archived_is_not_deployed(install: Install, tenant: Tenant) -> None:
    wf_id = add(install, tenant, "Billing")
    keyed = {**tenant.headers, "Idempotency-Key": "once"}
    reply = install.http.post(f"{WORKFLOWS}/{wf_id}/deploy", headers=keyed)
    assert (reply.status_code, reply.json()["code"]) == (409, "agent-unpublished")
    # What was refused may be asked for again, under the same key.
    install.editor.publish(tenant.organization_id, str(UUID(wf_id.removeprefix("wf_"))))
    assert install.http.post(f"{WORKFLOWS}/{wf_id}/deploy", headers=keyed).status_code == 201
    install.editor.set_status(tenant.organization_id, tenant.agent_uuid, AgentStatus.ARCHIVED)
    reply = post(install, tenant, "deploy")
    assert (reply.status_code, reply.json()["code"]) == (409, "agent-archived")


def test_deploying_takes_its_own_scope_and_organization(
    install: Install, tenant: Tenant, organization_id: str
) -> None:
    narrow = install.add_key(tenant, *(set(Scope) - {Scope.STREAMING_WORKFLOWS_DEPLOY}))
    stranger = install.new_tenant(organization_id[::-1], has_line=False)
    for path in ("deploy", "undeploy"):
        for headers, code in ((narrow, "scope-required"), (stranger.headers, "not-found")):
            reply = install.http.post(f"{WORKFLOWS}/{tenant.agent_uuid}/{path}", headers=headers)
            assert reply.json()["code"] == code
    reply = get(install, stranger, f"/{tenant.agent_uuid}/deployments")
    assert reply.status_code == 404


def test_the_cap_of_a_deployment_counts_phone_calls(install: Install, organization_id: str) -> None:
    tenant = install.new_tenant(organization_id)
    assert post(install, tenant, "deploy", {"max_concurrent_sessions": 1}).status_code == 201
    assert post_trigger(install, tenant).status_code == 200
    refused = post_trigger(install, tenant)
    assert (refused.status_code, refused.json()["code"]) == (429, "concurrency-limit")
    assert post(install, tenant, "undeploy").status_code == 200
    assert post_trigger(install, tenant).status_code == 200


def test_of_a_deployment_and_the_agents_settings_the_stricter_holds() -> None:
    agent, _ = make_agent("acme")
    capped = AgentDeployment(
        id="dep_1",
        version=1,
        is_draft=False,
        idle_timeout_seconds=300,
        max_session_duration_seconds=3600,
        max_concurrent_sessions=3,
    )
    uncapped = replace(capped, max_concurrent_sessions=None)
    assert [agent.most_at_once(most) for most in (None, 2)] == [None, 2]
    assert [replace(agent, deployment=capped).most_at_once(most) for most in (None, 2, 5)] == [3, 2, 3]
    assert [replace(agent, deployment=uncapped).most_at_once(most) for most in (None, 2)] == [None, 2]


def test_a_workflow_that_is_not_public_is_seen_by_its_owner_and_those_it_is_shared_with(
    install: Install, tenant: Tenant
) -> None:
    other, _ = create_key(
        install.store.organizations,
        tenant.organization_id,
        name="other",
        scopes=None,
        now=(now := system_clock()),
    )
    colleague, full_key = create_key(
        install.store.organizations, tenant.organization_id, name="colleague", scopes=None, now=now
    )
    wf_id = add(install, tenant, "Billing")
    agent = f"/api/v1/agents/{UUID(wf_id.removeprefix('wf_'))}"

    def edit(**change: Any) -> None:
        reply = install.http.patch(agent, json=change, headers=tenant.headers)
        assert (reply.status_code, {name: reply.json()[name] for name in change}) == (200, change)

    def seen_by_colleague() -> list[int]:
        headers = {"X-API-Key": full_key}
        got = install.http.get(f"{WORKFLOWS}/{wf_id}", headers=headers)
        listed = install.http.get(WORKFLOWS, params={"search": "Billing"}, headers=headers)
        undeployed = install.http.post(f"{WORKFLOWS}/{wf_id}/undeploy", headers=headers)
        return [got.status_code, listed.json()["count"], undeployed.status_code]

    shown = get(install, tenant, f"/{wf_id}").json()
    assert (shown["ownerId"], shown["sharedWith"], shown["isPublic"]) == (tenant.api_key_id, [], True)
    assert seen_by_colleague() == [200, 1, 200]
    edit(is_public=False)
    assert get(install, tenant, f"/{wf_id}").json()["isPublic"] is False
    assert seen_by_colleague() == [404, 0, 404]
    edit(shared_with=[other.id, colleague.id])
    assert seen_by_colleague() == [200, 1, 200]
    # A client that knows nothing of all this puts the agent as a whole, and shares it with nobody more.
    whole = {"name": "Billing", "workflow_definition": workflow_with_trigger(f"p-{tenant.organization_id}")}
    put = install.http.put(agent, json=whole, headers=tenant.headers).json()
    assert (put["is_public"], put["shared_with"]) == (False, [other.id, colleague.id])
    edit(shared_with=[other.id])
    assert seen_by_colleague() == [404, 0, 404]
    copy = install.http.post(f"{agent}/duplicate", headers={"X-API-Key": full_key}).json()
    kept = (copy["owner_id"], copy["is_public"], copy["shared_with"])
    assert kept == (colleague.id, False, [other.id])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"is_public": "no"}, "is_public"),
        ({"shared_with": [""]}, "shared_with"),
        ({"shared_with": ["k"] * 101}, "shared_with"),
        ({"owner_id": "k"}, "owner_id"),
    ],
)
def test_sharing_that_makes_no_sense_is_refused(
    install: Install, tenant: Tenant, change: dict[str, Any], field: str
) -> None:
    reply = install.http.patch(f"/api/v1/agents/{tenant.agent_uuid}", json=change, headers=tenant.headers)
    assert (reply.status_code, reply.json()["errors"][0]["loc"][:2]) == (422, ["body", field])
