"""Finding the version of an agent that a call runs."""

from dataclasses import dataclass

from offhook.agents.model import Agent, AgentStatus, Version
from offhook.agents.ports import AgentRepository
from offhook.agents.settings import parse_settings
from offhook.errors import NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Executable:
    """An agent and the version of it to run."""

    agent: Agent
    version: Version

    @property
    def most_at_once(self) -> int | None:
        """How many runs of the agent may be live at once, by its settings and its deployment; None: any number."""
        return self.agent.most_at_once(parse_settings(self.version.settings).max_concurrent_calls)


def find_by_uuid(
    agents: AgentRepository, organization_id: str, agent_uuid: str, *, wants_draft: bool
) -> Executable:
    """Return the newest draft where it is wanted and there is one, else the published version.

    Raises NotFoundError when the agent is unknown, another organization's, archived, or has no such version.
    """
    agent = _active(agents.get(organization_id, agent_uuid))
    draft = agent.draft_version if wants_draft else None
    return _executable(agents, agent, draft or agent.published_version)


def find_version(agents: AgentRepository, organization_id: str, agent_uuid: str, number: int) -> Executable:
    """Return this version; raise NotFoundError when the agent is another organization's or archived, or has no such one."""
    return _executable(agents, _active(agents.get(organization_id, agent_uuid)), number)


def find_for_stream(agents: AgentRepository, agent_uuid: str, organization_id: str | None) -> Executable:
    """Return the published version, else the draft; the agent's UUID is the credential where no organization is named.

    Raises NotFoundError when the agent is unknown, another organization's or archived.
    """
    agent = (
        agents.get_by_uuid(agent_uuid) if organization_id is None else agents.get(organization_id, agent_uuid)
    )
    return _executable(agents, _active(agent), agent.newest_version)


def _active(agent: Agent) -> Agent:
    if agent.status is not AgentStatus.ACTIVE:
        raise NotFoundError("The agent is archived: unarchive it to take calls.", code="agent-archived")
    return agent


def _executable(agents: AgentRepository, agent: Agent, number: int | None) -> Executable:
    if number is None:
        raise NotFoundError(
            "The agent has no published version: publish it, or use its test URL.", code="agent-unpublished"
        )
    return Executable(agent=agent, version=agents.get_version(agent.uuid, number))
