"""A durable log of states: what the embedded AWS holds, so that it survives restarts, kills and crashes.

A record says what one named thing is now, or that it is gone; the last record of a name wins, so the log can be
compacted without knowing what it holds. Each append reaches the operating system before it returns (a killed
process loses nothing), and the disk within about half a second (a machine that loses power loses that much).
Large bodies are files named by their content, written before the record that refers to them.
"""

import fcntl
import hashlib
import json
import os
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from offhook.errors import ConflictError
from offhook.json_types import JsonObject

SYNC_INTERVAL_SECONDS = 0.5
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


class Bodies:
    """Large bodies as files, each named by the SHA-256 of its content."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        _make_private(folder)

    def put(self, content: bytes) -> str:
        """Write a body and return its hash; the disk has it after the next `Journal` sync."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(digest)
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_bytes(content)
            part.replace(path)
        return digest

    def path(self, digest: str) -> Path:
        return self._folder / digest

    def keep_only(self, digests: set[str]) -> None:
        for path in self._folder.iterdir():
            if path.name not in digests:
                path.unlink()


class Journal:
    """The log in one folder, owned by one process at a time; safe to use from several threads."""

    def __init__(self, folder: Path, *, on_notice: Callable[[str], None]) -> None:
        """Open or create the log; raise ConflictError when another process has it."""
        _make_private(folder)
        self._path = folder / "journal.log"
        self._on_notice = on_notice
        self._mutex = threading.Lock()
        self._lock_file = _LockFile(folder / "lock")
        self.bodies = Bodies(folder / "bodies")
        self._live = _Live()
        self._restored: list[Record] = self._read()
        self._file = self._path.open("ab")
        self._unsynced_bodies: list[str] = []
        self._dirty = threading.Event()
        self._closing = threading.Event()
        if self._live.is_worth_compacting():
            self._compact(self._restored)
        self.bodies.keep_only({r.body for r in self._restored if r.body})
        self._syncer = threading.Thread(target=self._sync_for_ever, name="journal-sync", daemon=True)
        self._syncer.start()

    def take_restored(self) -> list[Record]:
        """Hand over the states found at the start, in the order in which their names first appeared; once."""
        restored, self._restored = self._restored, []
        return restored

    def append(self, record: Record) -> None:
        """Write one record; when it returns, the death of this process cannot lose it."""
        line = _encode(record)
        with self._mutex:
            self._file.write(line)
            self._file.flush()
            self._live.add(record)
            if record.body:
                self._unsynced_bodies.append(record.body)
            if self._live.is_worth_compacting():
                self._compact(_last_states(_decode_all(self._path)[0]))
        self._dirty.set()

    def names(self, scope: str) -> list[str]:
        """List what lives in a scope."""
        with self._mutex:
            return self._live.names(scope)

    def close(self) -> None:
        """Bring everything to the disk and let the folder go."""
        self._closing.set()
        self._dirty.set()
        self._syncer.join()
        with self._mutex:
            self._file.close()
            self._lock_file.close()

    def _read(self) -> list[Record]:
        if not self._path.exists():
            return []
        records, good_bytes = _decode_all(self._path)
        self._set_damage_aside(good_bytes)
        for record in records:
            self._live.add(record)
        return _last_states(records)

    def _set_damage_aside(self, good_bytes: int) -> None:
        size = self._path.stat().st_size
        if size == good_bytes:
            return
        with self._path.open("r+b") as file:
            file.seek(good_bytes)
            aside = self._path.with_name("journal.damaged")
            aside.write_bytes(file.read())
            file.truncate(good_bytes)
        self._on_notice(
            f"The last {size - good_bytes} bytes of the data journal were not written completely (a crash"
            f" does that); they are set aside in {aside.name} and everything before them is there."
        )

    def _compact(self, states: list[Record]) -> None:
        fresh = self._path.with_suffix(".compacting")
        with fresh.open("wb") as file:
            file.writelines(_encode(record) for record in states)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        _sync_path(self._path.parent)
        self._file.close()
        self._file = self._path.open("ab")
        self._live.dead = 0

    def _sync_for_ever(self) -> None:
        while not self._closing.is_set():
            self._dirty.wait()
            self._dirty.clear()
            self._sync()
            self._closing.wait(SYNC_INTERVAL_SECONDS)
        self._sync()

    def _sync(self) -> None:
        with self._mutex:
            # A duplicate: a compaction may close the file meanwhile, and appends must not wait for the disk.
            descriptor = os.dup(self._file.fileno())
            bodies, self._unsynced_bodies = self._unsynced_bodies, []
        try:
            for digest in bodies:
                _sync_path(self.bodies.path(digest))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class _Live:
    """Which names live in which scope, and how many lines of the log say nothing any more."""

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


def _last_states(records: list[Record]) -> list[Record]:
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


def _encode(record: Record) -> bytes:
    text = json.dumps([record.scope, record.name, record.state, record.body], separators=(",", ":"))
    data = text.encode()
    return b"%08x %s\n" % (zlib.crc32(data), data)


def _decode_all(path: Path) -> tuple[list[Record], int]:
    """Read records up to the first damaged one; return them and the number of bytes they take."""
    records: list[Record] = []
    good_bytes = 0
    for line in _lines(path):
        record = _decode(line)
        if record is None:
            break
        records.append(record)
        good_bytes += len(line)
    return records, good_bytes


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _decode(line: bytes) -> Record | None:
    if not line.endswith(b"\n") or line[8:9] != b" " or line[:8] != b"%08x" % zlib.crc32(line[9:-1]):
        return None
    scope, name, state, body = json.loads(line[9:])
    return Record(scope=scope, name=name, state=state, body=body)


class _LockFile:
    """Keeps a second process out of the folder; the kernel releases it when this one dies."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise ConflictError(
                f"Another Offhook is using the data folder {path.parent}; stop it or choose another folder."
            ) from None

    def close(self) -> None:
        self._file.close()


def _make_private(folder: Path) -> None:
    """Make the folder if it is missing, and let nobody but its owner look into it: it holds what callers said."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Another user's folder, shared with us, stays as its owner wants it.
    with suppress(PermissionError):
        folder.chmod(0o700)


def _sync_path(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
