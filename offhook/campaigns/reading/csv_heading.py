"""The first row of a CSV file: what separates its fields, and what its columns are called."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from offhook.campaigns.model import Source
from offhook.campaigns.reading.rows import UnreadableFileError

MOST_COLUMNS = 100
MOST_NAME_CHARACTERS = 100

NUMBER_COLUMNS = ("phone_number", "phone", "number", "telephone", "tel", "mobile", "to")
ZONE_COLUMNS = ("time_zone", "timezone", "zone", "tz")

_DELIMITERS = ",;\t"
_BETWEEN_WORDS = re.compile(r"[\s_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What separates fields, the columns' names as they are written, and which are the number's and the zone's."""

    delimiter: str
    columns: tuple[str, ...]
    number: int
    zone: int | None

    @classmethod
    def read(cls, text: str, source: Source) -> "Heading":
        """Read the first line of a file; raise UnreadableFileError for one that names no columns."""
        delimiter = max(_DELIMITERS, key=text.count)
        columns = tuple(name.strip() for name in _fields(text, delimiter))
        _check(columns)
        number = _find(columns, source.number_column, NUMBER_COLUMNS)
        if number is None:
            raise UnreadableFileError(
                "The first row names the columns, and one of them is called phone_number (or phone, number, telephone, tel, "
                "mobile, to): add such a row, or say with number_column which column holds the numbers."
            )
        zone = _find(columns, source.zone_column, ZONE_COLUMNS)
        if source.zone_column is not None and zone is None:
            raise UnreadableFileError("The first row has no column of the name that zone_column gives.")
        return cls(delimiter=delimiter, columns=columns, number=number, zone=zone)


def _fields(text: str, delimiter: str) -> Sequence[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        raise UnreadableFileError(
            "The first row opens a quote and does not close it: write the names of the columns in one line."
        ) from None


def _check(columns: Sequence[str]) -> None:
    if len(columns) > MOST_COLUMNS:
        raise UnreadableFileError(
            f"The first row has {len(columns)} columns, and a contact has {MOST_COLUMNS} at most: leave out what the agent "
            "need not know."
        )
    if any(len(name) > MOST_NAME_CHARACTERS for name in columns):
        raise UnreadableFileError(
            f"The name of a column has {MOST_NAME_CHARACTERS} characters at most: is the first row that of the names?"
        )
    named = [name for name in columns if name]
    if len(set(named)) < len(named):
        raise UnreadableFileError("Two columns have the same name: give each its own.")


def _find(columns: Sequence[str], given: str | None, usual: Sequence[str]) -> int | None:
    plain = [_plain(name) for name in columns]
    wanted = usual if given is None else (_plain(given),)
    return next((plain.index(name) for name in wanted if name in plain), None)


def _plain(name: str) -> str:
    return _BETWEEN_WORDS.sub("_", name.strip().casefold())
