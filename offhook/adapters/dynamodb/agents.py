"""Agents, versions and triggers in DynamoDB.

agent     pk `AGENT#<uuid>`, sk `AGENT`; gsi1 `ORG#<id>#AGENTS` / created at
version   pk `AGENT#<uuid>`, sk `VERSION#<number>`
trigger   pk `TRIGGER#<path>`, sk `TRIGGER`
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from offhook.adapters.dynamodb.database import Database, Item
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.adapters.dynamodb.translation import ConditionFailedError, storage_errors
from offhook.agents.model import Agent, AgentStatus, Trigger, Version, VersionStatus
from offhook.clock import Clock, to_iso
from offhook.errors import ConflictError, NotFoundError


class ByOrganization(GlobalSecondaryIndex["AgentItem"]):  # type: ignore[no-untyped-call]
    """An organization's agents by their creation."""

    class Meta:
        """The index as `offhook.adapters.dynamodb.tables` defines it."""

        index_name = "gsi1"
        projection = AllProjection()

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class AgentItem(Item):
    """An agent, with the numbers of the versions that its runs use."""

    TABLE = CONFIG_TABLE
    KIND = "agent"

    gsi1pk = UnicodeAttribute()
    gsi1sk = UnicodeAttribute()
    by_organization = ByOrganization()
    agent_uuid = UnicodeAttribute()
    organization_id = UnicodeAttribute()
    name = UnicodeAttribute()
    status = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    updated_at = UTCDateTimeAttribute()
    published_version = NumberAttribute(null=True)
    draft_version = NumberAttribute(null=True)


class VersionItem(Item):
    """A version; its documents are JSON texts, so that every number and null comes back as it was."""

    TABLE = CONFIG_TABLE
    KIND = "version"

    agent_uuid = UnicodeAttribute()
    number = NumberAttribute()
    status = UnicodeAttribute()
    workflow_definition = JSONAttribute()
    settings = JSONAttribute()
    created_at = UTCDateTimeAttribute()
    published_at = UTCDateTimeAttribute(null=True)


class TriggerItem(Item):
    """A trigger path; its key makes it unique in the whole install."""

    TABLE = CONFIG_TABLE
    KIND = "trigger"

    trigger_path = UnicodeAttribute()
    agent_uuid = UnicodeAttribute()
    organization_id = UnicodeAttribute()


