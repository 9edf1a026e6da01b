"""The bodies of the do-not-call list, and the public form of an entry."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import BaseModel, Field

from functions.http.shown import Page, Shown
from offhook.clock import to_iso
from offhook.documents import GivenDocument, examples
from offhook.donotcall.model import Entry, EntrySource
from offhook.donotcall.numbers import MAX_CHARACTERS
from offhook.donotcall.reading import MAX_REASON_CHARACTERS
from offhook.instants import Instant
from offhook.spreadsheets import csv_line

_NUMBER = "+14155550100"
_ENTRY: dict[str, Any] = {
    "phone_number": _NUMBER,
    "reason": "Asked by letter.",
    "source": "api",
    "added_by": "0b0f9f5e-6e8a-4b43-9f0f-0a3f0a2f7d11",
    "added_at": "2026-03-02T09:30:00.000Z",
    "workflow_run_id": None,
}

COLUMNS = ("phone_number", "reason", "source", "added_by", "added_at", "workflow_run_id")
CSV_EXAMPLE = "phone_number,reason\n+14155550100,Asked by letter.\n+44 20 7946 0000,\n"

ListedNumber = Annotated[
    str,
    Path(
        max_length=MAX_CHARACTERS,
        description="With its country code, such as +14155550100 (`%2B` for the + is fine), or a sip: URI.",
        examples=[_NUMBER],
    ),
]


class CsvReply(Response):
    """A reply that is a CSV file."""

    media_type = "text/csv"


class NewEntry(GivenDocument):
    """Whom nobody calls any more, and why."""

    model_config = examples({"phone_number": _NUMBER, "reason": "Asked by letter."})

    phone_number: str = Field(
        min_length=1,
        max_length=MAX_CHARACTERS,
        description="With its country code, such as +14155550100 or 0044 20 7946 0000, or a sip: URI.",
    )
    reason: str | None = Field(default=None, max_length=MAX_REASON_CHARACTERS)


class EntryDocument(Shown):
    """An entry of the do-not-call list."""

    model_config = examples(_ENTRY)

    phone_number: str = Field(validation_alias="number")
    reason: str | None
    source: EntrySource = Field(
        description="`call` for who said so in the call `workflow_run_id`: its disposition is `do_not_call`."
    )
    added_by: str | None = Field(description="Id of the API key that has added it.")
    added_at: Instant
    workflow_run_id: int | None = Field(validation_alias="run_id")


class EntryList(Page[EntryDocument]):
    """Entries, in the order of their numbers."""


class RowFaultDocument(Shown):
    """A row of an import in which no number was found."""

    row: int = Field(description="From 1, the first row of the file.")
    reason: str


class ImportReply(BaseModel):
    """What an import has found; what is no number holds up none of the others."""

    model_config = examples(
        {
            "added": 2,
            "known": 1,
            "faults": [
                {
                    "row": 4,
                    "reason": "Write the number with its country code, such as +14155550100, or as a sip: URI.",
                }
            ],
            "faults_left_out": 0,
        }
    )

    added: int
    known: int = Field(description="How many were on the list already, or stood in the file before.")
    faults: list[RowFaultDocument]
    faults_left_out: int = Field(description="How many more faults there are than `faults` tells.")


def csv_lines(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield a line of CSV for each entry, its cells in the order of `COLUMNS`."""
    for each in entries:
        cells = (each.number, each.reason, each.source, each.added_by, to_iso(each.added_at), each.run_id)
        yield csv_line(cells)
