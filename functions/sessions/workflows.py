"""Streaming workflows: agents, seen by those who know sessions and deployments."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any

from fastapi import Query

from functions.http.authentication import Caller
from functions.http.listing import MAX_OFFSET, SortKey, SortKeys, Windowed, sort_by, sorting
from functions.http.pagination import MAX_LIMIT, fitting
from functions.http.routing import Routes, get
from functions.sessions.services import SessionsServices
from functions.sessions.workflow_documents import (
    WorkflowDocument,
    WorkflowId,
    WorkflowList,
    workflow_document,
)
from offhook.agents.model import Agent
from offhook.organizations.model import ApiKey, Scope
from offhook.sessions.workflows import (
    WorkflowStatus,
    find_workflow,
    shown_version,
    workflow_status,
    workflows_of,
)

_NEWEST_FIRST = [SortKey(field="createdAt", is_descending=True)]
_FIELDS: dict[str, Callable[[Agent], Any]] = {
    "name": lambda agent: agent.name.casefold(),
    "status": workflow_status,
    "createdAt": lambda agent: agent.created_at,
    "updatedAt": lambda agent: agent.updated_at,
}


class WorkflowRoutes(Routes[SessionsServices]):
    """Shows the agents of an organization as streaming workflows."""

    tag = "streaming workflows"

    @get("/streaming-workflows", Scope.STREAMING_WORKFLOWS_READ)
    def list_streaming_workflows(
        self,
        caller: Caller,
        window: Windowed,
        sort: Annotated[SortKeys, sorting(*_FIELDS, default="-createdAt")],
        search: Annotated[
            str | None,
            Query(max_length=200, description="What the name or the description holds, in any case."),
        ] = None,
        status: WorkflowStatus | None = None,
    ) -> WorkflowList:
        """List streaming workflows that the key can see: its own, shared with it, or public within the organization."""
        agents = (
            agent
            for agent in self._visible(caller)
            if status in (None, workflow_status(agent)) and _holds(agent, search)
        )
        # As they are read, so that no more of them is than this part needs.
        ordered = agents if sort == _NEWEST_FIRST else iter(sort_by(agents, sort, _FIELDS))
        count, part = window.cut(ordered)
        return WorkflowList(
            count=count, limit=window.limit, offset=window.offset, items=self._documents(part)
        )

    @get("/streaming-workflows/{workflow_id}", Scope.STREAMING_WORKFLOWS_READ)
    def get_streaming_workflow(self, workflow_id: WorkflowId, caller: Caller) -> WorkflowDocument:
        """Show a streaming workflow."""
        agent = find_workflow(self._services.agents, caller, workflow_id)
        (document,) = self._documents([agent])
        return document

    def _visible(self, caller: ApiKey) -> Iterator[Agent]:
        """Yield what the key can see, newest first, as far as a list reaches."""
        return islice(workflows_of(self._services.agents, caller), MAX_OFFSET + MAX_LIMIT)

    def _documents(self, agents: list[Agent]) -> list[WorkflowDocument]:
        """Show the agents of a part, without nodes and edges from where it would be too long."""
        numbers = {agent.uuid: number for agent in agents if (number := shown_version(agent))}
        versions = self._services.agents.get_versions(numbers)
        documents = [workflow_document(agent, versions.get(agent.uuid)) for agent in agents]
        whole = fitting(documents)
        bare = [each.model_copy(update={"nodes": None, "edges": None}) for each in documents[len(whole) :]]
        return whole + bare


def _holds(agent: Agent, search: str | None) -> bool:
    wanted = (search or "").casefold()
    return wanted in agent.name.casefold() or wanted in agent.description.casefold()
