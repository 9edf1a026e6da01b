"""Making and publishing agents, and finding the version that a trigger runs."""

import copy
import re
from dataclasses import dataclass
from datetime import datetime

from offhook.agents.model import Agent, AgentStatus, Trigger, Version, VersionStatus
from offhook.agents.ports import AgentRepository
from offhook.agents.settings import parse_settings
from offhook.errors import ConflictError, FieldProblem, ForbiddenError, InvalidInputError, NotFoundError
from offhook.ids import new_uuid
from offhook.json_types import JsonObject
from offhook.workflows import NodeType, parse_workflow

RESERVED_TRIGGER_PATHS = frozenset({"test", "workflow"})
"""Words that the trigger routes use themselves."""

_TRIGGER_PATH = re.compile(r"[A-Za-z0-9_-]{1,36}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Executable:
    """An agent and the version of it to run."""

    agent: Agent
    version: Version


def create_agent(
    agents: AgentRepository,
    organization_id: str,
    *,
    name: str,
    workflow_definition: JsonObject,
    settings: JsonObject,
    now: datetime,
) -> Agent:
    """Store a new agent with version 1 as its draft; a trigger node without a path gets a UUID.

    Raises InvalidInputError for a faulty definition, ConflictError for a trigger path that is taken.
    """
    definition = _with_trigger_paths(workflow_definition)
    paths = parse_workflow(definition).trigger_paths
    _check_trigger_paths(paths)
    parse_settings(settings)
    agent = Agent(
        uuid=new_uuid(),
        organization_id=organization_id,
        name=name,
        status=AgentStatus.ACTIVE,
        created_at=now,
        updated_at=now,
        draft_version=1,
    )
    draft = Version(
        agent_uuid=agent.uuid,
        number=1,
        status=VersionStatus.DRAFT,
        workflow_definition=definition,
        settings=settings,
        created_at=now,
    )
    agents.create(agent, draft, [_trigger(agent, path) for path in paths])
    return agent


def publish_agent(agents: AgentRepository, organization_id: str, agent_uuid: str) -> Agent:
    """Freeze the agent's draft and let production runs use it; raise ConflictError when there is no draft."""
    agent = agents.get(organization_id, agent_uuid)
    if agent.draft_version is None:
        raise ConflictError("The agent has no draft to publish.", code="no-draft")
    return agents.publish(agent, agents.get_version(agent.uuid, agent.draft_version))


def find_by_trigger(
    agents: AgentRepository, organization_id: str, trigger_path: str, *, wants_draft: bool
) -> Executable:
    """Return what a trigger path starts.

    Raises NotFoundError for an unknown or inactive trigger, ForbiddenError for another organization's.
    """
    is_possible = _TRIGGER_PATH.fullmatch(trigger_path) and trigger_path not in RESERVED_TRIGGER_PATHS
    trigger = agents.find_trigger(trigger_path) if is_possible else None
    if trigger is None:
        raise _no_such_trigger()
    if trigger.organization_id != organization_id:
        raise ForbiddenError("This API key has no access to the trigger's agent.", code="access-denied")
    executable = find_by_uuid(agents, organization_id, trigger.agent_uuid, wants_draft=wants_draft)
    # The stored definition decides, not the trigger's row: an edit of the draft can't change a production address.
    if trigger_path not in parse_workflow(executable.version.workflow_definition).trigger_paths:
        raise _no_such_trigger()
    return executable


def find_by_uuid(
    agents: AgentRepository, organization_id: str, agent_uuid: str, *, wants_draft: bool
) -> Executable:
    """Return the newest draft where it is wanted and there is one, else the published version.

    Raises NotFoundError when the agent is unknown, another organization's, archived, or has no such version.
    """
    agent = agents.get(organization_id, agent_uuid)
    if agent.status is not AgentStatus.ACTIVE:
        raise NotFoundError("The agent is archived: unarchive it to take calls.", code="agent-archived")
    number = agent.published_version
    if wants_draft and agent.draft_version is not None:
        number = agent.draft_version
    if number is None:
        raise NotFoundError(
            "The agent has no published version: publish it, or use its test URL.", code="agent-unpublished"
        )
    return Executable(agent=agent, version=agents.get_version(agent.uuid, number))


def _with_trigger_paths(definition: JsonObject) -> JsonObject:
    """Return a copy in which every trigger node has a path; what has not the form of a node is left alone."""
    completed = copy.deepcopy(definition)
    nodes = completed.get("nodes")
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict) and node.get("type") == NodeType.TRIGGER:
            data = node.setdefault("data", {})
            if isinstance(data, dict) and not data.get("trigger_path"):
                data["trigger_path"] = new_uuid()
    return completed


def _check_trigger_paths(paths: tuple[str, ...]) -> None:
    for path in paths:
        if path in RESERVED_TRIGGER_PATHS or not _TRIGGER_PATH.fullmatch(path):
            problem = FieldProblem(
                loc=("workflow_definition", "nodes", "trigger_path"),
                msg="A trigger path has 1 to 36 letters, digits, - and _, and is not one of: test, workflow.",
            )
            raise InvalidInputError(problem.msg, problems=[problem], code="invalid-workflow")


def _trigger(agent: Agent, path: str) -> Trigger:
    return Trigger(trigger_path=path, agent_uuid=agent.uuid, organization_id=agent.organization_id)


def _no_such_trigger() -> NotFoundError:
    return NotFoundError(
        "There is no active trigger with this path: copy the URL from the agent's trigger node.",
        code="trigger-not-found",
    )
