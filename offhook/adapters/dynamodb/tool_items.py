"""How tools and credentials lie in DynamoDB.

tool         pk `ORG#<id>`, sk `TOOL#<uuid>`
tool's name  pk `ORG#<id>`, sk `TOOL-NAME#<name in small letters>`; there is one for each active tool
credential   pk `ORG#<id>`, sk `CREDENTIAL#<uuid>`; holds the ids of the active tools that name it
"""

from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UnicodeSetAttribute, UTCDateTimeAttribute

from offhook.adapters.dynamodb.database import Item
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.tools.model import Credential, CredentialType, Tool, ToolCategory, ToolStatus


class ToolItem(Item):
    """A tool."""

    TABLE = CONFIG_TABLE
    KIND = "tool"

    tool_uuid = UnicodeAttribute()
    organization_id = UnicodeAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute()
    category = UnicodeAttribute()
    definition = JSONAttribute()
    status = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()


class ToolNameItem(Item):
    """A name that an active tool has."""

    TABLE = CONFIG_TABLE
    KIND = "tool-name"

    tool_uuid = UnicodeAttribute()


class CredentialItem(Item):
    """A credential; its secret is sealed before it comes here."""

    TABLE = CONFIG_TABLE
    KIND = "credential"

    credential_uuid = UnicodeAttribute()
    organization_id = UnicodeAttribute()
    name = UnicodeAttribute()
    type = UnicodeAttribute()
    public = JSONAttribute()
    sealed = UnicodeAttribute()
    hint = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    used_by = UnicodeSetAttribute(null=True)


def organization_pk(organization_id: str) -> str:
    """Return the partition of all that an organization has."""
    return f"ORG#{organization_id}"


def tool_place(tool: Tool) -> tuple[str, str]:
    """Return the keys of a tool."""
    return organization_pk(tool.organization_id), f"TOOL#{tool.uuid}"


def name_place(tool: Tool) -> tuple[str, str]:
    """Return the keys of the name that an active tool has."""
    return organization_pk(tool.organization_id), f"TOOL-NAME#{tool.name.lower()}"


def credential_place(tool: Tool) -> tuple[str, str]:
    """Return the keys of the credential that a tool names."""
    return organization_pk(tool.organization_id), f"CREDENTIAL#{tool.credential_uuid}"


def tool_attributes(tool: Tool) -> dict[str, Any]:
    """Return what is stored of a tool."""
    return {
        "tool_uuid": tool.uuid,
        "organization_id": tool.organization_id,
        "name": tool.name,
        "description": tool.description,
        "category": tool.category.value,
        "definition": tool.definition,
        "status": tool.status.value,
        "created_at": tool.created_at,
        "updated_at": tool.updated_at,
    }


def to_tool(item: ToolItem) -> Tool:
    """Return the tool of an item."""
    return Tool(
        uuid=item.tool_uuid,
        organization_id=item.organization_id,
        name=item.name,
        description=item.description,
        category=ToolCategory(item.category),
        definition=item.definition,
        status=ToolStatus(item.status),
        created_at=item.created_at,
        updated_at=item.updated_at,
    )


def to_credential(item: CredentialItem) -> Credential:
    """Return the credential of an item."""
    return Credential(
        uuid=item.credential_uuid,
        organization_id=item.organization_id,
        name=item.name,
        type=CredentialType(item.type),
        public=item.public,
        sealed=item.sealed,
        hint=item.hint,
        created_at=item.created_at,
        updated_at=item.updated_at,
    )
