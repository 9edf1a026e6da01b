"""The lines of the journal: each says what some named things are now, all or nothing, under a checksum."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from offhook.json_types import JsonObject

# Fewer superseded records than this are not worth a rewrite.
COMPACT_AT_LEAST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the thing called `name` in `scope` is now; a `state` of None says it is gone, and an empty name all of the scope.

    `body` is the content hash of a large body that the state refers to.
    """

    scope: str
    name: str
    state: JsonObject | None
    body: str | None = None


def encode(records: Sequence[Record]) -> bytes:
    """Write records that belong together as one line."""
    fields = [[each.scope, each.name, each.state, each.body] for each in records]
    data = json.dumps(fields, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(data), data)


def decode_all(path: Path) -> tuple[list[Record], int]:
    """Read records up to the first damaged line; return them and the number of bytes they take."""
    records: list[Record] = []
    good_bytes = 0
    with path.open("rb") as file:
        for line in file:
            found = _decode(line)
            if found is None:
                break
            records += found
            good_bytes += len(line)
    return records, good_bytes


def last_states(records: Iterable[Record]) -> list[Record]:
    """Return what is there after all records, in the order in which the names first appeared."""
    states: dict[str, dict[str, Record]] = {}
    order: dict[tuple[str, str], None] = {}
    for record in records:
        scope = states.setdefault(record.scope, {})
        if not record.name:
            scope.clear()
        elif record.state is None:
            scope.pop(record.name, None)
        else:
            scope[record.name] = record
            order[record.scope, record.name] = None
    return [states[scope][name] for scope, name in order if name in states[scope]]


class LiveNames:
    """Which names live in which scope, and how many records of the log say nothing any more."""

    def __init__(self) -> None:
        self._scopes: dict[str, dict[str, None]] = {}
        self._count = 0
        self.dead = 0

    def add(self, record: Record) -> None:
        names = self._scopes.setdefault(record.scope, {})
        before = len(names)
        if not record.name:
            names.clear()
        elif record.state is None:
            names.pop(record.name, None)
        else:
            names[record.name] = None
        grown = len(names) - before
        self._count += grown
        self.dead += 1 - grown

    def names(self, scope: str) -> list[str]:
        return list(self._scopes.get(scope, ()))

    def is_worth_compacting(self) -> bool:
        return self.dead >= max(COMPACT_AT_LEAST, 2 * self._count)


def _decode(line: bytes) -> list[Record] | None:
    if not line.endswith(b"\n") or line[8:9] != b" " or line[:8] != b"%08x" % zlib.crc32(line[9:-1]):
        return None
    fields = json.loads(line[9:])
    return [Record(scope=scope, name=name, state=state, body=body) for scope, name, state, body in fields]
