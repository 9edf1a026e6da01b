"""Processes of a test's own that are killed at one of their writes to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from offhook.adapters.dynamodb.store import Store

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")


class KilledError(BaseException):
    """The process is gone."""


@contextmanager
def killed_at(store: Store, number: int, moment: str) -> Iterator[None]:
    """Kill whoever sends the write of this number, from 0: before it is sent (`before-call`), or when it is done and not known yet (`after-call`)."""
    sent = count()

    def look(model: object, **_: object) -> None:
        if getattr(model, "name", "") in WRITES and next(sent) == number:
            raise KilledError

    events = store.database.connection.client.meta.events
    events.register(f"{moment}.dynamodb", look)
    try:
        yield
    finally:
        events.unregister(f"{moment}.dynamodb", look)
