"""How tools and credentials lie in DynamoDB.

tool         pk `ORG#<id>`, sk `TOOL#<uuid>`
tool's name  pk `ORG#<id>`, sk `TOOL-NAME#<name in small letters>`; there is one for each active tool
credential   pk `ORG#<id>`, sk `CREDENTIAL#<uuid>`; holds the ids of the active tools that name it
"""

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute, UTCDateTimeAttribute

from offhook.adapters.dynamodb.items.database import Item, organization_pk
from offhook.adapters.dynamodb.items.mapping import ModelItem
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.tools.model import Credential, Tool


class ToolItem(ModelItem):
    """A tool."""

    TABLE = CONFIG_TABLE
    KIND = "tool"
    MODEL = Tool

    uuid = UnicodeAttribute(attr_name="tool_uuid")
    updated_at = UTCDateTimeAttribute()


class ToolNameItem(Item):
    """A name that an active tool has."""

    TABLE = CONFIG_TABLE
    KIND = "tool-name"

    tool_uuid = UnicodeAttribute()


class CredentialItem(ModelItem):
    """A credential; its secret is sealed before it comes here."""

    TABLE = CONFIG_TABLE
    KIND = "credential"
    MODEL = Credential

    uuid = UnicodeAttribute(attr_name="credential_uuid")
    updated_at = UTCDateTimeAttribute()
    used_by = UnicodeSetAttribute(null=True)


def tool_place(tool: Tool) -> tuple[str, str]:
    return tool_key(tool.organization_id, tool.uuid)


def tool_key(organization_id: str, tool_uuid: str) -> tuple[str, str]:
    return organization_pk(organization_id), f"TOOL#{tool_uuid}"


def name_place(tool: Tool) -> tuple[str, str]:
    return organization_pk(tool.organization_id), f"TOOL-NAME#{tool.name.lower()}"


def credential_place(organization_id: str, credential_uuid: str | None) -> tuple[str, str]:
    return organization_pk(organization_id), f"CREDENTIAL#{credential_uuid}"
