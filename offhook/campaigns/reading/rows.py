"""What a file of contacts is read as: rows, faults, and where reading goes on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from offhook.campaigns.model import Fault
from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject


class UnreadableFileError(InvalidInputError):
    """A file of contacts is none, as a whole; its sentence is shown to whoever sent it."""

    code = "unreadable-file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a row says: a number and perhaps a zone, as somebody wrote them, and everything else by its name."""

    row: int
    number: str = field(repr=False)
    zone: str | None
    context: JsonObject = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where reading is: so many bytes and rows are behind it. `encoding` is None while every encoding would do."""

    offset: int = 0
    rows: int = 0
    encoding: str | None = None


class Rows(Protocol):
    """The rows of one file, from some place on."""

    @property
    def place(self) -> Place:
        """Behind the row that was yielded last."""

    def __iter__(self) -> Iterator[Row | Fault | None]:
        """Yield what each row is read as, in order; None for an empty one."""
