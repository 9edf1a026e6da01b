"""Managing an organization's tools."""

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import Query

from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing, some_uuid
from functions.http.pagination import Paged
from functions.http.routing import Routes, delete, get, post, put
from functions.organization.services import OrganizationServices
from functions.organization.tool_documents import (
    NewTool,
    ToolChanges,
    ToolDocument,
    ToolList,
    ToolUuid,
)
from offhook.organizations.model import ApiKey, Scope
from offhook.tools.model import Tool, ToolCategory, ToolStatus

_ONE = "/tools/{tool_uuid}"


class ToolRoutes(Routes[OrganizationServices]):
    """Lists, makes, shows, changes, archives and unarchives tools."""

    tag = "tools"

    @get("/tools", Scope.ORGANIZATION_READ)
    def list_tools(
        self,
        caller: Caller,
        paging: Paged,
        category: Annotated[ToolCategory | None, Query(description="Only tools of this category.")] = None,
        status: Annotated[ToolStatus | None, Query(description="Only tools with this status.")] = None,
    ) -> ToolList:
        """List tools, newest first."""
        tools = [
            tool
            for tool in self._services.tools.list(caller.organization_id)
            if category in (None, tool.category) and status in (None, tool.status)
        ]
        this_list = (caller.organization_id, "tools", category, status)
        return self._services.cursors.page(ToolList, tools, paging, of=this_list)

    @post("/tools", Scope.ORGANIZATION_WRITE, status=HTTPStatus.CREATED, new_id=some_uuid)
    def create_tool(self, body: NewTool, caller: Caller, intent: NewThing) -> ToolDocument:
        """Make something that the language model may call."""
        services = self._services
        made = intent.made_before(partial(services.tools.get, caller.organization_id))
        tool = made or services.toolbox.add(
            caller.organization_id, intent.resource_id, body.form(), services.clock()
        )
        return ToolDocument.model_validate(tool)

    @get(_ONE, Scope.ORGANIZATION_READ)
    def get_tool(self, tool_uuid: ToolUuid, caller: Caller) -> ToolDocument:
        """Show a tool."""
        return ToolDocument.model_validate(self._find(caller, tool_uuid))

    @put(_ONE, Scope.ORGANIZATION_WRITE, problems=[HTTPStatus.CONFLICT])
    def update_tool(self, tool_uuid: ToolUuid, body: ToolChanges, caller: Caller) -> ToolDocument:
        """Change a tool."""
        former = self._find(caller, tool_uuid)
        services = self._services
        return ToolDocument.model_validate(
            services.toolbox.change(former, body.applied_to(former), services.clock())
        )

    @delete(_ONE, Scope.ORGANIZATION_WRITE, problems=[HTTPStatus.CONFLICT])
    def archive_tool(self, tool_uuid: ToolUuid, caller: Caller) -> ToolDocument:
        """Archive a tool, so that no agent can use it."""
        return self._set_status(caller, tool_uuid, ToolStatus.ARCHIVED)

    @post(f"{_ONE}/unarchive", Scope.ORGANIZATION_WRITE, problems=[HTTPStatus.CONFLICT])
    def unarchive_tool(self, tool_uuid: ToolUuid, caller: Caller) -> ToolDocument:
        """Make an archived tool usable again."""
        return self._set_status(caller, tool_uuid, ToolStatus.ACTIVE)

    def _set_status(self, caller: ApiKey, tool_uuid: str, status: ToolStatus) -> ToolDocument:
        services, former = self._services, self._find(caller, tool_uuid)
        return ToolDocument.model_validate(services.toolbox.set_status(former, status, services.clock()))

    def _find(self, caller: ApiKey, tool_uuid: str) -> Tool:
        return self._services.tools.get(caller.organization_id, tool_uuid)
