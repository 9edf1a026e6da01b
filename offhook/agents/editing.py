"""Making, editing and publishing agents.

Nothing here touches what production runs use but publishing: a draft is a version of its own until then.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from offhook.agents.documents import (
    check_engines,
    check_tools,
    checked_definition,
    checked_settings,
    with_new_paths,
)
from offhook.agents.model import Agent, AgentStatus, Trigger, Version, VersionStatus
from offhook.agents.offered import Offered
from offhook.agents.ports import AgentRepository, ToolCheck
from offhook.agents.triggers import trigger_paths
from offhook.clock import Clock
from offhook.errors import ConflictError, NotFoundError, StaleError
from offhook.ids import new_uuid
from offhook.json_types import JsonObject
from offhook.revisions import Revisions, check_revision
from offhook.workflows import invalid_workflow, workflow_problems

MAX_NAME_LENGTH = 100

_COPY = " (copy)"
_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChange:
    """What an edit sets; None leaves it as it is. Documents go to the draft, which is made if there is none."""

    name: str | None = None
    description: str | None = None
    workflow_definition: JsonObject | None = None
    settings: JsonObject | None = None
    shared_with: tuple[str, ...] | None = None
    is_public: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDetails:
    """An agent with its draft, if it has one, and all trigger paths that are its own."""

    agent: Agent
    draft: Version | None
    trigger_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentEditor:
    """Makes, edits and publishes agents.

    What is faulty raises InvalidInputError, a change of what is not as `expected` StaleError, and what an archived agent
    can't do ConflictError `agent-archived`.
    """

    agents: AgentRepository
    tools: ToolCheck
    offered: Offered
    clock: Clock

    def create(
        self,
        organization_id: str,
        *,
        name: str,
        workflow_definition: JsonObject,
        settings: JsonObject,
        description: str = "",
        agent_uuid: str | None = None,
        owner_id: str | None = None,
        shared_with: tuple[str, ...] = (),
        is_public: bool = True,
    ) -> Agent:
        """Store a new agent with version 1 as its draft; a trigger node without a path gets a UUID.

        Raises ConflictError for a trigger path that is taken.
        """
        now = self.clock()
        agent = Agent(
            uuid=agent_uuid or new_uuid(),
            organization_id=organization_id,
            name=name,
            description=description,
            status=AgentStatus.ACTIVE,
            created_at=now,
            updated_at=now,
            draft_version=1,
            owner_id=owner_id,
            shared_with=shared_with,
            is_public=is_public,
        )
        draft = Version(
            agent_uuid=agent.uuid,
            number=1,
            status=VersionStatus.DRAFT,
            workflow_definition=checked_definition(workflow_definition),
            settings=checked_settings(settings),
            created_at=now,
        )
        self._check_needs(agent, draft)
        self.agents.create(agent, draft, _triggers(agent, draft))
        return agent

    def edit(
        self, organization_id: str, agent_uuid: str, change: AgentChange, expected: Revisions = None
    ) -> Agent:
        """Save an edit; a trigger node without a path keeps the one that the agent has.

        Raises ConflictError `trigger-path-taken`.
        """

        def edit(agent: Agent) -> Agent:
            _check_active(agent)
            now = self.clock()
            changed = replace(
                agent,
                name=agent.name if change.name is None else change.name,
                description=agent.description if change.description is None else change.description,
                shared_with=agent.shared_with if change.shared_with is None else change.shared_with,
                is_public=agent.is_public if change.is_public is None else change.is_public,
                updated_at=now,
            )
            published, draft = self._published(agent), self._draft(agent)
            if change.workflow_definition is None and change.settings is None:
                return self.agents.save(changed, None, _triggers(agent, published, draft))
            draft = _new_draft(agent, published, draft, change, now)
            self._check_needs(agent, draft)
            return self.agents.save(changed, draft, _triggers(agent, published, draft))

        return self._changed(organization_id, agent_uuid, expected, edit)

    def publish(self, organization_id: str, agent_uuid: str, expected: Revisions = None) -> Agent:
        """Freeze the agent's draft and let production runs use it; raise ConflictError `no-draft`."""

        def publish(agent: Agent) -> Agent:
            _check_active(agent)
            draft = self._draft(agent)
            if draft is None:
                raise ConflictError("The agent has no draft to publish: save one first.", code="no-draft")
            # Rules may have been added since it was saved.
            problems = workflow_problems(draft.workflow_definition)
            if problems:
                raise invalid_workflow(problems).within("draft", "workflow_definition")
            self._check_needs(agent, draft, "draft")
            return self.agents.publish(agent, draft, _triggers(agent, draft))

        return self._changed(organization_id, agent_uuid, expected, publish)

    def set_status(
        self, organization_id: str, agent_uuid: str, status: AgentStatus, expected: Revisions = None
    ) -> Agent:
        """Archive or unarchive an agent; its trigger paths stay its own. What it is already changes nothing."""

        def change(agent: Agent) -> Agent:
            if agent.status is status:
                return agent
            kept = _triggers(agent, self._published(agent), self._draft(agent))
            return self.agents.save(replace(agent, status=status, updated_at=self.clock()), None, kept)

        return self._changed(organization_id, agent_uuid, expected, change)

    def duplicate(
        self,
        organization_id: str,
        agent_uuid: str,
        *,
        name: str | None,
        new_agent_uuid: str,
        owner_id: str | None = None,
    ) -> Agent:
        """Store a new agent with another's documents, its draft's where it has one, and trigger paths of its own."""
        agent = self.agents.get(organization_id, agent_uuid)
        source = self._draft(agent) or self._published(agent)
        if source is None:
            raise NotFoundError("The agent has no version.")
        return self.create(
            organization_id,
            name=f"{agent.name[: MAX_NAME_LENGTH - len(_COPY)]}{_COPY}" if name is None else name,
            description=agent.description,
            workflow_definition=with_new_paths(source.workflow_definition),
            settings=source.settings,
            agent_uuid=new_agent_uuid,
            owner_id=owner_id,
            shared_with=agent.shared_with,
            is_public=agent.is_public,
        )

    def details(self, agent: Agent) -> AgentDetails:
        """Read what belongs to an agent."""
        draft = self._draft(agent)
        triggers = _triggers(agent, self._published(agent), draft)
        paths = tuple(trigger.trigger_path for trigger in triggers)
        return AgentDetails(agent=agent, draft=draft, trigger_paths=paths)

    def version(self, agent: Agent, number: int) -> Version:
        """Return a version with its present status; raise NotFoundError."""
        return _with_status(agent, self.agents.get_version(agent.uuid, number))

    def versions(self, agent: Agent, *, limit: int, before: int | None) -> list[Version]:
        """Return versions with their present status, newest first, those with a number below `before`."""
        found = self.agents.versions(agent.uuid, limit=limit, before=before)
        return [_with_status(agent, version) for version in found]

    def _check_needs(self, agent: Agent, draft: Version, *within: str) -> None:
        check_engines(draft.workflow_definition, draft.settings, self.offered, *within)
        check_tools(draft.workflow_definition, self.tools, agent.organization_id, *within)

    def _changed(
        self, organization_id: str, agent_uuid: str, expected: Revisions, change: Callable[[Agent], Agent]
    ) -> Agent:
        for _ in range(_TRIES):
            agent = self.agents.get(organization_id, agent_uuid)
            check_revision("agent", agent.revision, expected)
            try:
                return change(agent)
            except StaleError:
                continue  # Somebody else was faster: an editor who expects no revision means what is there now.
        raise ConflictError("Others are changing this agent at this moment: try again.")

    def _draft(self, agent: Agent) -> Version | None:
        return self._version_or_none(agent, agent.draft_version)

    def _published(self, agent: Agent) -> Version | None:
        return self._version_or_none(agent, agent.published_version)

    def _version_or_none(self, agent: Agent, number: int | None) -> Version | None:
        return None if number is None else self.agents.get_version(agent.uuid, number)


