"""Managing an organization's tools."""

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from functions.http.adding import Routes
from functions.http.authentication import Caller
from functions.http.idempotency import NewThing, some_uuid
from functions.http.pagination import DEFAULT_LIMIT, Cursor, Limit
from functions.organization.services import OrganizationServices
from functions.organization.tool_documents import (
    NewTool,
    ToolChanges,
    ToolDocument,
    ToolList,
    ToolUuid,
    tool_document,
)
from offhook.organizations.model import ApiKey, Scope
from offhook.tools.model import Tool, ToolCategory, ToolStatus

_PATH = "/tools"
_ONE = "/tools/{tool_uuid}"
_REFUSALS = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


class ToolRoutes:
    """Lists, makes, shows, changes, archives and unarchives tools."""

    def __init__(self, services: OrganizationServices) -> None:
        self._services = services

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = Routes(self._services, tag="tools")
        routes.add(
            "GET",
            _PATH,
            self.list_tools,
            scope=Scope.ORGANIZATION_READ,
            operation_id="listTools",
            summary="List tools, newest first",
        )
        routes.add(
            "POST",
            _PATH,
            self.create,
            scope=Scope.ORGANIZATION_WRITE,
            operation_id="createTool",
            summary="Make something that the language model may call",
            status=HTTPStatus.CREATED,
            new_id=some_uuid,
        )
        routes.add(
            "GET",
            _ONE,
            self.show,
            scope=Scope.ORGANIZATION_READ,
            operation_id="getTool",
            summary="Show a tool",
            problems=[HTTPStatus.NOT_FOUND],
        )
        self._add_changes(routes)
        return routes.router

    def _add_changes(self, routes: Routes) -> None:
        routes.add(
            "PUT",
            _ONE,
            self.change,
            scope=Scope.ORGANIZATION_WRITE,
            operation_id="updateTool",
            summary="Change a tool",
            problems=_REFUSALS,
        )
        routes.add(
            "DELETE",
            _ONE,
            self.archive,
            scope=Scope.ORGANIZATION_WRITE,
            operation_id="archiveTool",
            summary="Archive a tool, so that no agent can use it",
            problems=_REFUSALS,
        )
        routes.add(
            "POST",
            f"{_ONE}/unarchive",
            self.unarchive,
            scope=Scope.ORGANIZATION_WRITE,
            operation_id="unarchiveTool",
            summary="Make an archived tool usable again",
            problems=_REFUSALS,
        )

    def list_tools(
        self,
        caller: Caller,
        category: Annotated[ToolCategory | None, Query(description="Only tools of this category.")] = None,
        status: Annotated[ToolStatus | None, Query(description="Only tools with this status.")] = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> ToolList:
        tools = [
            tool
            for tool in self._services.tools.list(caller.organization_id)
            if category in (None, tool.category) and status in (None, tool.status)
        ]
        this_list = (caller.organization_id, "tools", category, status)
        items, next_cursor = self._services.cursors.page(
            tools, cursor, limit, of=this_list, show=tool_document
        )
        return ToolList(items=items, next_cursor=next_cursor)

    def create(self, body: NewTool, caller: Caller, intent: NewThing) -> ToolDocument:
        services = self._services
        made = intent.made_before(partial(services.tools.get, caller.organization_id))
        tool = made or services.toolbox.add(
            caller.organization_id, intent.resource_id, body.form(), services.clock()
        )
        return tool_document(tool)

    def show(self, tool_uuid: ToolUuid, caller: Caller) -> ToolDocument:
        return tool_document(self._find(caller, tool_uuid))

    def change(self, tool_uuid: ToolUuid, body: ToolChanges, caller: Caller) -> ToolDocument:
        former = self._find(caller, tool_uuid)
        services = self._services
        return tool_document(services.toolbox.change(former, body.applied_to(former), services.clock()))

    def archive(self, tool_uuid: ToolUuid, caller: Caller) -> ToolDocument:
        return self._set_status(caller, tool_uuid, ToolStatus.ARCHIVED)

    def unarchive(self, tool_uuid: ToolUuid, caller: Caller) -> ToolDocument:
        return self._set_status(caller, tool_uuid, ToolStatus.ACTIVE)

    def _set_status(self, caller: ApiKey, tool_uuid: str, status: ToolStatus) -> ToolDocument:
        services, former = self._services, self._find(caller, tool_uuid)
        return tool_document(services.toolbox.set_status(former, status, services.clock()))

    def _find(self, caller: ApiKey, tool_uuid: str) -> Tool:
        return self._services.tools.get(caller.organization_id, tool_uuid)
