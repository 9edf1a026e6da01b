"""Agents as streaming workflows: their ids, who may see them, and where they stand."""

import re
from collections.abc import Iterator
from enum import StrEnum

from offhook.agents.model import Agent, AgentStatus
from offhook.agents.ports import AgentRepository
from offhook.errors import NotFoundError
from offhook.organizations.model import ApiKey

_ID = re.compile(
    r"(?:wf_)?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})", re.ASCII
)


# What one request to the store reads at once: some 250 KB.
_PAGE = 500


class WorkflowStatus(StrEnum):
    """Where a streaming workflow stands. One that only an ephemeral deployment runs is not `deployed`."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DEPLOYED = "deployed"
    ARCHIVED = "archived"


def workflow_status(agent: Agent) -> WorkflowStatus:
    """Return where an agent stands as a streaming workflow."""
    if agent.status is AgentStatus.ARCHIVED:
        return WorkflowStatus.ARCHIVED
    if agent.deployment is not None and not agent.deployment.is_ephemeral:
        return WorkflowStatus.DEPLOYED
    return WorkflowStatus.DRAFT if agent.published_version is None else WorkflowStatus.PUBLISHED


def find_workflow(agents: AgentRepository, key: ApiKey, workflow_id: str) -> Agent:
    """Return the agent that is this workflow, by its `wf_…` or its UUID; raise NotFoundError for what the key can't see."""
    match = _ID.fullmatch(workflow_id.lower())
    if match is None:
        raise _no_such_workflow()
    try:
        agent = agents.get(key.organization_id, "-".join(match.groups()))
    except NotFoundError:
        raise _no_such_workflow() from None
    if not may_see(key, agent):
        raise _no_such_workflow()
    return agent


def workflows_of(agents: AgentRepository, key: ApiKey) -> Iterator[Agent]:
    """Yield the agents that the key sees as workflows, newest first; they are read as they are asked for."""
    before: str | None = None
    while True:
        page = agents.page(key.organization_id, status=None, limit=_PAGE, before=before)
        yield from (agent for agent in page.agents if may_see(key, agent))
        before = page.next_before
        if before is None:
            return


def shown_version(agent: Agent) -> int | None:
    """Return the number of the version that a session would run now: the deployed, else the published, else the draft."""
    if agent.deployment is not None and not agent.deployment.is_ephemeral:
        return agent.deployment.version
    return agent.newest_version


def may_see(key: ApiKey, agent: Agent) -> bool:
    """Say whether a key of the agent's organization sees it as a workflow: its own, shared with it, or public within."""
    return agent.is_public or agent.owner_id in (None, key.id) or key.id in agent.shared_with


def _no_such_workflow() -> NotFoundError:
    return NotFoundError("There is no streaming workflow with this id in your organization.")
