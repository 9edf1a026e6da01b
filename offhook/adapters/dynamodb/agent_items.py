"""How agents, versions and triggers lie in DynamoDB.

agent     pk `AGENT#<uuid>`, sk `AGENT`; gsi1 `ORG#<id>#AGENTS` / created at
version   pk `AGENT#<uuid>`, sk `VERSION#<number>`
trigger   pk `TRIGGER#<path>`, sk `TRIGGER`; its key makes a path unique in the whole install
"""

import json
from typing import Any

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from offhook.adapters.dynamodb.database import Item
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.agents.model import Agent, AgentStatus, Trigger, Version, VersionStatus
from offhook.clock import to_iso

AGENT_SK = "AGENT"
TRIGGER_SK = "TRIGGER"


class ByOrganization(GlobalSecondaryIndex["AgentItem"]):  # type: ignore[no-untyped-call]
    """An organization's agents by their creation."""

    class Meta:
        """The index as `offhook.adapters.dynamodb.tables` defines it."""

        index_name = "gsi1"
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class AgentItem(Item):
    """An agent, with the numbers of the versions that its runs use and the trigger paths that are its own."""

    TABLE = CONFIG_TABLE
    KIND = "agent"

    gsi1pk = UnicodeAttribute()
    gsi1sk = UnicodeAttribute()
    by_organization = ByOrganization()
    agent_uuid = UnicodeAttribute()
    organization_id = UnicodeAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute()
    status = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    published_version = NumberAttribute(null=True)
    draft_version = NumberAttribute(null=True)
    last_version = NumberAttribute()
    revision = NumberAttribute()
    trigger_paths = UnicodeSetAttribute(null=True)


class DocumentAttribute(JSONAttribute):
    """A JSON text, so that every number and null comes back as it was; as short as JSON can be."""

    def serialize(self, value: Any) -> str:
        """Write the document: an item has 400 KB, and escapes would treble some alphabets."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class VersionItem(Item):
    """A version with its documents."""

    TABLE = CONFIG_TABLE
    KIND = "version"

    agent_uuid = UnicodeAttribute()
    number = NumberAttribute()
    status = UnicodeAttribute()
    workflow_definition = DocumentAttribute()
    settings = DocumentAttribute()
    created_at = UTCDateTimeAttribute()
    published_at = UTCDateTimeAttribute(null=True)


class TriggerItem(Item):
    """A trigger path and whose it is."""

    TABLE = CONFIG_TABLE
    KIND = "trigger"

    trigger_path = UnicodeAttribute()
    agent_uuid = UnicodeAttribute()
    organization_id = UnicodeAttribute()


def agent_pk(agent_uuid: str) -> str:
    """Return the partition of an agent and its versions."""
    return f"AGENT#{agent_uuid}"


def version_sk(number: int) -> str:
    """Return the sort key of a version."""
    return f"VERSION#{number:06d}"


def trigger_pk(trigger_path: str) -> str:
    """Return the partition of a trigger."""
    return f"TRIGGER#{trigger_path}"


def list_pk(organization_id: str) -> str:
    """Return the partition of the index that lists an organization's agents."""
    return f"ORG#{organization_id}#AGENTS"


def list_sk(agent: Agent) -> str:
    """Return where in the list of its organization the agent stands."""
    return f"{to_iso(agent.created_at)}#{agent.uuid}"


def agent_attributes(agent: Agent) -> dict[str, Any]:
    """Return what is stored of an agent, but for its trigger paths."""
    return {
        "gsi1pk": list_pk(agent.organization_id),
        "gsi1sk": list_sk(agent),
        "agent_uuid": agent.uuid,
        "organization_id": agent.organization_id,
        "name": agent.name,
        "description": agent.description,
        "status": agent.status,
        "created_at": agent.created_at,
        "updated_at": agent.updated_at,
        "published_version": agent.published_version,
        "draft_version": agent.draft_version,
        "last_version": agent.last_version,
        "revision": agent.revision,
    }


def to_agent(item: AgentItem) -> Agent:
    """Read an agent."""
    return Agent(
        uuid=item.agent_uuid,
        organization_id=item.organization_id,
        name=item.name,
        description=item.description,
        status=AgentStatus(item.status),
        created_at=item.created_at,
        updated_at=item.updated_at,
        published_version=None if item.published_version is None else int(item.published_version),
        draft_version=None if item.draft_version is None else int(item.draft_version),
        last_version=int(item.last_version),
        revision=int(item.revision),
    )


def version_attributes(version: Version) -> dict[str, Any]:
    """Return what is stored of a version."""
    return {
        "agent_uuid": version.agent_uuid,
        "number": version.number,
        "status": version.status,
        "workflow_definition": version.workflow_definition,
        "settings": version.settings,
        "created_at": version.created_at,
        "published_at": version.published_at,
    }


def to_version(item: VersionItem) -> Version:
    """Read a version."""
    return Version(
        agent_uuid=item.agent_uuid,
        number=int(item.number),
        status=VersionStatus(item.status),
        workflow_definition=item.workflow_definition,
        settings=item.settings,
        created_at=item.created_at,
        published_at=item.published_at,
    )


def trigger_attributes(trigger: Trigger) -> dict[str, Any]:
    """Return what is stored of a trigger."""
    return {
        "trigger_path": trigger.trigger_path,
        "agent_uuid": trigger.agent_uuid,
        "organization_id": trigger.organization_id,
    }


def to_trigger(item: TriggerItem) -> Trigger:
    """Read a trigger."""
    return Trigger(
        trigger_path=item.trigger_path, agent_uuid=item.agent_uuid, organization_id=item.organization_id
    )
