"""Counts what is asked of DynamoDB, since each request is a few milliseconds, or has half of what is written left undone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.adapters.dynamodb.tables import Table


@contextmanager
def requests(store: Store) -> Iterator[list[str]]:
    """Collect the operations that are sent meanwhile."""
    sent: list[str] = []

    def note(model: object, **_: object) -> None:
        sent.append(str(getattr(model, "name", "")))

    events = store.database.connection.client.meta.events
    events.register("before-call.dynamodb", note)
    try:
        yield sent
    finally:
        events.unregister("before-call.dynamodb", note)


def leave_half(store: Store, table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each batch that is written to a table done by half, of which the database says so."""
    opened = store.database._tables[table.setting]
    write = opened.batch_write_item

    def write_half(put_items: list[object], delete_items: list[object]) -> object:
        puts, deletes = (len(put_items) + 1) // 2, (len(delete_items) + 1) // 2
        reply = write(put_items=put_items[:puts], delete_items=delete_items[:deletes])
        undone = [
            *({"PutRequest": {"Item": item}} for item in put_items[puts:]),
            *({"DeleteRequest": {"Key": key}} for key in delete_items[deletes:]),
        ]
        return {**reply, "UnprocessedItems": {opened.table_name: undone} if undone else {}}

    monkeypatch.setattr("offhook.adapters.dynamodb.items.database._FIRST_PAUSE_S", 0)
    monkeypatch.setattr(opened, "batch_write_item", write_half)
