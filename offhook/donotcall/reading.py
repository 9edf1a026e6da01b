"""Reading numbers off CSV: a column of numbers, and one of reasons where there is one; each row that is none has its fault."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from offhook.donotcall.numbers import listed
from offhook.errors import InvalidInputError

MAX_ROWS = 10_000
MAX_REASON_CHARACTERS = 200

_NUMBERS = ("phone_number", "phone", "number", "telephone", "tel", "mobile")
_REASONS = ("reason", "why", "note", "comment")
_DELIMITERS = ",;\t"
# What other files begin with, whatever they are called.
_NO_CSV = (b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A number in the form that it is listed in, and why it is listed, as far as the row says so."""

    number: str = field(repr=False)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RowFault:
    """The row of a file, from 1, in which no number was found, and a sentence that says why."""

    row: int
    reason: str


def read_csv(body: bytes) -> Iterator[FoundRow | RowFault]:
    """Yield what each row holds; empty rows hold nothing.

    The first row may name the columns, in any order; else the first is of numbers, and the second of reasons. Raises
    InvalidInputError for what is no CSV, and for more rows than one file may have.
    """
    text = _decoded(body)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    columns: tuple[int, int | None] = (0, 1)
    number = 0
    while (fields := _next(rows, number + 1)) is not None:
        number += 1
        if number > MAX_ROWS:
            raise _invalid(f"The file has more than {MAX_ROWS} rows: send it in several parts.")
        heading = _heading(fields) if number == 1 else None
        if heading is not None:
            columns = heading
        elif any(map(str.strip, fields)):
            yield _read(number, fields, columns)


def _decoded(body: bytes) -> str:
    if not body:
        raise _invalid("The file is empty: send CSV with a number in each row.")
    if body.startswith(_NO_CSV) or b"\0" in body:
        raise _invalid("This is no CSV in UTF-8: save the list as CSV, and send that.")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _next(rows: Iterator[list[str]], number: int) -> list[str] | None:
    try:
        return next(rows, None)
    except csv.Error:
        raise _invalid(
            f"Row {number} can't be read: close each quote that is opened, double those within a text, and keep fields short."
        ) from None


def _heading(fields: Sequence[str]) -> tuple[int, int | None] | None:
    names = [field.strip().casefold().replace(" ", "_") for field in fields]
    numbers = next((names.index(name) for name in _NUMBERS if name in names), None)
    if numbers is None:
        return None
    return numbers, next((names.index(name) for name in _REASONS if name in names), None)


def _read(row: int, fields: Sequence[str], columns: tuple[int, int | None]) -> FoundRow | RowFault:
    numbers, reasons = columns
    try:
        number = listed(_field(fields, numbers))
    except InvalidInputError as error:
        return RowFault(row, error.detail)
    reason = _field(fields, reasons)
    if len(reason) > MAX_REASON_CHARACTERS:
        return RowFault(row, f"A reason has {MAX_REASON_CHARACTERS} characters at most: say it in fewer.")
    return FoundRow(number, reason or None)


def _field(fields: Sequence[str], column: int | None) -> str:
    # An apostrophe keeps a spreadsheet from taking +… for a formula.
    return fields[column].strip().removeprefix("'") if column is not None and column < len(fields) else ""


def _invalid(msg: str) -> InvalidInputError:
    return InvalidInputError.at("body", msg=msg, code="invalid-csv")
