"""A durable log of states: what the embedded AWS holds, so that it survives restarts, kills and crashes.

A record says what one named thing is now, or that it is gone; the last record of a name wins, so the log can be
compacted without knowing what it holds. Each append reaches the operating system before it returns (a killed
process loses nothing), and the disk within about half a second (a machine that loses power loses that much).
Large bodies are files named by their content, written before the record that refers to them.

An append that fails leaves the log as it was, and none is tried again before there is room for more than it needs.
"""

import errno
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from local.aws.bodies import Bodies, make_private, sync_path
from local.aws.records import LiveNames, Record, decode_all, encode, last_states
from offhook.errors import ConflictError, StorageError

SYNC_INTERVAL_SECONDS = 0.5
# For so much there must be room before a log that could not be written is written again.
_ROOM_BYTES = 1 << 20


class Journal:
    """The log in one folder, owned by one process at a time; safe to use from several threads."""

    def __init__(self, folder: Path, *, on_notice: Callable[[str], None]) -> None:
        """Open or create the log; raise ConflictError when another process has it."""
        make_private(folder)
        self._path = folder / "journal.log"
        self._on_notice = on_notice
        self._mutex = threading.Lock()
        self._lock_file = _lock(folder / "lock")
        self._bodies = Bodies(folder / "bodies")
        self._live = LiveNames()
        self._restored: list[Record] = self._read()
        self._open()
        self._unsynced_bodies: list[str] = []
        self._trouble: StorageError | None = None
        self._is_on_disk = True
        self._dirty = threading.Event()
        self._closing = threading.Event()
        self._compact_if_worth()
        self._bodies.keep_only({r.body for r in self._restored if r.body})
        self._syncer = threading.Thread(target=self._sync_for_ever, name="journal-sync", daemon=True)
        self._syncer.start()

    def take_restored(self) -> list[Record]:
        """Hand over the states found at the start, in the order in which their names first appeared; once."""
        restored, self._restored = self._restored, []
        return restored

    def append(self, *records: Record) -> None:
        """Write records that belong together; when it returns, the death of this process cannot lose them.

        Raises StorageError, and then none of them is there.
        """
        self.check()
        with self._mutex:
            with self._told():
                self._write(encode(records))
            for record in records:
                self._live.add(record)
            self._unsynced_bodies += [record.body for record in records if record.body]
            self._compact_if_worth()
        self._dirty.set()

    def put_body(self, content: bytes) -> str:
        """Write a body for a record to refer to, and return its hash; raise StorageError."""
        with self._told():
            return self._bodies.put(content)

    def body_path(self, digest: str) -> Path:
        return self._bodies.path(digest)

    def check(self) -> None:
        """Raise StorageError, with a sentence for a person, while nothing can be appended."""
        if self._trouble:
            with self._mutex:
                with self._told():
                    self._mend()
                self._trouble = None
            self._on_notice(f"The data folder {self._path.parent} can be written again; Offhook goes on.")

    def names(self, scope: str) -> list[str]:
        """List what lives in a scope."""
        with self._mutex:
            return self._live.names(scope)

    def states(self) -> list[Record]:
        """Return what all appends have made, as the log has it."""
        with self._mutex:
            return last_states(decode_all(self._path)[0])

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
        records, good_bytes = decode_all(self._path)
        self._set_damage_aside(good_bytes)
        for record in records:
            self._live.add(record)
        return last_states(records)

    def _set_damage_aside(self, good_bytes: int) -> None:
        size = self._path.stat().st_size
        if size == good_bytes:
            return
        aside = self._path.with_name("journal.damaged")
        with self._path.open("r+b") as file:
            file.seek(good_bytes)
            damage = file.read()
            # First, for on a full disk that makes the room for it.
            file.truncate(good_bytes)
        aside.write_bytes(damage)
        self._on_notice(
            f"The last {size - good_bytes} bytes of the data journal were not written completely (a crash"
            f" does that); they are set aside in {aside.name} and everything before them is there."
        )

    def _open(self) -> None:
        # Without a buffer: what could not be written must not come later by itself.
        self._file = self._path.open("ab", buffering=0)
        self._size_bytes = os.fstat(self._file.fileno()).st_size

    def _write(self, line: bytes) -> None:
        """Write a whole line or, as far as that is in our hands, nothing of it."""
        try:
            self._write_all(line)
        except OSError:
            # Where this fails too, it is done before the next line.
            with suppress(OSError):
                self._file.truncate(self._size_bytes)
            raise
        self._size_bytes += len(line)

    def _write_all(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            # A disk that is nearly full takes a part.
            left = left[self._file.write(left) :]

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the system says into a StorageError, and tell it once."""
        try:
            yield
        except OSError as error:
            is_news = self._trouble is None
            self._trouble = StorageError(
                f"The data folder {self._path.parent} can't be written ({error.strerror or type(error).__name__})."
                " What is there can be read, and nothing is changed. Free some space on its disk, or mend that:"
                " Offhook then goes on by itself."
            )
            if is_news:
                self._on_notice(self._trouble.detail)
            raise self._trouble from error

    def _mend(self) -> None:
        self._file.truncate(self._size_bytes)
        try:
            self._write_all(bytes(_ROOM_BYTES))
        finally:
            self._file.truncate(self._size_bytes)
        if not self._is_on_disk:
            # What a disk has failed to take once it may forget silently: all of it is written anew.
            for digest in self._unsynced_bodies:
                self._bodies.rewrite(digest)
            self._unsynced_bodies = []
            self._compact()
            self._is_on_disk = True

    def _compact_if_worth(self) -> None:
        if not self._live.is_worth_compacting():
            return
        try:
            self._compact()
        except OSError:
            # It only saves space, and needs some first: later then.
            self._live.dead = 0

    def _compact(self) -> None:
        fresh = self._path.with_suffix(".compacting")
        records, good_bytes = decode_all(self._path)
        if good_bytes != self._size_bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        try:
            with fresh.open("wb") as file:
                file.writelines(encode([record]) for record in last_states(records))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise
        sync_path(self._path.parent)
        self._file.close()
        self._open()
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
                self._bodies.sync(digest)
            os.fsync(descriptor)
        except OSError:
            # What is to be written anew is known before anybody can mend the trouble.
            with self._mutex, suppress(StorageError), self._told():
                self._unsynced_bodies += bodies
                self._is_on_disk = False
                raise
        finally:
            os.close(descriptor)


def _lock(path: Path) -> TextIO:
    """Keep a second process out of the folder, until the file is closed or the kernel does so as this one dies."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise ConflictError(
            f"Another Offhook is using the data folder {path.parent}; stop it or choose another folder."
        ) from None
    return file