def _new_draft(
    agent: Agent, published: Version | None, draft: Version | None, change: AgentChange, now: datetime
) -> Version:
    """Return the draft with the change made to it; it begins as a copy of the published version."""
    base = draft or published
    definition, settings = change.workflow_definition, change.settings
    if definition is None:
        definition = base.workflow_definition if base else {}
    if settings is None:
        settings = base.settings if base else {}
    return Version(
        agent_uuid=agent.uuid,
        number=draft.number if draft else agent.last_version + 1,
        status=VersionStatus.DRAFT,
        workflow_definition=checked_definition(definition, path=_path_of(base)),
        settings=checked_settings(settings),
        created_at=draft.created_at if draft else now,
    )


def _with_status(agent: Agent, version: Version) -> Version:
    """Return the version with the status that its agent says: a remembered one may have been archived since."""
    if version.number == agent.published_version:
        return replace(version, status=VersionStatus.PUBLISHED)
    is_draft = version.number == agent.draft_version
    return replace(version, status=VersionStatus.DRAFT if is_draft else VersionStatus.ARCHIVED)


def _path_of(version: Version | None) -> str | None:
    paths = trigger_paths(version.workflow_definition) if version else []
    return paths[0] if paths else None


def _triggers(agent: Agent, *versions: Version | None) -> list[Trigger]:
    paths = [path for version in versions if version for path in trigger_paths(version.workflow_definition)]
    return [
        Trigger(trigger_path=path, agent_uuid=agent.uuid, organization_id=agent.organization_id)
        for path in dict.fromkeys(paths)
    ]


def _check_active(agent: Agent) -> None:
    if agent.status is AgentStatus.ARCHIVED:
        raise ConflictError("The agent is archived: unarchive it first.", code="agent-archived")
