"""What agents need from the outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from offhook.agents.model import Agent, AgentStatus, Trigger, Version
from offhook.json_types import JsonObject

if TYPE_CHECKING:
    # Who looks an agent up for a call starts without all that a workflow can hold.
    from offhook.workflows import WorkflowProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPage:
    """Agents, newest first; `next_before` continues the list after the last one, None at its end."""

    agents: tuple[Agent, ...]
    next_before: str | None


class AgentRepository(Protocol):
    """Stored agents, versions and triggers. Synchronous; may block for a network round trip.

    A trigger path belongs to one agent of the whole install, as long as its draft or its published version has it.
    Every change is conditional on the agent's `revision` and raises it; a stale one raises StaleError and changes nothing.
    """

    def create(self, agent: Agent, draft: Version, triggers: list[Trigger]) -> None:
        """Store a new agent with its first draft.

        Raises ConflictError `id-taken` when there is an agent with its UUID, `trigger-path-taken` when a trigger path
        is another agent's.
        """

    def get(self, organization_id: str, agent_uuid: str) -> Agent:
        """Return the agent; raise NotFoundError when it is not this organization's."""

    def get_by_uuid(self, agent_uuid: str) -> Agent:
        """Return the agent whatever its organization, for a call whose address is its credential; raise NotFoundError."""

    def page(
        self, organization_id: str, *, status: AgentStatus | None, limit: int, before: str | None
    ) -> AgentPage:
        """Return agents newest first; the cost does not depend on depth. One made a moment ago may be missing."""

    def get_version(self, agent_uuid: str, number: int) -> Version:
        """Return one version; raise NotFoundError. What is published or archived never changes and may be remembered."""

    def get_versions(self, numbers: Mapping[str, int]) -> dict[str, Version]:
        """Return one version of each of these agents, by agent; those that are not there are left out."""

    def versions(self, agent_uuid: str, *, limit: int, before: int | None) -> list[Version]:
        """Return versions newest first, those with a number below `before`."""

    def save(self, agent: Agent, draft: Version | None, triggers: list[Trigger]) -> Agent:
        """Store an agent's name, description and status, with its draft if one is given, and return the agent.

        `triggers` are all that the agent has afterwards: those of its draft and of its published version. Raises
        StaleError, ConflictError `trigger-path-taken`.
        """

    def publish(self, agent: Agent, version: Version, triggers: list[Trigger]) -> Agent:
        """Make the version (a draft until now) the published one, archive the former, and return the agent.

        `triggers` are all that the agent has afterwards.
        """

    def find_trigger(self, trigger_path: str) -> Trigger | None:
        """Return the trigger of whatever organization, with one read at most.

        A remembered one may be outdated: whoever uses it asks the agent's version whether it still has the path.
        """

    def forget_trigger(self, trigger_path: str) -> None:
        """Make the next `find_trigger` of this path read it anew."""


class ToolCheck(Protocol):
    """Knows which tools there are. Synchronous; may block for a network round trip."""

    def problems(self, organization_id: str, definition: JsonObject) -> "list[WorkflowProblem]":
        """Return the faults of a faultless workflow's tools; those of the organization are read where it names any."""
