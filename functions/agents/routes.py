"""Managing agents: their drafts, their versions, and what production runs use."""

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Response

from functions.agents.documents import (
    AgentDocument,
    AgentEdit,
    AgentList,
    DefinitionToCheck,
    NewAgent,
    NewDuplicate,
    ProblemDocument,
    Publication,
    Verdict,
    VersionDocument,
    VersionList,
)
from functions.agents.preconditions import Expected, tag
from functions.agents.services import AgentsServices
from functions.agents.views import agent_document, agent_summary, version_document, version_summary
from functions.http.adding import Routes
from functions.http.authentication import Caller
from functions.http.idempotency import NewThing, some_uuid
from functions.http.pagination import DEFAULT_LIMIT, Cursor, Limit
from offhook.agents.editing import (
    AgentChange,
    Revisions,
    create_agent,
    details_of,
    duplicate_agent,
    edit_agent,
    publish_agent,
    set_status,
    version_of,
    versions_of,
)
from offhook.agents.model import Agent, AgentStatus
from offhook.clock import to_iso
from offhook.organizations.model import ApiKey, Scope
from offhook.workflows import workflow_problems

AgentUuid = Annotated[str, Path(max_length=64, description="`uuid` of the agent.")]
VersionNumber = Annotated[int, Path(ge=1, lt=1_000_000, description="`version` of the version.")]

_PATH = "/agents/{agent_uuid}"
_UNNAMED = NewDuplicate()
_CHANGE = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED)


