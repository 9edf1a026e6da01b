"""The do-not-call list of an organization: kept one by one, and as CSV."""

from http import HTTPStatus

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from functions.http.authentication import Caller
from functions.http.pagination import Cursor, Paged, how_many_fit
from functions.http.routing import Replies, Routes, delete, get, post
from functions.organization.do_not_call_documents import (
    COLUMNS,
    CSV_EXAMPLE,
    CsvReply,
    EntryDocument,
    EntryList,
    ImportReply,
    ListedNumber,
    NewEntry,
    RowFaultDocument,
    csv_lines,
)
from functions.organization.services import OrganizationServices
from offhook.donotcall.model import Entry, EntrySource
from offhook.donotcall.numbers import listed
from offhook.donotcall.reading import FoundRow, RowFault, read_csv
from offhook.organizations.audit import AuditAction, AuditEntry
from offhook.organizations.model import ApiKey, Scope
from offhook.spreadsheets import BYTE_ORDER_MARK, csv_line

MAX_FAULTS = 100
EXPORTED_AT_ONCE = 10_000

_LIST = "/organization/do-not-call"
_ONE = f"{_LIST}/{{phone_number}}"
_NEXT_PAGE: Replies = {
    HTTPStatus.OK: {
        "headers": {
            "Link": {
                "description": 'Where the list goes on, as `<…>; rel="next"`; none where it ends.',
                "schema": {"type": "string"},
            }
        }
    }
}


class DoNotCallRoutes(Routes[OrganizationServices]):
    """Lists, adds, removes, imports and exports those whom nobody calls; longer paths first, which are no numbers."""

    tag = "do-not-call"

    @get(_LIST, Scope.ORGANIZATION_READ)
    def list_do_not_call_entries(self, caller: Caller, paging: Paged) -> EntryList:
        """List whom nobody calls, in the order of their numbers."""
        services, this_list = self._services, _this_list(caller)
        after = services.cursors.read(paging.cursor, of=this_list)
        entries, last = services.do_not_call.list(caller.organization_id, limit=paging.limit, after=after)
        return EntryList(
            items=[*map(EntryDocument.model_validate, entries)],
            next_cursor=services.cursors.write(last, of=this_list),
        )

    @post(_LIST, Scope.ORGANIZATION_WRITE)
    def add_do_not_call_entry(self, body: NewEntry, caller: Caller) -> EntryDocument:
        """Put a number on the list.

        It is not dialled from now on, neither by triggers nor by campaigns, nor where its call waits already. A number that
        is on the list keeps its entry, with its reason.
        """
        entry = self._new_entry(caller, FoundRow(listed(body.phone_number), body.reason), EntrySource.API)
        return EntryDocument.model_validate(self._services.do_not_call.add(entry))

    @post(f"{_LIST}/import", Scope.ORGANIZATION_WRITE, csv_example=CSV_EXAMPLE)
    async def import_do_not_call_entries(self, request: Request, caller: Caller) -> ImportReply:
        """Put the numbers of a CSV file on the list.

        It has 10,000 rows and 1 MB at most. The first row may name the columns `phone_number` and `reason`; else numbers come first. Sending a file again adds
        nothing twice.
        """
        return await run_in_threadpool(self._import, await request.body(), caller)

    @get(f"{_LIST}/export", Scope.ORGANIZATION_READ, other_replies=_NEXT_PAGE, response_class=CsvReply)
    def export_do_not_call_entries(self, caller: Caller, cursor: Cursor = None) -> CsvReply:
        """Return the list as CSV.

        Up to 10,000 entries come at once; the header `Link` leads to those that follow.
        """
        services, this_list = self._services, _this_list(caller)
        after = services.cursors.read(cursor, of=this_list)
        entries, last = services.do_not_call.list(caller.organization_id, limit=EXPORTED_AT_ONCE, after=after)
        lines = [*csv_lines(entries)]
        count = how_many_fit(lines)
        if count < len(entries):
            last = entries[count - 1].number
        heading = [] if after else [BYTE_ORDER_MARK, csv_line(COLUMNS)]
        return CsvReply(
            "".join([*heading, *lines[:count]]), headers=_link(services.cursors.write(last, of=this_list))
        )

    @get(_ONE, Scope.ORGANIZATION_READ)
    def get_do_not_call_entry(self, phone_number: ListedNumber, caller: Caller) -> EntryDocument:
        """Show who has put a number on the list, when and why."""
        return EntryDocument.model_validate(
            self._services.do_not_call.get(caller.organization_id, listed(phone_number))
        )

    @delete(_ONE, Scope.ORGANIZATION_WRITE, status=HTTPStatus.NO_CONTENT)
    def remove_do_not_call_entry(self, phone_number: ListedNumber, caller: Caller) -> None:
        """Take a number off the list.

        It may be called again. Who has done so stays known.
        """
        services = self._services
        entry = services.do_not_call.get(caller.organization_id, listed(phone_number))
        services.audit.record(
            AuditEntry(
                organization_id=caller.organization_id,
                at=services.clock(),
                action=AuditAction.DO_NOT_CALL_REMOVED,
                subject=entry.number,
                key_id=caller.id,
            )
        )
        services.do_not_call.remove(caller.organization_id, entry.number)

    def _import(self, body: bytes, caller: ApiKey) -> ImportReply:
        rows = list(read_csv(body))
        found = [row for row in rows if isinstance(row, FoundRow)]
        faults = [RowFaultDocument.model_validate(row) for row in rows if isinstance(row, RowFault)]
        entries = [self._new_entry(caller, row, EntrySource.IMPORT) for row in found]
        added = self._services.do_not_call.add_all(caller.organization_id, entries)
        return ImportReply(
            added=added,
            known=len(found) - added,
            faults=faults[:MAX_FAULTS],
            faults_left_out=len(faults[MAX_FAULTS:]),
        )

    def _new_entry(self, caller: ApiKey, row: FoundRow, source: EntrySource) -> Entry:
        return Entry(
            organization_id=caller.organization_id,
            number=row.number,
            reason=row.reason,
            source=source,
            added_by=caller.id,
            added_at=self._services.clock(),
        )


def _this_list(caller: ApiKey) -> tuple[str, str]:
    return caller.organization_id, "do-not-call"


def _link(cursor: str | None) -> dict[str, str]:
    return {} if cursor is None else {"Link": f'</api/v1{_LIST}/export?cursor={cursor}>; rel="next"'}
