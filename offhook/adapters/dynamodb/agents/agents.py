"""The repository of agents on DynamoDB; `agent_items` says how they lie there."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.agents.agent_items import (
    AGENT_SK,
    BY_ORGANIZATION,
    TRIGGER_SK,
    AgentItem,
    TriggerItem,
    VersionItem,
    agent_attributes,
    agent_pk,
    list_pk,
    trigger_pk,
    version_sk,
)
from offhook.adapters.dynamodb.items.database import Database, Item, new_write_id
from offhook.adapters.dynamodb.items.mapping import attributes, changes, found, to_model
from offhook.agents.model import Agent, AgentStatus, Trigger, Version, VersionStatus
from offhook.agents.ports import AgentPage
from offhook.clock import Clock
from offhook.errors import ConflictError, NotFoundError, StaleError
from offhook.remembered import Remembered

REMEMBERED_VERSIONS = 64
REMEMBERED_TRIGGERS = 4096

_NO_SUCH_AGENT = "There is no agent with this UUID in your organization."


class DynamoAgents:
    """Implements AgentRepository."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._agents = database.items(AgentItem)
        self._versions = database.items(VersionItem)
        self._triggers = database.items(TriggerItem)
        self._frozen: Remembered[tuple[str, int], Version] = Remembered(REMEMBERED_VERSIONS)
        self._paths: Remembered[str, Trigger] = Remembered(REMEMBERED_TRIGGERS)

    def create(self, agent: Agent, draft: Version, triggers: list[Trigger]) -> None:
        wanted = {trigger.trigger_path: trigger for trigger in triggers}
        item = self._agents.new(
            agent_pk(agent.uuid), AGENT_SK, write_id=new_write_id(), **agent_attributes(agent, wanted)
        )

        def collect(transaction: TransactWrite) -> None:
            transaction.save(item, Item.pk.does_not_exist())
            transaction.save(self._version_item(draft), Item.pk.does_not_exist())
            self._claim(transaction, wanted.values())

        def explain() -> bool:
            stored = self._agents.get(agent_pk(agent.uuid), AGENT_SK)
            if stored is None:
                self._check_free(wanted.values())
            elif stored.write_id != item.write_id:
                raise ConflictError("There is an agent with this UUID already.", code="id-taken")
            return stored is not None

        self._database.write_together(collect, explain)

    def get(self, organization_id: str, agent_uuid: str) -> Agent:
        agent = self.get_by_uuid(agent_uuid)
        if agent.organization_id != organization_id:
            raise NotFoundError(_NO_SUCH_AGENT)
        return agent

    def get_by_uuid(self, agent_uuid: str) -> Agent:
        return found(Agent, self._agents.get(agent_pk(agent_uuid), AGENT_SK), _NO_SUCH_AGENT)

    def page(
        self, organization_id: str, *, status: AgentStatus | None, limit: int, before: str | None
    ) -> AgentPage:
        items, next_before = self._agents.page(
            list_pk(organization_id),
            None if before is None else AgentItem.gsi1sk < before,
            None if status is None else AgentItem.status == status,
            index=BY_ORGANIZATION,
            limit=limit,
        )
        return AgentPage(agents=tuple(to_model(Agent, item) for item in items), next_before=next_before)

    def get_version(self, agent_uuid: str, number: int) -> Version:
        known = self._frozen.get((agent_uuid, number))
        if known is not None:
            return known
        item = self._versions.get(agent_pk(agent_uuid), version_sk(number))
        return self._remembered(found(Version, item, f"The agent has no version {number}."))

    def get_versions(self, numbers: Mapping[str, int]) -> dict[str, Version]:
        known = {uuid: version for uuid, n in numbers.items() if (version := self._frozen.get((uuid, n)))}
        missing = [(agent_pk(uuid), version_sk(n)) for uuid, n in numbers.items() if uuid not in known]
        read = (to_model(Version, item) for item in self._versions.get_many(missing))
        return known | {version.agent_uuid: self._remembered(version) for version in read}

    def versions(self, agent_uuid: str, *, limit: int, before: int | None) -> list[Version]:
        newest = version_sk(999_999 if before is None else before - 1)
        within = Item.sk.between(version_sk(0), newest)
        items = self._versions.query(agent_pk(agent_uuid), within, forward=False, limit=limit)
        return [to_model(Version, item) for item in items]

    def save(self, agent: Agent, draft: Version | None, triggers: list[Trigger]) -> Agent:
        saved = replace(agent, revision=agent.revision + 1)
        if draft is not None:
            saved = replace(
                saved, draft_version=draft.number, last_version=max(agent.last_version, draft.number)
            )

        def write(transaction: TransactWrite) -> None:
            if draft is not None:
                is_draft = Item.pk.does_not_exist() | (VersionItem.status == VersionStatus.DRAFT)
                transaction.save(self._version_item(draft), is_draft)

        self._change(agent, saved, triggers, write_versions=write)
        return saved

    def publish(self, agent: Agent, version: Version, triggers: list[Trigger]) -> Agent:
        now, former = self._clock(), agent.published_version
        if former == version.number:
            raise ConflictError("This version is the published one already.")
        published = replace(
            agent,
            published_version=version.number,
            draft_version=None,
            updated_at=now,
            revision=agent.revision + 1,
        )

        def write(transaction: TransactWrite) -> None:
            transaction.update(
                self._versions.new(agent_pk(agent.uuid), version_sk(version.number)),
                [VersionItem.status.set(VersionStatus.PUBLISHED), VersionItem.published_at.set(now)],
                VersionItem.status == VersionStatus.DRAFT,
            )
            if former is not None:
                transaction.update(
                    self._versions.new(agent_pk(agent.uuid), version_sk(former)),
                    [VersionItem.status.set(VersionStatus.ARCHIVED)],
                    Item.pk.exists(),
                )

        self._change(agent, published, triggers, write_versions=write)
        return published

    def find_trigger(self, trigger_path: str) -> Trigger | None:
        known = self._paths.get(trigger_path)
        if known is not None:
            return known
        item = self._triggers.get(trigger_pk(trigger_path), TRIGGER_SK)
        if item is None:
            return None
        trigger = to_model(Trigger, item)
        self._paths.put(trigger_path, trigger)
        return trigger

    def forget_trigger(self, trigger_path: str) -> None:
        self._paths.forget(trigger_path)

    def _remembered(self, version: Version) -> Version:
        if version.status is not VersionStatus.DRAFT:
            self._frozen.put((version.agent_uuid, version.number), version)
        return version

    def _change(
        self,
        agent: Agent,
        changed: Agent,
        triggers: list[Trigger],
        *,
        write_versions: Callable[[TransactWrite], None],
    ) -> None:
        """Write the agent, its versions and its claims on trigger paths together, or nothing of all that."""
        stored = self._agents.get(agent_pk(agent.uuid), AGENT_SK)
        if stored is None or stored.revision != agent.revision:
            raise _stale()
        had = stored.trigger_paths or set()
        wanted = {trigger.trigger_path: trigger for trigger in triggers}
        new = [trigger for path, trigger in wanted.items() if path not in had]
        write_id = new_write_id()

        def collect(transaction: TransactWrite) -> None:
            transaction.update(
                self._agents.new(agent_pk(agent.uuid), AGENT_SK),
                [*changes(AgentItem, _edited(changed, wanted)), Item.write_id.set(write_id)],
                AgentItem.revision == agent.revision,
            )
            write_versions(transaction)
            self._claim(transaction, new)
            for path in had - wanted.keys():
                transaction.delete(self._triggers.new(trigger_pk(path), TRIGGER_SK))

        self._database.write_together(collect, lambda: self._is_made(agent, write_id, new))
        for path in had - wanted.keys():
            self._paths.forget(path)

    def _claim(self, transaction: TransactWrite, triggers: Iterable[Trigger]) -> None:
        for trigger in triggers:
            item = self._triggers.new(
                trigger_pk(trigger.trigger_path), TRIGGER_SK, **attributes(TriggerItem, trigger)
            )
            transaction.save(item, Item.pk.does_not_exist())

    def _is_made(self, agent: Agent, write_id: str, claimed: list[Trigger]) -> bool:
        """Say that a refused write was made already, by its first attempt; else raise why it was refused."""
        stored = self._agents.get(agent_pk(agent.uuid), AGENT_SK)
        if stored is not None and stored.write_id == write_id:
            return True
        if stored is not None and stored.revision == agent.revision:
            self._check_free(claimed)
        raise _stale()

    def _check_free(self, claimed: Iterable[Trigger]) -> None:
        for trigger in claimed:
            if self._triggers.get(trigger_pk(trigger.trigger_path), TRIGGER_SK) is not None:
                raise _path_taken()

    def _version_item(self, version: Version) -> VersionItem:
        return self._versions.new(
            agent_pk(version.agent_uuid), version_sk(version.number), **attributes(VersionItem, version)
        )


def _edited(agent: Agent, trigger_paths: Collection[str]) -> dict[str, Any]:
    """Return what an edit writes: not the deployment, which may have changed since the agent was read."""
    values = agent_attributes(agent, trigger_paths)
    del values["deployment"]
    return values


def _stale() -> StaleError:
    return StaleError("The agent has changed since it was read: read it again, and redo the change.")


def _path_taken() -> ConflictError:
    return ConflictError(
        "A trigger path of this workflow belongs to another agent; choose another path.",
        code="trigger-path-taken",
    )
