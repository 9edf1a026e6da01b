"""Agents and the versions of their workflows."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from offhook.json_types import JsonObject


class AgentStatus(StrEnum):
    """Whether an agent takes calls."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class VersionStatus(StrEnum):
    """What may still happen to a version."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """The named thing that takes calls; its UUID never changes.

    `published_version` and `draft_version` are the numbers of the versions that production and test runs use.
    `revision` rises with every change of the agent or of its draft: what an editor has read is known by it.
    """

    uuid: str
    organization_id: str
    name: str
    status: AgentStatus
    created_at: datetime
    updated_at: datetime
    description: str = ""
    published_version: int | None = None
    draft_version: int | None = None
    last_version: int = 1
    revision: int = 1

    @property
    def wf_id(self) -> str:
        """The UUID as workflows are named by those who know no agents."""
        return f"wf_{self.uuid.replace('-', '')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A numbered snapshot of an agent's workflow and settings, both as the JSON documents of the contract."""

    agent_uuid: str
    number: int
    status: VersionStatus
    workflow_definition: JsonObject
    settings: JsonObject = field(default_factory=dict)
    created_at: datetime
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A public path that starts calls of one agent."""

    trigger_path: str
    agent_uuid: str
    organization_id: str
