"""How agents, versions and triggers lie in DynamoDB.

agent     pk `AGENT#<uuid>`, sk `AGENT`; gsi1 `ORG#<id>#AGENTS` / created at
version   pk `AGENT#<uuid>`, sk `VERSION#<number>`
trigger   pk `TRIGGER#<path>`, sk `TRIGGER`; its key makes a path unique in the whole install
"""

from collections.abc import Collection
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute, UTCDateTimeAttribute

from offhook.adapters.dynamodb.items.mapping import (
    ChoiceAttribute,
    ModelItem,
    TextsAttribute,
    ValueAttribute,
    attributes,
)
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.agents.model import Agent, AgentDeployment, AgentStatus, Trigger, Version, VersionStatus
from offhook.clock import to_iso

AGENT_SK = "AGENT"
TRIGGER_SK = "TRIGGER"
(BY_ORGANIZATION,) = CONFIG_TABLE.indexes


class AgentItem(ModelItem):
    """An agent, with the numbers of the versions that its runs use and the trigger paths that are its own."""

    TABLE = CONFIG_TABLE
    KIND = "agent"
    MODEL = Agent

    gsi1pk = UnicodeAttribute()
    gsi1sk = UnicodeAttribute()
    uuid = UnicodeAttribute(attr_name="agent_uuid")
    status = ChoiceAttribute(AgentStatus)
    revision = NumberAttribute()
    deployment = ValueAttribute(AgentDeployment, null=True)
    shared_with = TextsAttribute(null=True)
    trigger_paths = UnicodeSetAttribute(null=True)


class VersionItem(ModelItem):
    """A version with its documents."""

    TABLE = CONFIG_TABLE
    KIND = "version"
    MODEL = Version

    status = ChoiceAttribute(VersionStatus)
    published_at = UTCDateTimeAttribute(null=True)


class TriggerItem(ModelItem):
    """A trigger path and whose it is."""

    TABLE = CONFIG_TABLE
    KIND = "trigger"
    MODEL = Trigger


def agent_pk(agent_uuid: str) -> str:
    return f"AGENT#{agent_uuid}"


def version_sk(number: int) -> str:
    return f"VERSION#{number:06d}"


def trigger_pk(trigger_path: str) -> str:
    return f"TRIGGER#{trigger_path}"


def list_pk(organization_id: str) -> str:
    return f"ORG#{organization_id}#AGENTS"


def agent_attributes(agent: Agent, trigger_paths: Collection[str]) -> dict[str, Any]:
    return {
        "gsi1pk": list_pk(agent.organization_id),
        "gsi1sk": f"{to_iso(agent.created_at)}#{agent.uuid}",
        "trigger_paths": set(trigger_paths) or None,
        **attributes(AgentItem, agent),
        "shared_with": agent.shared_with or None,
    }
