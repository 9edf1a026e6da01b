"""Managing agents: their drafts, their versions, and what production runs use."""

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Response

from functions.agents.documents import (
    AgentDocument,
    AgentEdit,
    AgentList,
    AgentSummary,
    DefinitionToCheck,
    NewAgent,
    NewDuplicate,
    Publication,
    Verdict,
    VersionDocument,
    VersionList,
    VersionSummary,
    agent_document,
)
from functions.agents.services import AgentsServices
from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing, some_uuid
from functions.http.pagination import Paged
from functions.http.preconditions import Edit, Editing, tag
from functions.http.routing import Routes, get, patch, post, put
from offhook.agents.editing import AgentChange
from offhook.agents.model import Agent, AgentStatus
from offhook.organizations.model import ApiKey, Scope
from offhook.workflows import workflow_problems, workflow_warnings

AgentUuid = Annotated[str, Path(max_length=64, description="`uuid` of the agent.")]
VersionNumber = Annotated[int, Path(ge=1, lt=1_000_000, description="`version` of the version.")]

_ONE = "/agents/{agent_uuid}"
_UNNAMED = NewDuplicate()
_STALE = (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)


class AgentsRoutes(Routes[AgentsServices]):
    """Lets an organization make, edit and publish its agents."""

    tag = "agents"

    @get("/agents", Scope.AGENTS_READ)
    def list_agents(self, caller: Caller, paging: Paged, status: AgentStatus | None = None) -> AgentList:
        """List agents, newest first."""
        this_list = ("agents", caller.organization_id, status)
        before = self._services.cursors.read(paging.cursor, of=this_list)
        page = self._services.agents.page(
            caller.organization_id, status=status, limit=paging.limit, before=before
        )
        return AgentList(
            items=[AgentSummary.model_validate(agent) for agent in page.agents],
            next_cursor=self._services.cursors.write(page.next_before, of=this_list),
        )

    @post("/agents/validate", Scope.AGENTS_READ)
    def validate_workflow(self, body: DefinitionToCheck, caller: Caller) -> Verdict:
        """Check a workflow definition and store nothing; every fault is told at once."""
        definition, tools = body.workflow_definition, self._services.editor.tools
        problems = workflow_problems(definition) or tools.problems(caller.organization_id, definition)
        warnings = [] if problems else workflow_warnings(definition)
        verdict = {"is_valid": not problems, "errors": problems, "warnings": warnings}
        return Verdict.model_validate(verdict)

    @get(_ONE, Scope.AGENTS_READ, has_etag=True)
    def get_agent(self, agent_uuid: AgentUuid, caller: Caller, response: Response) -> AgentDocument:
        """Show an agent with its draft and its triggers."""
        return self._show(self._agent(caller, agent_uuid), response)

    @get(f"{_ONE}/versions", Scope.AGENTS_READ)
    def list_agent_versions(self, agent_uuid: AgentUuid, caller: Caller, paging: Paged) -> VersionList:
        """List an agent's versions, newest first."""
        agent = self._agent(caller, agent_uuid)
        this_list = ("versions", agent.uuid)
        before = self._services.cursors.read(paging.cursor, of=this_list)
        versions = self._services.editor.versions(
            agent, limit=paging.limit, before=int(before) if before else None
        )
        # Numbers are given without gaps, from 1.
        end = str(versions[-1].number) if versions and versions[-1].number > 1 else None
        return VersionList(
            items=[VersionSummary.model_validate(version) for version in versions],
            next_cursor=self._services.cursors.write(end, of=this_list),
        )

    @get(f"{_ONE}/versions/{{version}}", Scope.AGENTS_READ)
    def get_agent_version(
        self, agent_uuid: AgentUuid, version: VersionNumber, caller: Caller
    ) -> VersionDocument:
        """Show a version of an agent."""
        agent = self._agent(caller, agent_uuid)
        return VersionDocument.model_validate(self._services.editor.version(agent, version))

    @post("/agents", Scope.AGENTS_WRITE, status=HTTPStatus.CREATED, has_etag=True, new_id=some_uuid)
    def create_agent(
        self, body: NewAgent, caller: Caller, intent: NewThing, response: Response
    ) -> AgentDocument:
        """Make an agent, as a draft."""
        made = intent.made_before(partial(self._agent, caller))
        agent = made or self._services.editor.create(
            caller.organization_id,
            name=body.name,
            description=body.description,
            workflow_definition=body.workflow_definition,
            settings=body.settings.document,
            agent_uuid=intent.resource_id,
            owner_id=caller.id,
            shared_with=body.shared_with or (),
            is_public=body.is_public is not False,
        )
        return self._show(agent, response)

    @post(f"{_ONE}/duplicate", Scope.AGENTS_WRITE, status=HTTPStatus.CREATED, has_etag=True, new_id=some_uuid)
    def duplicate_agent(
        self,
        agent_uuid: AgentUuid,
        caller: Caller,
        intent: NewThing,
        response: Response,
        body: NewDuplicate = _UNNAMED,
    ) -> AgentDocument:
        """Make an agent as a copy of another, with trigger paths of its own."""
        made = intent.made_before(partial(self._agent, caller))
        agent = made or self._services.editor.duplicate(
            caller.organization_id,
            agent_uuid,
            name=body.name,
            new_agent_uuid=intent.resource_id,
            owner_id=caller.id,
        )
        return self._show(agent, response)

    @put(_ONE, Scope.AGENTS_WRITE, problems=_STALE, has_etag=True)
    def replace_agent(self, agent_uuid: AgentUuid, body: NewAgent, edit: Editing) -> AgentDocument:
        """Save an agent's draft as a whole."""
        return self._edit(agent_uuid, body, edit)

    @patch(_ONE, Scope.AGENTS_WRITE, problems=_STALE, has_etag=True)
    def edit_agent(self, agent_uuid: AgentUuid, body: AgentEdit, edit: Editing) -> AgentDocument:
        """Save parts of an agent's draft."""
        return self._edit(agent_uuid, body, edit)

    @post(f"{_ONE}/publish", Scope.AGENTS_WRITE, problems=_STALE, has_etag=True)
    def publish_agent(self, agent_uuid: AgentUuid, edit: Editing) -> Publication:
        """Freeze the draft, and let production runs use it."""
        agent = self._services.editor.publish(edit.caller.organization_id, agent_uuid, edit.expected)
        tag(edit.response, agent.revision)
        return Publication(version=agent.last_version, published_at=agent.updated_at)

    @post(f"{_ONE}/archive", Scope.AGENTS_WRITE, problems=_STALE, has_etag=True)
    def archive_agent(self, agent_uuid: AgentUuid, edit: Editing) -> AgentDocument:
        """Archive an agent, so that it takes no calls any more."""
        return self._set(agent_uuid, AgentStatus.ARCHIVED, edit)

    @post(f"{_ONE}/unarchive", Scope.AGENTS_WRITE, problems=_STALE, has_etag=True)
    def unarchive_agent(self, agent_uuid: AgentUuid, edit: Editing) -> AgentDocument:
        """Let an archived agent take calls again."""
        return self._set(agent_uuid, AgentStatus.ACTIVE, edit)

    def _agent(self, caller: ApiKey, agent_uuid: str) -> Agent:
        return self._services.agents.get(caller.organization_id, agent_uuid)

    def _edit(self, agent_uuid: str, body: NewAgent | AgentEdit, edit: Edit) -> AgentDocument:
        change = AgentChange(
            name=body.name,
            description=body.description,
            workflow_definition=body.workflow_definition,
            settings=body.settings.document if body.settings else None,
            shared_with=body.shared_with,
            is_public=body.is_public,
        )
        editor, organization_id = self._services.editor, edit.caller.organization_id
        return self._show(editor.edit(organization_id, agent_uuid, change, edit.expected), edit.response)

    def _set(self, agent_uuid: str, status: AgentStatus, edit: Edit) -> AgentDocument:
        editor, organization_id = self._services.editor, edit.caller.organization_id
        agent = editor.set_status(organization_id, agent_uuid, status, edit.expected)
        return self._show(agent, edit.response)

    def _show(self, agent: Agent, response: Response) -> AgentDocument:
        tag(response, agent.revision)
        return agent_document(self._services.editor.details(agent), self._services.public_base_url)
