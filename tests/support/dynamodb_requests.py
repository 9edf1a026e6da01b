"""Counts what is asked of DynamoDB: each request is a few milliseconds."""

from collections.abc import Iterator
from contextlib import contextmanager

from offhook.adapters.dynamodb.store import Store


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
