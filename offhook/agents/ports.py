"""What agents need from the outside."""

from typing import Protocol

from offhook.agents.model import Agent, Trigger, Version


class AgentRepository(Protocol):
    """Stored agents, versions and triggers. Synchronous; may block for a network round trip."""

    def create(self, agent: Agent, draft: Version, triggers: list[Trigger]) -> None:
        """Store a new agent with its first draft; raise ConflictError when a trigger path is another agent's."""

    def get(self, organization_id: str, agent_uuid: str) -> Agent:
        """Return the agent; raise NotFoundError when it is not this organization's."""

    def list(self, organization_id: str) -> list[Agent]:
        """Return the organization's agents, newest first."""

    def get_version(self, agent_uuid: str, number: int) -> Version:
        """Return one version; raise NotFoundError."""

    def publish(self, agent: Agent, version: Version) -> Agent:
        """Make the version (a draft until now) the published one, archive the former, and return the agent."""

    def find_trigger(self, trigger_path: str) -> Trigger | None:
        """Return the trigger of whatever organization, with one read."""