class AgentsRoutes:
    """Lets an organization make, edit and publish its agents."""

    def __init__(self, services: AgentsServices) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = Routes(self._services, tag="agents")
        self._add_reading(routes)
        self._add_making(routes)
        self._add_changing(routes)
        return routes.router

    def _add_reading(self, routes: Routes) -> None:
        add = partial(routes.add, scope=Scope.AGENTS_READ)
        missing = [HTTPStatus.NOT_FOUND]
        add(
            "GET",
            "/agents",
            self.list_agents,
            operation_id="listAgents",
            summary="List agents, newest first",
        )
        add(
            "POST",
            "/agents/validate",
            self.validate,
            operation_id="validateWorkflow",
            summary="Check a workflow definition and store nothing; every fault is told at once",
        )
        add(
            "GET",
            _PATH,
            self.get_agent,
            operation_id="getAgent",
            summary="Show an agent with its draft and its triggers",
            problems=missing,
            has_etag=True,
        )
        add(
            "GET",
            f"{_PATH}/versions",
            self.list_versions,
            operation_id="listAgentVersions",
            summary="List an agent's versions, newest first",
            problems=missing,
        )
        add(
            "GET",
            f"{_PATH}/versions/{{version}}",
            self.get_version,
            operation_id="getAgentVersion",
            summary="Show a version of an agent",
            problems=missing,
        )

    def _add_making(self, routes: Routes) -> None:
        add = partial(
            routes.add,
            scope=Scope.AGENTS_WRITE,
            status=HTTPStatus.CREATED,
            has_etag=True,
            new_id=some_uuid,
        )
        add("POST", "/agents", self.create, operation_id="createAgent", summary="Make an agent, as a draft")
        add(
            "POST",
            f"{_PATH}/duplicate",
            self.duplicate,
            operation_id="duplicateAgent",
            summary="Make an agent as a copy of another, with trigger paths of its own",
            problems=[HTTPStatus.NOT_FOUND],
        )

    def _add_changing(self, routes: Routes) -> None:
        add = partial(routes.add, scope=Scope.AGENTS_WRITE, problems=_CHANGE, has_etag=True)
        add(
            "PUT",
            _PATH,
            self.replace,
            operation_id="replaceAgent",
            summary="Save an agent's draft as a whole",
        )
        add("PATCH", _PATH, self.edit, operation_id="editAgent", summary="Save parts of an agent's draft")
        add(
            "POST",
            f"{_PATH}/publish",
            self.publish,
            operation_id="publishAgent",
            summary="Freeze the draft, and let production runs use it",
        )
        add(
            "POST",
            f"{_PATH}/archive",
            self.archive,
            operation_id="archiveAgent",
            summary="Archive an agent, so that it takes no calls any more",
        )
        add(
            "POST",
            f"{_PATH}/unarchive",
            self.unarchive,
            operation_id="unarchiveAgent",
            summary="Let an archived agent take calls again",
        )

    def list_agents(
        self,
        caller: Caller,
        status: AgentStatus | None = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> AgentList:
        this_list = ("agents", caller.organization_id, status)
        before = self._services.cursors.read(cursor, of=this_list)
        page = self._services.agents.page(caller.organization_id, status=status, limit=limit, before=before)
        return AgentList(
            items=[agent_summary(agent) for agent in page.agents],
            next_cursor=self._services.cursors.write(page.next_before, of=this_list),
        )

    def validate(self, body: DefinitionToCheck) -> Verdict:
        problems = workflow_problems(body.workflow_definition)
        return Verdict(
            is_valid=not problems,
            errors=[
                ProblemDocument(kind=found.kind, id=found.id, field=found.field, message=found.message)
                for found in problems
            ],
        )

    def get_agent(self, agent_uuid: AgentUuid, caller: Caller, response: Response) -> AgentDocument:
        return self._show(self._agent(caller, agent_uuid), response)

    def list_versions(
        self,
        agent_uuid: AgentUuid,
        caller: Caller,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> VersionList:
        agent = self._agent(caller, agent_uuid)
        this_list = ("versions", agent.uuid)
        before = self._services.cursors.read(cursor, of=this_list)
        versions = versions_of(
            self._services.agents, agent, limit=limit, before=int(before) if before else None
        )
        # Numbers are given without gaps, from 1.
        end = str(versions[-1].number) if versions and versions[-1].number > 1 else None
        return VersionList(
            items=[version_summary(version) for version in versions],
            next_cursor=self._services.cursors.write(end, of=this_list),
        )

    def get_version(self, agent_uuid: AgentUuid, version: VersionNumber, caller: Caller) -> VersionDocument:
        agent = self._agent(caller, agent_uuid)
        return version_document(version_of(self._services.agents, agent, version))

    def create(self, body: NewAgent, caller: Caller, intent: NewThing, response: Response) -> AgentDocument:
        agents = self._services.agents
        made = intent.made_before(partial(agents.get, caller.organization_id))
        agent = made or create_agent(
            agents,
            caller.organization_id,
            name=body.name,
            description=body.description,
            workflow_definition=body.workflow_definition,
            settings=body.settings.document,
            now=self._services.clock(),
            agent_uuid=intent.resource_id,
        )
        return self._show(agent, response)

    def duplicate(
        self,
        agent_uuid: AgentUuid,
        caller: Caller,
        intent: NewThing,
        response: Response,
        body: NewDuplicate = _UNNAMED,
    ) -> AgentDocument:
        agents = self._services.agents
        made = intent.made_before(partial(agents.get, caller.organization_id))
        agent = made or duplicate_agent(
            agents,
            caller.organization_id,
            agent_uuid,
            name=body.name,
            now=self._services.clock(),
            new_agent_uuid=intent.resource_id,
        )
        return self._show(agent, response)

    def replace(
        self,
        agent_uuid: AgentUuid,
        body: NewAgent,
        caller: Caller,
        expected: Expected,
        response: Response,
    ) -> AgentDocument:
        change = AgentChange(
            name=body.name,
            description=body.description,
            workflow_definition=body.workflow_definition,
            settings=body.settings.document,
        )
        return self._show(self._edit(caller, agent_uuid, change, expected), response)

    def edit(
        self,
        agent_uuid: AgentUuid,
        body: AgentEdit,
        caller: Caller,
        expected: Expected,
        response: Response,
    ) -> AgentDocument:
        change = AgentChange(
            name=body.name,
            description=body.description,
            workflow_definition=body.workflow_definition,
            settings=body.settings.document if body.settings else None,
        )
        return self._show(self._edit(caller, agent_uuid, change, expected), response)

    def publish(
        self, agent_uuid: AgentUuid, caller: Caller, expected: Expected, response: Response
    ) -> Publication:
        agents = self._services.agents
        agent = publish_agent(agents, caller.organization_id, agent_uuid, expected=expected)
        tag(response, agent)
        return Publication(version=agent.last_version, published_at=to_iso(agent.updated_at))

    def archive(
        self, agent_uuid: AgentUuid, caller: Caller, expected: Expected, response: Response
    ) -> AgentDocument:
        return self._show(self._set(caller, agent_uuid, AgentStatus.ARCHIVED, expected), response)

    def unarchive(
        self, agent_uuid: AgentUuid, caller: Caller, expected: Expected, response: Response
    ) -> AgentDocument:
        return self._show(self._set(caller, agent_uuid, AgentStatus.ACTIVE, expected), response)

    def _agent(self, caller: ApiKey, agent_uuid: str) -> Agent:
        return self._services.agents.get(caller.organization_id, agent_uuid)

    def _edit(self, caller: ApiKey, agent_uuid: str, change: AgentChange, expected: Revisions) -> Agent:
        return edit_agent(
            self._services.agents,
            caller.organization_id,
            agent_uuid,
            change,
            now=self._services.clock(),
            expected=expected,
        )

    def _set(self, caller: ApiKey, agent_uuid: str, status: AgentStatus, expected: Revisions) -> Agent:
        return set_status(
            self._services.agents,
            caller.organization_id,
            agent_uuid,
            status,
            now=self._services.clock(),
            expected=expected,
        )

    def _show(self, agent: Agent, response: Response) -> AgentDocument:
        tag(response, agent)
        return agent_document(details_of(self._services.agents, agent), self._services.public_base_url)
