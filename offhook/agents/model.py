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
class AgentDeployment:
    """What an agent's present deployment says of its sessions and calls; offhook/sessions has the whole record.

    `max_concurrent_sessions` bounds all live runs of the agent, phone calls too; None leaves them to the agent's settings.
    With `expires_at` it is an ephemeral one, made for a session that found none. The id is empty where nothing is deployed
    or stored: of a session that tries a draft.
    """

    id: str
    version: int
    is_draft: bool
    idle_timeout_seconds: int
    max_session_duration_seconds: int
    max_concurrent_sessions: int | None = None
    expires_at: datetime | None = None

    @property
    def is_ephemeral(self) -> bool:
        """Say whether nobody has asked for it."""
        return self.expires_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """The named thing that takes calls; its UUID never changes.

    `published_version` and `draft_version` are the numbers of the versions that production and test runs use.
    `revision` rises with every change of the agent or of its draft: what an editor has read is known by it. It does not
    rise with `deployment`, which no editor writes.

    `owner_id` is the API key that made it, None where nobody noted that. As a streaming workflow an agent that is not
    `is_public` within its organization is seen by that key and by those it is `shared_with`.
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
    owner_id: str | None = None
    shared_with: tuple[str, ...] = ()
    is_public: bool = True
    deployment: AgentDeployment | None = None

    def most_at_once(self, in_settings: int | None) -> int | None:
        """Return how many of its runs may be live at once, the least that its settings and its deployment say; None: any."""
        said = (in_settings, self.deployment.max_concurrent_sessions if self.deployment else None)
        return min((most for most in said if most is not None), default=None)

    @property
    def newest_version(self) -> int | None:
        """The number of the published version, else of the draft."""
        return self.published_version or self.draft_version

    @property
    def wf_id(self) -> str:
        """The UUID as workflows are named by those who know no agents."""
        return wf_id(self.uuid)


def wf_id(agent_uuid: str) -> str:
    """Return the id of an agent as a workflow."""
    return f"wf_{agent_uuid.replace('-', '')}"


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
