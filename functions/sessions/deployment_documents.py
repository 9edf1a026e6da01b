"""The bodies of deploying, and deployments in their public form, which is Strongly's and a little more."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator

from offhook.agents.model import Agent
from offhook.documents import GivenDocument, examples, parts_of
from offhook.instants import Instant
from offhook.sessions.deployments import (
    MAX_SESSION_SECONDS,
    Deployment,
    DeploymentStatus,
    DeploymentTerms,
)

Quantity = Annotated[str, Field(max_length=32)]
Seconds = Annotated[int, Field(strict=True, ge=10, le=MAX_SESSION_SECONDS)]

_SHARED = "All deployments run in the streamers of the install: what is asked for is checked, and noted."

_TERMS: dict[str, Any] = {
    "cpu": "1000m",
    "memory": "2Gi",
    "disk": "20Gi",
    "idle_timeout_seconds": 300,
    "max_session_duration_seconds": 3600,
    "max_concurrent_sessions": 10,
}


class NewDeployment(GivenDocument):
    """What the sessions of a workflow may have."""

    model_config = examples(_TERMS)

    cpu: Quantity = Field(default="1000m", description=f"CPUs as Kubernetes writes them. {_SHARED}")
    memory: Quantity = Field(default="2Gi", description="Memory, likewise.")
    disk: Quantity = Field(default="20Gi", description="Ephemeral disk, likewise.")
    gpu: int = Field(default=0, strict=True, ge=0, description="Only 0: Fargate has none.")
    gpu_type: str | None = Field(default=None, max_length=64, description="Only null: Fargate has none.")
    idle_timeout_seconds: Seconds = Field(
        default=300, description="How long a session may be silent on both sides before it ends."
    )
    max_session_duration_seconds: Seconds = Field(
        default=MAX_SESSION_SECONDS, description="How long a session lasts at most."
    )
    max_concurrent_sessions: Annotated[int, Field(strict=True, ge=1, le=1000)] | None = Field(
        default=None,
        description="Live runs of the agent at once, phone calls too; null leaves them to its settings.",
    )

    @field_validator("gpu", "gpu_type")
    @classmethod
    def _has_no_gpu(cls, value: object) -> object:
        if value:
            raise ValueError("Fargate has no GPUs: leave `gpu` and `gpu_type` out.")
        return value

    @property
    def terms(self) -> DeploymentTerms:
        """What of it is kept."""
        return DeploymentTerms(**self.model_dump(exclude={"gpu", "gpu_type"}))


class SizeDocument(BaseModel):
    """The least size of a Fargate task that has what was asked for."""

    cpu_units: int = Field(description="1,024 are a CPU.")
    memory_mib: int
    disk_gib: int


_DEPLOYMENT: dict[str, Any] = {
    "_id": "dep_019cae1b6f40a1b2c3d4e5",
    "workflow_id": "wf_4c0f6a8e0e0b4a8c9a512b1d3c7a9f10",
    "status": "ready",
    "version": 2,
    "is_draft": False,
    **_TERMS,
    "size": {"cpu_units": 1024, "memory_mib": 2048, "disk_gib": 20},
    "ephemeral": False,
    "expires_at": None,
    "created_at": "2026-03-02T09:30:00.000Z",
    "updated_at": "2026-03-02T09:30:00.000Z",
}


class DeploymentDocument(BaseModel):
    """That a version of a workflow may run, for sessions and within these limits."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_DEPLOYMENT]}, serialize_by_alias=True, validate_by_name=True
    )

    id: str = Field(alias="_id")
    workflow_id: str
    status: DeploymentStatus = Field(
        description="`ready` until it is undeployed, replaced by another or expired; its sessions go on then."
    )
    version: int = Field(description="The version that its sessions run, whatever is published later.")
    is_draft: bool
    cpu: str
    memory: str
    disk: str
    size: SizeDocument
    idle_timeout_seconds: int
    max_session_duration_seconds: int
    max_concurrent_sessions: int | None
    ephemeral: bool = Field(description="Whether it was made for a session that found none; it expires.")
    expires_at: Instant | None
    created_at: Instant
    updated_at: Instant


class DeploymentList(RootModel[list[DeploymentDocument]]):
    """Deployments, newest first."""

    model_config = examples([_DEPLOYMENT])


class Undeployed(BaseModel):
    """The workflow has no deployment any more."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"workflowId": "wf_4c0f6a8e0e0b4a8c9a512b1d3c7a9f10", "status": "undeployed"}]
        },
        serialize_by_alias=True,
        validate_by_name=True,
    )

    workflow_id: str = Field(alias="workflowId")
    status: Literal["undeployed"] = "undeployed"


def deployment_document(agent: Agent, deployment: Deployment, now: datetime) -> DeploymentDocument:
    """Show a deployment of an agent."""
    shown = {
        "workflow_id": agent.wf_id,
        "status": deployment.status(now),
        "ephemeral": deployment.expires_at is not None,
    }
    parts = parts_of(deployment) | parts_of(deployment.terms)
    return DeploymentDocument.model_validate(parts | shown, from_attributes=True)
