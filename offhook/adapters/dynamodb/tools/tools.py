"""Tools and credentials in DynamoDB; how they lie there stands in tool_items.

What must not happen (two tools of one name, a tool without its credential) is a condition of a write, never of a read
before it.
"""

import builtins
from collections.abc import Callable, Sequence

from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.items.database import Database, Item, organization_pk
from offhook.adapters.dynamodb.items.mapping import attributes, changes, found, to_model
from offhook.adapters.dynamodb.items.refusals import changed_meanwhile, id_taken
from offhook.adapters.dynamodb.tools.tool_items import (
    CredentialItem,
    ToolItem,
    ToolNameItem,
    credential_place,
    name_place,
    tool_key,
    tool_place,
)
from offhook.errors import ConflictError
from offhook.tools.model import Credential, Tool, ToolStatus


class DynamoTools:
    """Implements ToolRepository."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tools = database.items(ToolItem)
        self._names = database.items(ToolNameItem)
        self._credentials = database.items(CredentialItem)

    def add(self, tool: Tool) -> None:
        def collect(transaction: TransactWrite) -> None:
            transaction.save(
                self._tools.new(*tool_place(tool), **attributes(ToolItem, tool)), Item.pk.does_not_exist()
            )
            self._hold(transaction, tool)

        def explain(stored: Tool | None) -> None:
            if stored is not None:
                raise id_taken()
            self._explain(tool)

        self._write(tool, collect, explain)

    def get(self, organization_id: str, tool_uuid: str) -> Tool:
        item = self._tools.get(*tool_key(organization_id, tool_uuid))
        return found(Tool, item, "There is no tool with this id in your organization.")

    def get_many(self, organization_id: str, tool_uuids: Sequence[str]) -> builtins.list[Tool]:
        items = self._tools.get_many([tool_key(organization_id, uuid) for uuid in tool_uuids])
        return [to_model(Tool, item) for item in items]

    def update(self, tool: Tool, *, former: Tool) -> None:
        def collect(transaction: TransactWrite) -> None:
            is_former = Item.pk.exists() & (ToolItem.updated_at == former.updated_at)
            transaction.save(self._tools.new(*tool_place(tool), **attributes(ToolItem, tool)), is_former)
            self._release(transaction, former, tool)
            self._hold(transaction, tool)

        def explain(stored: Tool | None) -> None:
            if stored is None or stored.updated_at != former.updated_at:
                raise changed_meanwhile("tool")
            self._explain(tool)

        self._write(tool, collect, explain)

    def list(self, organization_id: str) -> builtins.list[Tool]:
        items = self._tools.query(organization_pk(organization_id), Item.sk.startswith("TOOL#"))
        tools = (to_model(Tool, item) for item in items)
        return sorted(tools, key=lambda tool: (tool.created_at, tool.uuid), reverse=True)

    def _hold(self, transaction: TransactWrite, tool: Tool) -> None:
        """Take what an active tool holds: its name, and a place among those that use its credential."""
        if tool.status is not ToolStatus.ACTIVE:
            return
        name = self._names.new(*name_place(tool), tool_uuid=tool.uuid)
        transaction.save(name, Item.pk.does_not_exist() | (ToolNameItem.tool_uuid == tool.uuid))
        if tool.credential_uuid is not None:
            credential = self._credentials.new(*_credential_of(tool))
            transaction.update(credential, [CredentialItem.used_by.add({tool.uuid})], Item.pk.exists())

    def _release(self, transaction: TransactWrite, former: Tool, tool: Tool) -> None:
        """Give up what the former tool held and the tool does not: a transaction writes an item once."""
        if former.status is not ToolStatus.ACTIVE:
            return
        is_active = tool.status is ToolStatus.ACTIVE
        if not is_active or name_place(former) != name_place(tool):
            transaction.delete(self._names.new(*name_place(former)), ToolNameItem.tool_uuid == tool.uuid)
        if former.credential_uuid and not (is_active and former.credential_uuid == tool.credential_uuid):
            credential = self._credentials.new(*_credential_of(former))
            transaction.update(credential, [CredentialItem.used_by.delete({tool.uuid})], Item.pk.exists())

    def _explain(self, tool: Tool) -> None:
        holder = self._names.get(*name_place(tool))
        if tool.status is ToolStatus.ACTIVE and holder is not None and holder.tool_uuid != tool.uuid:
            raise _name_taken()
        if tool.credential_uuid and self._credentials.get(*_credential_of(tool)) is None:
            raise _credential_gone()

    def _write(
        self, tool: Tool, collect: Callable[[TransactWrite], None], explain: Callable[[Tool | None], None]
    ) -> None:
        """Make the collected writes together; `explain` raises why they were refused, if that will stay so."""

        def is_made() -> bool:
            item = self._tools.get(*tool_place(tool))
            stored = None if item is None else to_model(Tool, item)
            # The reply to an earlier attempt may be lost, and not all that speaks DynamoDB's API knows it again.
            if stored != tool:
                explain(stored)
            return stored == tool

        self._database.write_together(collect, is_made)


class DynamoCredentials:
    """Implements CredentialRepository."""

    def __init__(self, database: Database) -> None:
        self._credentials = database.items(CredentialItem)

    def add(self, credential: Credential) -> None:
        item = self._credentials.new(*_place(credential), **attributes(CredentialItem, credential))
        if not self._credentials.put_new(item):
            raise id_taken()

    def get(self, organization_id: str, credential_uuid: str) -> Credential:
        item = self._credentials.get(*credential_place(organization_id, credential_uuid))
        return found(Credential, item, "There is no credential with this id in your organization.")

    def update(self, credential: Credential, *, former: Credential) -> None:
        # Not the whole item: it also holds which tools use it.
        changed = self._credentials.change(
            *_place(credential),
            changes(CredentialItem, attributes(CredentialItem, credential)),
            Item.pk.exists() & (CredentialItem.updated_at == former.updated_at),
        )
        if not changed.is_done:
            raise changed_meanwhile("credential")

    def remove(self, credential: Credential) -> None:
        # The set goes with its last member; a retry finds no item, and no set either.
        if not self._credentials.remove(*_place(credential), CredentialItem.used_by.does_not_exist()):
            raise ConflictError(
                "An active tool presents this credential: give the tool another one, or archive it, first.",
                code="credential-in-use",
            )

    def list(self, organization_id: str) -> builtins.list[Credential]:
        items = self._credentials.query(organization_pk(organization_id), Item.sk.startswith("CREDENTIAL#"))
        credentials = (to_model(Credential, item) for item in items)
        return sorted(credentials, key=lambda each: (each.created_at, each.uuid), reverse=True)


def _place(credential: Credential) -> tuple[str, str]:
    return credential_place(credential.organization_id, credential.uuid)


def _credential_of(tool: Tool) -> tuple[str, str]:
    return credential_place(tool.organization_id, tool.credential_uuid)


def _name_taken() -> ConflictError:
    return ConflictError(
        "Another active tool has this name: choose another one, or archive that tool first.",
        code="tool-name-taken",
    )


def _credential_gone() -> ConflictError:
    return ConflictError(
        "The credential that the tool names is not there any more: give the tool another one first.",
        code="credential-gone",
    )
