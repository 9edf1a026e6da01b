"""The do-not-call lists in DynamoDB.

entry   config table, pk `ORG#<id>#DNC`, sk the number
"""

import builtins
from collections.abc import Sequence

from pynamodb.attributes import UnicodeAttribute

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.items.mapping import ModelItem, attributes, to_model
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.donotcall.model import Entry
from offhook.donotcall.numbers import names_of
from offhook.errors import NotFoundError


class EntryItem(ModelItem):
    """An entry; its number is its sort key."""

    TABLE = CONFIG_TABLE
    KIND = "do-not-call"
    MODEL = Entry

    number = UnicodeAttribute()


class DynamoDoNotCallList:
    """Implements DoNotCallList."""

    def __init__(self, database: Database) -> None:
        self._entries = database.items(EntryItem)

    def add(self, entry: Entry) -> Entry:
        # Of two who remove and add at once the last one counts, so that this ends.
        while not self._entries.put_new(self._new(entry)):
            stored = self._find(entry.organization_id, entry.number)
            if stored is not None:
                return stored
        return entry

    def add_all(self, organization_id: str, entries: Sequence[Entry]) -> int:
        by_number = {entry.number: entry for entry in reversed(entries)}
        pk = _pk(organization_id)
        for known in self._entries.get_many([(pk, number) for number in by_number]):
            del by_number[known.sk]
        self._entries.put_all([self._new(entry) for entry in by_number.values()])
        return len(by_number)

    def remove(self, organization_id: str, number: str) -> None:
        entry = self.get(organization_id, number)
        # Without a condition, which a repeated request would not meet.
        self._entries.remove(_pk(organization_id), entry.number)

    def get(self, organization_id: str, number: str) -> Entry:
        entry = self._find(organization_id, number)
        if entry is None:
            raise NotFoundError("This number is not on your organization's do-not-call list.")
        return entry

    def list(
        self, organization_id: str, *, limit: int, after: str | None
    ) -> tuple[builtins.list[Entry], str | None]:
        later = None if after is None else Item.sk > after
        items = self._entries.query(_pk(organization_id), later, limit=limit + 1)
        found = [to_model(Entry, item) for item in items]
        return found[:limit], found[limit - 1].number if len(found) > limit else None

    def has(self, organization_id: str, address: str) -> bool:
        return any(self._find(organization_id, name) is not None for name in names_of(address))

    def _find(self, organization_id: str, number: str) -> Entry | None:
        item = self._entries.get(_pk(organization_id), number)
        return None if item is None else to_model(Entry, item)

    def _new(self, entry: Entry) -> EntryItem:
        return self._entries.new(_pk(entry.organization_id), entry.number, **attributes(EntryItem, entry))


def _pk(organization_id: str) -> str:
    return f"ORG#{organization_id}#DNC"
