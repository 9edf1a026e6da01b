"""A campaign as a CSV file: a row for each contact, with what has become of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from offhook.campaigns.exports import ExportFiles, Exports
from offhook.campaigns.model import Campaign, Contact, ContactState, ContactStatus, Page
from offhook.campaigns.ports import Attempts, Contacts
from offhook.clock import Clock, to_iso
from offhook.json_types import JsonObject
from offhook.runs.model import Run
from offhook.runs.ports import RunRepository
from offhook.spreadsheets import BYTE_ORDER_MARK, csv_line

CONTENT_TYPE = "text/csv; charset=utf-8"

MOST_COLUMNS = 500
"""So that contacts which all have names of their own in their contexts fill no memory; the rest goes into one column."""
_REST = "further_values"
_NEW = "new"
_DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """Writes exports, each as a stream: three reads for a hundred contacts, and no more in memory than a page of them."""

    contacts: Contacts
    attempts: Attempts
    runs: RunRepository
    exports: Exports
    files: ExportFiles
    clock: Clock

    def export(self, campaign: Campaign, number: int) -> None:
        """Write the export with this number, from the beginning; one that is done is left alone."""
        export = self.exports.get(campaign.id, number)
        if export.ended_at is not None:
            return
        written = _Sheet()
        size_bytes = self.files.write(
            export.key, self._rows(campaign, written), head=written.head, content_type=CONTENT_TYPE
        )
        self.exports.finish(replace(export, ended_at=self.clock(), rows=written.rows, size_bytes=size_bytes))

    def _rows(self, campaign: Campaign, sheet: "_Sheet") -> Iterator[bytes]:
        for page in self.contacts.pages(campaign.id):
            states = self._states(campaign, page)
            last_runs = {run.id: run for run in self._last_runs(campaign, states)}
            for contact in page.contacts:
                state = states.get(contact.number)
                run = last_runs.get(state.run_ids[-1]) if state and state.run_ids else None
                yield sheet.line(contact_row(contact, state, run))

    def _states(self, campaign: Campaign, page: Page) -> Mapping[str, ContactState]:
        numbers = [contact.number for contact in page.contacts]
        return {state.number: state for state in self.attempts.get_many(campaign.id, numbers)}

    def _last_runs(self, campaign: Campaign, states: Mapping[str, ContactState]) -> Iterator[Run]:
        ids = [state.run_ids[-1] for state in states.values() if state.run_ids]
        runs = self.runs.get_many(ids) if ids else ()
        return (run for run in runs if run.organization_id == campaign.organization_id)


def contact_row(contact: Contact, state: ContactState | None, run: Run | None) -> dict[str, object]:
    """Return what is told of a contact by the name of each column; `run` is its last attempt."""
    is_another = state is not None and state.contact_id != contact.id
    known = None if is_another else state
    row: dict[str, object] = {
        "phone_number": contact.number,
        "time_zone": contact.zone,
        "country": contact.country,
        "status": _DUPLICATE if is_another else known.status.value if known else _NEW,
        "disposition": known.disposition if known else None,
        "attempts": len(known.run_ids) if known else 0,
        "due_at": _next_call(known),
        **_call(None if is_another else run),
    }
    row |= {
        name if name not in row else f"initial_context.{name}": value
        for name, value in contact.context.items()
    }
    gathered: JsonObject = run.gathered_context if run and not is_another else {}
    return row | {f"gathered_context.{name}": value for name, value in gathered.items()}


def _next_call(state: ContactState | None) -> str | None:
    if state is None or state.status is not ContactStatus.WAITING or state.due_at is None:
        return None
    return to_iso(state.due_at)


def _call(run: Run | None) -> dict[str, object]:
    usage, cost = (run.usage or {}, run.cost or {}) if run else ({}, {})
    return {
        "last_call_at": to_iso(run.created_at) if run else None,
        "last_call_status": run.status.value if run else None,
        "last_call_seconds": usage.get("call_duration_seconds"),
        "last_call_usd": cost.get("total_usd"),
        "answered_by": run.answered_by if run else None,
        "workflow_run_id": run.id if run else None,
    }


class _Sheet:
    """The columns that have shown themselves so far, in that order; a row ends with the last that was known then."""

    def __init__(self) -> None:
        self.rows = 0
        self._titles: dict[str, None] = {}

    def line(self, row: Mapping[str, object]) -> bytes:
        rest = {}
        for title, value in row.items():
            if title in self._titles or len(self._titles) < MOST_COLUMNS:
                self._titles[title] = None
            else:
                rest[title] = value
        if rest:
            self._titles[_REST] = None
            row = {**row, _REST: rest}
        self.rows += 1
        return csv_line([_cell(row.get(title)) for title in self._titles]).encode()

    def head(self) -> bytes:
        return (BYTE_ORDER_MARK + csv_line([*self._titles])).encode()


def _cell(value: object) -> object:
    """Return what stands in a cell: texts and numbers as they are, everything else as JSON."""
    is_plain = value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))
    return value if is_plain else json.dumps(value, ensure_ascii=False)
