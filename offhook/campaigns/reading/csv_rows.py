"""The rows of a CSV file (RFC 4180), as spreadsheets write it."""

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from offhook.campaigns.model import Fault, Source
from offhook.campaigns.reading.csv_heading import Heading
from offhook.campaigns.reading.lines import MOST_LINE_BYTES, Line, Lines, newline_of
from offhook.campaigns.reading.rows import Place, Row, UnreadableFileError
from offhook.campaigns.reading.texts import UTF_8, Decoder
from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject

Blocks = Callable[[int], Iterator[bytes]]
"""The bytes of a file from an offset on."""

MOST_LINES_A_ROW = 50
"""Bounds what a quote that is never closed costs: so much is looked at twice."""

_TOO_LONG = f"This row is longer than {MOST_LINE_BYTES // 1024} KB."
# What those begin with that are called .csv and are none.
_OTHER_FILES = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\x1f\x8b": "packed with gzip",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    BOM_UTF16_LE: "UTF-16",
    BOM_UTF16_BE: "UTF-16",
}


class CsvRows:
    """Implements Rows."""

    def __init__(self, blocks: Blocks, source: Source, place: Place) -> None:
        """Read the heading, and go on at the place; raise UnreadableFileError."""
        head = next(blocks(0), b"")
        _check_kind(head)
        start = len(BOM_UTF8) if head.startswith(BOM_UTF8) else 0
        self._newline = newline_of(head)
        self._decoder = Decoder(UTF_8 if start else None)
        first = next(Lines(blocks(start), start, self._newline), Line(b"", start))
        self._heading = Heading.read(self._decoded_heading(first), source)
        self._offset, self._row = max(first.end, place.offset), place.rows
        self._decoder.encoding = place.encoding or self._decoder.encoding
        self._lines = Lines(blocks(self._offset), self._offset, self._newline)

    @property
    def place(self) -> Place:
        return Place(offset=self._offset, rows=self._row, encoding=self._decoder.encoding)

    def __iter__(self) -> Iterator[Row | Fault | None]:
        for line in self._lines:
            self._row += 1
            taken = [line]
            found: Row | Fault | None
            try:
                found = self._read(taken)
            except InvalidInputError as error:
                found = Fault(row=self._row, reason=error.detail)
            self._offset = taken[-1].end
            yield found

    def _read(self, taken: list[Line]) -> Row | None:
        """Read the row that begins with the line in `taken`, which grows by those that belong to it; None for an empty one."""
        try:
            fields = next(csv.reader(self._texts(taken), delimiter=self._heading.delimiter, strict=True))
        except (csv.Error, InvalidInputError) as error:
            # Good rows go on: what comes after the line is read as if it had not opened a quote.
            self._lines.give_back(taken[1:])
            del taken[1:]
            raise _fault_of(error) from None
        return self._row_of([field.strip() for field in fields])

    def _texts(self, taken: list[Line]) -> Iterator[str]:
        """Yield the lines of one row as far as its quotes go, which the reader of CSV alone can tell."""
        yield self._text(taken[0])
        size_bytes = len(taken[0].text)
        for line in islice(self._lines, MOST_LINES_A_ROW - 1):
            taken.append(line)
            size_bytes += len(line.text)
            if size_bytes > MOST_LINE_BYTES:
                raise InvalidInputError(_TOO_LONG)
            yield self._text(line)

    def _text(self, line: Line) -> str:
        if line.is_too_long:
            raise InvalidInputError(_TOO_LONG)
        return self._decoder.decode(line.text) + "\n"

    def _row_of(self, fields: Sequence[str]) -> Row | None:
        if not any(fields):
            return None
        heading = self._heading
        if any(fields[len(heading.columns) :]):
            raise InvalidInputError(
                f"This row has {len(fields)} fields, and the first row names {len(heading.columns)} columns: put fields with "
                "a separator in them into quotes."
            )
        present = [*fields, *[""] * (len(heading.columns) - len(fields))]
        ours = (heading.number, heading.zone)
        context: JsonObject = {
            name: field
            for index, (name, field) in enumerate(zip(heading.columns, present, strict=False))
            if name and field and index not in ours
        }
        zone = present[heading.zone] if heading.zone is not None else ""
        return Row(row=self._row, number=present[heading.number], zone=zone or None, context=context)

    def _decoded_heading(self, line: Line) -> str:
        if line.is_too_long:
            raise UnreadableFileError(
                f"The first row is longer than {MOST_LINE_BYTES // 1024} KB: is this a CSV file?"
            )
        try:
            return self._decoder.decode(line.text)
        except InvalidInputError as error:
            raise UnreadableFileError(f"The first row can't be read. {error.detail}") from None


def _check_kind(head: bytes) -> None:
    if not head:
        raise UnreadableFileError("The file is empty.")
    for beginning, what in _OTHER_FILES.items():
        if head.startswith(beginning):
            raise UnreadableFileError(
                f"This file is {what}, and no CSV in UTF-8: save it as CSV, and send that."
            )


def _fault_of(error: csv.Error | InvalidInputError) -> InvalidInputError:
    if isinstance(error, InvalidInputError):
        return error
    return InvalidInputError(
        "The quotes of this row don't match: close each that is opened, and double those within a text."
    )
