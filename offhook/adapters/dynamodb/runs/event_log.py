"""The event log in DynamoDB: one item for each flush.

events   pk `RUN#<run id>`, sk the first seq in 12 digits
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pynamodb.attributes import JSONAttribute, NumberAttribute

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.tables import EVENTS_TABLE
from offhook.errors import OwnershipLostError
from offhook.json_types import JsonValue
from offhook.runs.log.entry import LogEntry
from offhook.runs.ports import MAX_EVENTS_PER_FLUSH

RETENTION = timedelta(days=90)
"""How long a log is kept; what a run amounted to stays on its row and in its transcript."""

_SEQ_DIGITS = 12


class _CompactJsonAttribute(JSONAttribute):
    """JSON without spaces: a log is paid for by the kilobyte."""

    def serialize(self, value: JsonValue) -> str:
        return json.dumps(value, separators=(",", ":"))


class FlushItem(Item):
    """Consecutive events of one run; the seq of each is `first_seq` plus its place."""

    TABLE = EVENTS_TABLE
    KIND = "flush"

    first_seq = NumberAttribute()
    events = _CompactJsonAttribute()


class DynamoEventLog:
    """Implements EventLog."""

    def __init__(self, database: Database) -> None:
        self._flushes = database.items(FlushItem)

    def append(self, run_id: int, entries: Sequence[LogEntry]) -> None:
        _check(entries)
        item = self._flushes.new(
            _pk(run_id),
            _sk(entries[0].seq),
            first_seq=entries[0].seq,
            events=[_encode(entry) for entry in entries],
            ttl=entries[-1].at + RETENTION,
        )
        if not self._flushes.put_new(item) and not self._holds(run_id, entries):
            raise OwnershipLostError("Another process has appended to this run's log; it owns the run now.")

    def _holds(self, run_id: int, entries: Sequence[LogEntry]) -> bool:
        stored = self._flushes.get(_pk(run_id), _sk(entries[0].seq))
        return stored is not None and list(_decode(stored)) == list(entries)

    def delete(self, run_id: int) -> None:
        self._flushes.remove_all(_pk(run_id))

    def read(self, run_id: int, *, after_seq: int = 0, consistent: bool = False) -> Iterator[LogEntry]:
        # The event after `after_seq` may be the last one of the largest possible flush.
        start = max(after_seq + 2 - MAX_EVENTS_PER_FLUSH, 0)
        for item in self._flushes.query(_pk(run_id), Item.sk >= _sk(start), consistent=consistent):
            yield from (entry for entry in _decode(item) if entry.seq > after_seq)

    def follow(self, run_id: int, last_seq: int) -> Iterator[LogEntry]:
        later = Item.sk > _sk(last_seq)
        for item in self._flushes.query(_pk(run_id), later):
            yield from _decode(item)

    def ends(self, run_id: int) -> tuple[int, int]:
        oldest = self._edge(run_id, forward=True)
        newest = self._edge(run_id, forward=False)
        if oldest is None or newest is None:
            return 0, 0
        return int(oldest.first_seq), int(newest.first_seq) + len(newest.events) - 1

    def _edge(self, run_id: int, *, forward: bool) -> FlushItem | None:
        found = self._flushes.query(_pk(run_id), None, forward=forward, limit=1)
        return next(found, None)


def _check(entries: Sequence[LogEntry]) -> None:
    if not 1 <= len(entries) <= MAX_EVENTS_PER_FLUSH:
        raise ValueError(f"A flush holds 1 to {MAX_EVENTS_PER_FLUSH} events, not {len(entries)}.")
    if any(entry.seq != entries[0].seq + place for place, entry in enumerate(entries)):
        raise ValueError("The events of a flush have consecutive seqs.")


def _pk(run_id: int) -> str:
    return f"RUN#{run_id}"


def _sk(first_seq: int) -> str:
    return f"{first_seq:0{_SEQ_DIGITS}d}"


def _encode(entry: LogEntry) -> JsonValue:
    return [entry.at.isoformat(), entry.event.type, entry.data]


def _decode(item: FlushItem) -> Iterator[LogEntry]:
    # A newer release may have more to say of an entry.
    for place, (at, type_, data, *_) in enumerate(item.events):
        yield LogEntry.read(
            seq=int(item.first_seq) + place, at=datetime.fromisoformat(at), type_=type_, data=data
        )
