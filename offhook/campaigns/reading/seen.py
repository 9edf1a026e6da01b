"""The numbers of a file so far: each is found again exactly, and a million of them take no memory."""

import sqlite3
from collections.abc import Iterable
from typing import Self


class SeenNumbers:
    """Numbers and the rows in which they first stood, in a temporary file that is gone with its process."""

    def __init__(self) -> None:
        # The empty name is SQLite's for a database of this connection alone, which it keeps on the disk.
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (number TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, number: str, row: int) -> int:
        """Note the number of a row, and return the row that had it first: this very one, if no other has."""
        if self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (number, row)).rowcount:
            return row
        found = self._database.execute("SELECT line FROM seen WHERE number = ?", (number,))
        first: int = found.fetchone()[0]
        return first

    def add_all(self, numbers: Iterable[tuple[str, int]]) -> None:
        """Note numbers, each with its row, that no other row has."""
        self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", numbers)
