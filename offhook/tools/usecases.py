"""Making, changing and archiving tools."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from offhook.addresses import AddressPolicy
from offhook.documents import parts_of
from offhook.errors import InvalidInputError, NotFoundError
from offhook.json_types import JsonObject
from offhook.tools.definitions import read_definition
from offhook.tools.model import Tool, ToolCategory, ToolStatus
from offhook.tools.ports import CredentialRepository, ToolRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolForm:
    """What people say about a tool."""

    name: str
    description: str
    category: ToolCategory
    definition: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """The tools of all organizations, and what a tool is checked against."""

    tools: ToolRepository
    credentials: CredentialRepository
    addresses: AddressPolicy

    def add(self, organization_id: str, tool_uuid: str, form: ToolForm, now: datetime) -> Tool:
        """Store a new, active tool; raise InvalidInputError for its definition, ConflictError for its name."""
        tool = Tool(
            uuid=tool_uuid,
            organization_id=organization_id,
            created_at=now,
            updated_at=now,
            **self._filled_in(form),
        )
        self._check_credential(tool)
        self.tools.add(tool)
        return tool

    def change(self, former: Tool, form: ToolForm, now: datetime) -> Tool:
        """Store a tool as the form has it, active or archived as it was."""
        tool = replace(former, updated_at=now, **self._filled_in(form))
        self._check_credential(tool)
        self.tools.update(tool, former=former)
        return tool

    def set_status(self, former: Tool, status: ToolStatus, now: datetime) -> Tool:
        """Archive a tool, or make it usable again; what is so already stays untouched."""
        if former.status is status:
            return former
        tool = replace(former, status=status, updated_at=now)
        self.tools.update(tool, former=former)
        return tool

    def _filled_in(self, form: ToolForm) -> dict[str, Any]:
        """Return the fields of a tool that the form says; raise InvalidInputError for its definition."""
        return parts_of(form) | {
            "definition": read_definition(form.category, form.definition, self.addresses)
        }

    def _check_credential(self, tool: Tool) -> None:
        """Raise InvalidInputError for a credential that the organization does not have."""
        if tool.credential_uuid is None:
            return
        try:
            self.credentials.get(tool.organization_id, tool.credential_uuid)
        except NotFoundError as error:
            raise InvalidInputError.at("definition", "credential_uuid", msg=error.detail) from None
