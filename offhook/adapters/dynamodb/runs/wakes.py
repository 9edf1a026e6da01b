"""Wakes in DynamoDB: an item for each thing, which stands in one partition of an index, ordered by its instant.

wake   runs table, pk `WAKE#<kind>#<id>`, sk `WAKE`; gsi3 `WAKES` / `<instant>#<kind>#<organization>#<id>`
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from pynamodb.attributes import UnicodeAttribute

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.runs.run_item import BY_EXPIRY
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.clock import from_iso, to_iso
from offhook.waking import Wake, WakeKind

_ALL = "WAKES"
# After "#", so that all of an instant come before it.
_LAST = "~"


class WakeItem(Item):
    """A wake: its keys say everything, so that an index that carries nothing else does."""

    TABLE = RUNS_TABLE
    KIND = "wake"

    gsi3pk = UnicodeAttribute()
    gsi1sk = UnicodeAttribute()


class DynamoWakes:
    """Implements Wakes."""

    def __init__(self, database: Database) -> None:
        self._items = database.items(WakeItem)

    def set(self, wake: Wake) -> None:
        self._items.put(self._items.new(*wake_key(wake.kind, wake.id), **to_attributes(wake)))

    def clear(self, kind: WakeKind, id_: str) -> None:
        self._items.remove(*wake_key(kind, id_))

    def due(self, now: datetime, *, limit: int) -> Iterator[Wake]:
        by_now = WakeItem.gsi1sk <= to_iso(now) + _LAST
        items = self._items.query(_ALL, by_now, index=BY_EXPIRY, page_size=limit)
        known = (wake for item in items if (wake := _to_wake(item.gsi1sk)))
        yield from islice(known, limit)

    def postpone(self, wake: Wake, due_at: datetime) -> bool:
        moved = [WakeItem.gsi1sk.set(_sort_key(wake, due_at))]
        is_same = WakeItem.gsi1sk == _sort_key(wake, wake.due_at)
        return self._items.change(*wake_key(wake.kind, wake.id), moved, is_same).is_done


def wake_key(kind: WakeKind, id_: str) -> tuple[str, str]:
    return f"WAKE#{kind}#{id_}", "WAKE"


def to_attributes(wake: Wake) -> dict[str, Any]:
    """Return a wake's attributes, for whoever sets it together with something else."""
    return {"gsi3pk": _ALL, "gsi1sk": _sort_key(wake, wake.due_at)}


def _sort_key(wake: Wake, due_at: datetime) -> str:
    return "#".join((to_iso(due_at), wake.kind, wake.organization_id, wake.id))


def _to_wake(sort_key: str) -> Wake | None:
    """Read a wake; None for one of a kind that a newer version has set."""
    due_at, kind, organization_id, id_ = sort_key.split("#", 3)
    if kind not in list(WakeKind):
        return None
    return Wake(kind=WakeKind(kind), id=id_, organization_id=organization_id, due_at=from_iso(due_at))
