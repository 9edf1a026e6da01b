"""A campaign as a CSV file: a row for each contact, with what has become of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from offhook.campaigns.exports import Export, ExportFiles, Exports, UploadLostError
from offhook.campaigns.listing import Standing, standing_of
from offhook.campaigns.model import Campaign, Contact, ContactState, ContactStatus, Page
from offhook.campaigns.ports import Attempts, Campaigns, Contacts
from offhook.clock import Clock, to_iso
from offhook.errors import NotFoundError
from offhook.json_types import JsonObject
from offhook.runs.model import Run
from offhook.runs.ports import RunRepository
from offhook.spreadsheets import BYTE_ORDER_MARK, csv_line

CONTENT_TYPE = "text/csv; charset=utf-8"

PART_BYTES = 5 * 1024 * 1024
"""The least that S3 takes for a part that is not the last; of 10,000 parts, that makes 52 GB.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""

MOST_COLUMNS = 500
"""So that contacts which all have names of their own in their contexts fill no memory; the rest goes into one column."""
_REST = "further_values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """Writes exports as streams: three reads for a hundred contacts, and in memory no more than two parts of the file.

    After each part it is noted how far the export is, so whoever goes on with it writes the next one.
    """

    campaigns: Campaigns
    contacts: Contacts
    attempts: Attempts
    runs: RunRepository
    exports: Exports
    files: ExportFiles
    clock: Clock
    part_bytes: int = PART_BYTES

    def go_on(self, organization_id: str, campaign_id: str, number: int, until: datetime) -> bool:
        """Write the export with this number, or go on with it; say False where it is not done by then.

        Doing it again, or twice at once, is harmless.
        """
        try:
            campaign = self.campaigns.get(organization_id, campaign_id)
            export = self.exports.get(campaign_id, number)
        except NotFoundError:
            return True
        if export.ended_at is not None:
            return True
        try:
            return self._go_on(campaign, export, until)
        except UploadLostError:
            # Two have written it, or it was done in the moment in which its writer died.
            return self._begin_again(self.exports.get(campaign.id, number))

    def _go_on(self, campaign: Campaign, export: Export, until: datetime) -> bool:
        sheet, part = _Sheet(export), bytearray()
        for page in self.contacts.pages(campaign.id, after=export.after):
            for row in self._rows(campaign, page):
                part += sheet.line(row)
            if len(part) < self.part_bytes:
                continue
            former, export = export, self._add(sheet.noted(export, page, self.clock()), bytes(part))
            if not self.exports.save(former, export):
                return True
            part.clear()
            if self.clock() >= until:
                return False
        self.exports.save(export, self._complete(sheet.noted(export, None, self.clock()), bytes(part), sheet))
        return True

    def _begin_again(self, export: Export) -> bool:
        nothing = replace(export, after="", titles=(), rows=0, size_bytes=0, upload_id=None, etags=())
        self.exports.save(export, nothing)
        return False

    def _add(self, export: Export, part: bytes) -> Export:
        size_bytes = export.size_bytes + len(part)
        if export.upload_id is None:
            upload_id = self.files.begin(export.key, CONTENT_TYPE)
            begun = replace(export, upload_id=upload_id, size_bytes=size_bytes)
            self.files.put(begun.first_rows_key, part, CONTENT_TYPE)
            return begun
        etag = self.files.add(export.key, export.upload_id, len(export.etags) + 2, part)
        return replace(export, etags=(*export.etags, etag), size_bytes=size_bytes)

    def _complete(self, export: Export, part: bytes, sheet: "_Sheet") -> Export:
        head = sheet.head()
        done = replace(export, ended_at=self.clock(), size_bytes=export.size_bytes + len(part) + len(head))
        if export.upload_id is None:
            self.files.put(export.key, head + part, CONTENT_TYPE)
            return done
        etags = [*export.etags]
        if part:
            etags.append(self.files.add(export.key, export.upload_id, len(etags) + 2, part))
        first = head + self.files.get(export.first_rows_key)
        etags.insert(0, self.files.add(export.key, export.upload_id, 1, first))
        self.files.complete(export.key, export.upload_id, etags)
        return done

    def _rows(self, campaign: Campaign, page: Page) -> Iterator[dict[str, object]]:
        states = self._states(campaign, page)
        last_runs = {run.id: run for run in self._last_runs(campaign, states)}
        for contact in page.contacts:
            state = states.get(contact.number)
            run = last_runs.get(state.run_ids[-1]) if state and state.run_ids else None
            yield contact_row(campaign, contact, state, run)

    def _states(self, campaign: Campaign, page: Page) -> Mapping[str, ContactState]:
        numbers = [contact.number for contact in page.contacts]
        return {state.number: state for state in self.attempts.get_many(campaign.id, numbers)}

    def _last_runs(self, campaign: Campaign, states: Mapping[str, ContactState]) -> Iterator[Run]:
        ids = [state.run_ids[-1] for state in states.values() if state.run_ids]
        runs = self.runs.get_many(ids) if ids else ()
        return (run for run in runs if run.organization_id == campaign.organization_id)


def contact_row(
    campaign: Campaign, contact: Contact, state: ContactState | None, run: Run | None
) -> dict[str, object]:
    """Return what is told of a contact by the name of each column; `run` is its last attempt."""
    standing = standing_of(campaign, contact, state)
    known, run = (None, None) if standing is Standing.DUPLICATE else (state, run)
    row: dict[str, object] = {
        "phone_number": contact.number,
        "time_zone": contact.zone,
        "country": contact.country,
        "status": standing.value,
        "disposition": known.disposition if known else None,
        "attempts": len(known.run_ids) if known else 0,
        "due_at": _next_call(known),
        **_call(run),
    }
    row |= {
        name if name not in row else f"initial_context.{name}": value
        for name, value in contact.context.items()
    }
    gathered: JsonObject = run.gathered_context if run else {}
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

    def __init__(self, export: Export) -> None:
        self._rows = export.rows
        self._titles = dict.fromkeys(export.titles)

    def line(self, row: Mapping[str, object]) -> bytes:
        """Return a row as it stands in the file."""
        rest = {}
        for title, value in row.items():
            if title in self._titles or len(self._titles) < MOST_COLUMNS:
                self._titles[title] = None
            else:
                rest[title] = value
        if rest:
            self._titles[_REST] = None
            row = {**row, _REST: rest}
        self._rows += 1
        # A model may have written half of a character, which is no UTF-8.
        return csv_line([_cell(row.get(title)) for title in self._titles]).encode(errors="replace")

    def head(self) -> bytes:
        """Return the heading, once all rows are there."""
        return (BYTE_ORDER_MARK + csv_line([*self._titles])).encode()

    def noted(self, export: Export, page: Page | None, now: datetime) -> Export:
        """Return the export with the columns and rows up to here, which end with a page."""
        after = page.key if page else export.after
        return replace(export, after=after, titles=tuple(self._titles), rows=self._rows, touched_at=now)


def _cell(value: object) -> object:
    """Return what stands in a cell: texts and numbers as they are, everything else as JSON."""
    is_plain = value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))
    return value if is_plain else json.dumps(value, ensure_ascii=False)
