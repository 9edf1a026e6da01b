"""The tools that an agent's nodes name, at the front door: they must be there, and be told from the node's edges."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import httpx
import pytest

from offhook.ids import new_uuid
from offhook.workflows.validation import MAX_PROBLEMS
from tests.support.dynamodb_requests import requests
from tests.support.rest import Install, Tenant

TOOL = {
    "name": "look_up_order",
    "description": "Looks an order up.",
    "category": "http_api",
    "definition": {"method": "GET", "url": "https://crm.example.com/orders"},
}


def workflow(*tool_uuids: str, label: str = "Done") -> dict[str, Any]:
    return {
        "nodes": [
            {
                "id": "start",
                "type": "startCall",
                "data": {"name": "Start", "prompt": "Help.", "tool_uuids": tool_uuids},
            },
            {"id": "end", "type": "endCall", "data": {"name": "End", "say": "Bye."}},
        ],
        "edges": [
            {"id": "way", "source": "start", "target": "end", "data": {"label": label, "condition": "Over."}}
        ],
    }


@pytest.fixture
def tool(install: Install, tenant: Tenant) -> str:
    return added(install, tenant)


def added(install: Install, tenant: Tenant) -> str:
    reply = install.http.post("/api/v1/tools", json=TOOL, headers=tenant.headers)
    assert reply.status_code == 201, reply.text
    uuid: str = reply.json()["uuid"]
    return uuid


def create(install: Install, tenant: Tenant, definition: dict[str, Any]) -> httpx.Response:
    body = {"name": "Orders", "workflow_definition": definition}
    return install.http.post("/api/v1/agents", json=body, headers=tenant.headers)


def validate(install: Install, tenant: Tenant, definition: dict[str, Any]) -> dict[str, Any]:
    body = {"workflow_definition": definition}
    verdict: dict[str, Any] = install.http.post(
        "/api/v1/agents/validate", json=body, headers=tenant.headers
    ).json()
    return verdict


def test_an_agent_names_tools_of_its_organization(install: Install, tenant: Tenant, tool: str) -> None:
    assert validate(install, tenant, workflow(tool))["is_valid"]
    assert create(install, tenant, workflow(tool)).status_code == 201


def test_a_tool_that_is_not_there_is_told_with_its_node_and_place(
    install: Install, tenant: Tenant, organization_id: str, tool: str
) -> None:
    stranger = install.new_tenant(organization_id[::-1], has_line=False)
    theirs = added(install, stranger)
    for unknown in ("nothing", theirs):
        definition = workflow(tool, unknown)
        refused = create(install, tenant, definition)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-workflow")
        [error] = refused.json()["errors"]
        assert error["loc"] == ["body", "workflow_definition", "nodes", 0, "data", "tool_uuids", 1]
        assert (error["kind"], error["id"], error["field"]) == ("node", "start", "data.tool_uuids")
        assert unknown in error["message"]
        verdict = validate(install, tenant, definition)
        assert not verdict["is_valid"]
        assert verdict["errors"][0]["message"] == error["message"]


def test_an_archived_tool_keeps_the_agent_from_being_published(
    install: Install, tenant: Tenant, tool: str
) -> None:
    agent = create(install, tenant, workflow(tool)).json()["uuid"]
    install.http.delete(f"/api/v1/tools/{tool}", headers=tenant.headers)
    refused = install.http.post(f"/api/v1/agents/{agent}/publish", headers=tenant.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid-workflow")
    [error] = refused.json()["errors"]
    assert error["loc"][:2] == ["draft", "workflow_definition"]
    assert "unarchive" in error["message"]
    install.http.post(f"/api/v1/tools/{tool}/unarchive", headers=tenant.headers)
    assert install.http.post(f"/api/v1/agents/{agent}/publish", headers=tenant.headers).status_code == 200


def test_a_tool_and_an_edge_of_one_function_name_are_told_apart_by_nobody(
    install: Install, tenant: Tenant, tool: str
) -> None:
    [error] = validate(install, tenant, workflow(tool, label="Look up order"))["errors"]
    assert error["id"] == "start"
    assert "edge way" in error["message"]


def test_documents_that_are_named_are_there_too(
    install: Install, tenant: Tenant, organization_id: str
) -> None:
    def stored(of: Tenant) -> str:
        body = {"name": "Hours", "text": "We open at nine."}
        reply = install.http.post("/api/v1/knowledge-documents", json=body, headers=of.headers)
        return str(reply.json()["uuid"])

    own, theirs = stored(tenant), stored(install.new_tenant(organization_id[::-1], has_line=False))
    definition = workflow()
    definition["nodes"][0]["data"]["document_uuids"] = [own]
    assert create(install, tenant, definition).status_code == 201
    definition["nodes"][0]["data"]["document_uuids"] = [own, theirs]
    [error] = create(install, tenant, definition).json()["errors"]
    assert error["loc"] == ["body", "workflow_definition", "nodes", 0, "data", "document_uuids", 1]
    assert theirs in error["message"]


def chain(*steps: dict[str, Any]) -> dict[str, Any]:
    """Return a workflow that goes through these steps, from the first to the last, and ends."""
    nodes = [
        {"id": "start", "type": "startCall", "data": {"name": "Start", "prompt": "Help."}},
        *(
            {"id": f"n{place}", "type": "agentNode", "data": {"name": "Step", "prompt": "Help.", **step}}
            for place, step in enumerate(steps)
        ),
        {"id": "end", "type": "endCall", "data": {"name": "End", "say": "Bye."}},
    ]
    edges = [
        {
            "id": f"e{place}",
            "source": source["id"],
            "target": target["id"],
            "data": {"label": "On", "condition": "Done."},
        }
        for place, (source, target) in enumerate(pairwise(nodes))
    ]
    return {"nodes": nodes, "edges": edges}


@pytest.mark.parametrize("field", ["tool_uuids", "document_uuids"])
def test_whatever_a_workflow_names_little_is_read_to_tell_its_first_faults(
    install: Install, tenant: Tenant, field: str
) -> None:
    flood = [{field: [f"{place}-{number}" for number in range(64)]} for place in range(200)]
    with requests(install.store) as sent:
        verdict = validate(install, tenant, chain(*flood))
    assert sent.count("BatchGetItem") == 1
    assert not verdict["is_valid"]
    assert len(verdict["errors"]) == MAX_PROBLEMS
    assert verdict["errors"][-1]["message"] == "There are more faults: mend these first."


def test_as_many_tools_as_there_are_may_be_named(install: Install, tenant: Tenant, tool: str) -> None:
    stored = install.store.tools.get(tenant.organization_id, tool)
    tools = [replace(stored, uuid=new_uuid(), name=f"look_up_{number}") for number in range(120)]
    for each in tools:
        install.store.tools.add(each)
    uuids = [each.uuid for each in tools]
    named = [{"tool_uuids": uuids[:60]}, {"tool_uuids": uuids[60:]}]
    assert validate(install, tenant, chain(*named))["is_valid"]
    [error] = validate(install, tenant, chain(*named, {"tool_uuids": ["nothing"]}))["errors"]
    assert (error["id"], error["field"]) == ("n2", "data.tool_uuids")
