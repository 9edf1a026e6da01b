"""Streaming workflows in their public form, which is Strongly's."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from functions.http.listing import Listing
from offhook.agents.model import Agent, Version
from offhook.documents import parts_of
from offhook.instants import Instant
from offhook.sessions.workflows import WorkflowStatus, workflow_status

WorkflowId = Annotated[
    str,
    Path(
        max_length=64,
        description="`_id` of the workflow, or the `uuid` of its agent.",
    ),
]

_WORKFLOW: dict[str, Any] = {
    "_id": "wf_4c0f6a8e0e0b4a8c9a512b1d3c7a9f10",
    "name": "Appointment reminder",
    "description": "Reminds patients of their appointment.",
    "workflowType": "streaming",
    "status": "deployed",
    "ownerId": "7b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9",
    "organizationId": "main",
    "sharedWith": [],
    "isPublic": True,
    "nodes": [
        {"id": "greeting", "type": "startCall", "data": {"name": "Greeting", "say": "Hello."}},
        {"id": "goodbye", "type": "endCall", "data": {"name": "Goodbye", "say": "Goodbye."}},
    ],
    "edges": [
        {
            "id": "done",
            "source": "greeting",
            "target": "goodbye",
            "data": {"label": "Done", "condition": "The caller is done"},
        }
    ],
    "createdAt": "2026-03-02T09:12:00.000Z",
    "updatedAt": "2026-03-02T09:30:00.000Z",
}


class WorkflowDocument(BaseModel):
    """An agent as a streaming workflow."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_WORKFLOW]}, serialize_by_alias=True, validate_by_name=True
    )

    id: str = Field(alias="_id")
    name: str
    description: str
    workflow_type: Literal["streaming"] = Field(alias="workflowType", default="streaming")
    status: WorkflowStatus
    owner_id: str | None = Field(
        alias="ownerId", description="The API key that made it; null where nobody noted that."
    )
    organization_id: str = Field(alias="organizationId")
    shared_with: list[str] = Field(alias="sharedWith", description="Keys that see it beside its owner.")
    is_public: bool = Field(alias="isPublic", description="Whether all keys of the organization see it.")
    nodes: list[dict[str, Any]] | None = Field(
        description="Of the version that is deployed, else published, else the draft; null in a list that would be over "
        "4 MB with them: ask for the workflow itself then."
    )
    edges: list[dict[str, Any]] | None
    created_at: Instant = Field(alias="createdAt")
    updated_at: Instant = Field(alias="updatedAt")


class WorkflowList(Listing[WorkflowDocument]):
    """Streaming workflows."""


def workflow_document(agent: Agent, version: Version | None) -> WorkflowDocument:
    """Show an agent with the nodes and edges of one of its versions."""
    definition = version.workflow_definition if version else {}
    shown = {
        "id": agent.wf_id,
        "status": workflow_status(agent),
        "nodes": definition.get("nodes") or [],
        "edges": definition.get("edges") or [],
    }
    return WorkflowDocument.model_validate(parts_of(agent) | shown)
