"""Finding the version of an agent that a call runs."""

from dataclasses import dataclass

from offhook.agents.model import Agent, AgentStatus, Trigger, Version
from offhook.agents.ports import AgentRepository
from offhook.agents.triggers import has_live_trigger
from offhook.errors import ForbiddenError, NotFoundError
from offhook.workflows import is_trigger_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Executable:
    """An agent and the version of it to run."""

    agent: Agent
    version: Version


def find_by_trigger(
    agents: AgentRepository, organization_id: str, trigger_path: str, *, wants_draft: bool
) -> Executable:
    """Return what a trigger path starts.

    Raises NotFoundError for an unknown or inactive trigger, ForbiddenError for another organization's.
    """
    trigger = agents.find_trigger(trigger_path) if is_trigger_path(trigger_path) else None
    if trigger is None:
        raise _no_such_trigger()
    try:
        return _started_by(agents, organization_id, trigger, wants_draft=wants_draft)
    except (ForbiddenError, NotFoundError):
        # The path may have passed to another agent since the trigger was remembered.
        agents.forget_trigger(trigger_path)
        current = agents.find_trigger(trigger_path)
        if current is None or current == trigger:
            raise
    return _started_by(agents, organization_id, current, wants_draft=wants_draft)


def find_by_uuid(
    agents: AgentRepository, organization_id: str, agent_uuid: str, *, wants_draft: bool
) -> Executable:
    """Return the newest draft where it is wanted and there is one, else the published version.

    Raises NotFoundError when the agent is unknown, another organization's, archived, or has no such version.
    """
    agent = _active(agents.get(organization_id, agent_uuid))
    number = agent.published_version
    if wants_draft and agent.draft_version is not None:
        number = agent.draft_version
    return _executable(agents, agent, number)


def find_for_stream(agents: AgentRepository, agent_uuid: str, organization_id: str | None) -> Executable:
    """Return the published version, else the draft; the agent's UUID is the credential where no organization is named.

    Raises NotFoundError when the agent is unknown, another organization's or archived.
    """
    agent = (
        agents.get_by_uuid(agent_uuid) if organization_id is None else agents.get(organization_id, agent_uuid)
    )
    return _executable(agents, _active(agent), agent.published_version or agent.draft_version)


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


def _started_by(
    agents: AgentRepository, organization_id: str, trigger: Trigger, *, wants_draft: bool
) -> Executable:
    if trigger.organization_id != organization_id:
        raise ForbiddenError("This API key has no access to the trigger's agent.", code="access-denied")
    found = find_by_uuid(agents, organization_id, trigger.agent_uuid, wants_draft=wants_draft)
    # The stored definition decides, not the trigger: an edit of the draft can't change a production address.
    if not has_live_trigger(found.version.workflow_definition, trigger.trigger_path):
        raise _no_such_trigger()
    return found


def _no_such_trigger() -> NotFoundError:
    return NotFoundError(
        "There is no active trigger with this path: copy the URL from the agent's trigger node.",
        code="trigger-not-found",
    )