class DynamoAgents:
    """Implements AgentRepository."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._agents = database.items(AgentItem)
        self._versions = database.items(VersionItem)
        self._triggers = database.items(TriggerItem)

    def create(self, agent: Agent, draft: Version, triggers: list[Trigger]) -> None:
        """Store a new agent with its first draft; raise ConflictError when a trigger path is another agent's."""
        items: list[Item] = [self._agent_item(agent), self._version_item(draft)]
        items += [self._trigger_item(trigger) for trigger in dict.fromkeys(triggers)]
        try:
            with storage_errors(), self._database.transaction() as transaction:
                for item in items:
                    transaction.save(item, Item.pk.does_not_exist())
        except ConditionFailedError:
            raise ConflictError(
                "A trigger path of this workflow belongs to another agent; choose another path.",
                code="trigger-path-taken",
            ) from None

    def get(self, organization_id: str, agent_uuid: str) -> Agent:
        """Return the agent; raise NotFoundError when it is not this organization's."""
        item = self._agents.get(_agent_pk(agent_uuid), "AGENT")
        if item is None or item.organization_id != organization_id:
            raise NotFoundError("There is no agent with this UUID in your organization.")
        return _to_agent(item)

    def list(self, organization_id: str) -> list[Agent]:
        """Return the organization's agents, newest first; one made a moment ago may be missing."""
        items = self._agents.query(
            _list_pk(organization_id), ByOrganization.gsi1sk >= "0", index=ByOrganization.Meta.index_name
        )
        return [_to_agent(item) for item in items][::-1]

    def get_version(self, agent_uuid: str, number: int) -> Version:
        """Return one version; raise NotFoundError."""
        item = self._versions.get(_agent_pk(agent_uuid), _version_sk(number))
        if item is None:
            raise NotFoundError(f"The agent has no version {number}.")
        return _to_version(item)

    def publish(self, agent: Agent, version: Version) -> Agent:
        """Make the version (a draft until now) the published one, archive the former, and return the agent.

        Raises ConflictError when somebody else has published since `agent` was read.
        """
        if agent.published_version == version.number:
            raise ConflictError("This version is the published one already.")
        now = self._clock()
        try:
            with storage_errors(), self._database.transaction() as transaction:
                self._write_publication(transaction.update, agent, version, now)
        except ConditionFailedError:
            raise ConflictError(
                "The agent was changed meanwhile; read it again and publish once more."
            ) from None
        draft = None if agent.draft_version == version.number else agent.draft_version
        return replace(agent, published_version=version.number, draft_version=draft, updated_at=now)

    def find_trigger(self, trigger_path: str) -> Trigger | None:
        """Return the trigger of whatever organization, with one read."""
        item = self._triggers.get(f"TRIGGER#{trigger_path}", "TRIGGER")
        return None if item is None else _to_trigger(item)

    def _write_publication(
        self, update: Callable[..., None], agent: Agent, version: Version, now: datetime
    ) -> None:
        former = agent.published_version
        is_unchanged: Condition = AgentItem.published_version.does_not_exist()
        if former is not None:
            is_unchanged = AgentItem.published_version == former
            update(
                self._versions.new(_agent_pk(agent.uuid), _version_sk(former)),
                [VersionItem.status.set(VersionStatus.ARCHIVED)],
                Item.pk.exists(),
            )
        actions: list[Action] = [
            AgentItem.published_version.set(version.number),
            AgentItem.updated_at.set(now),
        ]
        if agent.draft_version == version.number:
            actions.append(AgentItem.draft_version.remove())
        update(self._agents.new(_agent_pk(agent.uuid), "AGENT"), actions, is_unchanged & Item.pk.exists())
        update(
            self._versions.new(_agent_pk(agent.uuid), _version_sk(version.number)),
            [VersionItem.status.set(VersionStatus.PUBLISHED), VersionItem.published_at.set(now)],
            VersionItem.status == VersionStatus.DRAFT,
        )

    def _agent_item(self, agent: Agent) -> AgentItem:
        return self._agents.new(
            _agent_pk(agent.uuid),
            "AGENT",
            gsi1pk=_list_pk(agent.organization_id),
            gsi1sk=f"{to_iso(agent.created_at)}#{agent.uuid}",
            agent_uuid=agent.uuid,
            organization_id=agent.organization_id,
            name=agent.name,
            status=agent.status,
            created_at=agent.created_at,
            updated_at=agent.updated_at,
            published_version=agent.published_version,
            draft_version=agent.draft_version,
        )

    def _version_item(self, version: Version) -> VersionItem:
        return self._versions.new(
            _agent_pk(version.agent_uuid),
            _version_sk(version.number),
            agent_uuid=version.agent_uuid,
            number=version.number,
            status=version.status,
            workflow_definition=version.workflow_definition,
            settings=version.settings,
            created_at=version.created_at,
            published_at=version.published_at,
        )

    def _trigger_item(self, trigger: Trigger) -> TriggerItem:
        return self._triggers.new(
            f"TRIGGER#{trigger.trigger_path}",
            "TRIGGER",
            trigger_path=trigger.trigger_path,
            agent_uuid=trigger.agent_uuid,
            organization_id=trigger.organization_id,
        )


def _agent_pk(agent_uuid: str) -> str:
    return f"AGENT#{agent_uuid}"


def _version_sk(number: int) -> str:
    return f"VERSION#{number:06d}"


def _list_pk(organization_id: str) -> str:
    return f"ORG#{organization_id}#AGENTS"


def _to_agent(item: AgentItem) -> Agent:
    return Agent(
        uuid=item.agent_uuid,
        organization_id=item.organization_id,
        name=item.name,
        status=AgentStatus(item.status),
        created_at=item.created_at,
        updated_at=item.updated_at,
        published_version=_whole(item.published_version),
        draft_version=_whole(item.draft_version),
    )


def _to_version(item: VersionItem) -> Version:
    return Version(
        agent_uuid=item.agent_uuid,
        number=int(item.number),
        status=VersionStatus(item.status),
        workflow_definition=item.workflow_definition,
        settings=item.settings,
        created_at=item.created_at,
        published_at=item.published_at,
    )


def _to_trigger(item: TriggerItem) -> Trigger:
    return Trigger(
        trigger_path=item.trigger_path, agent_uuid=item.agent_uuid, organization_id=item.organization_id
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
