"""A campaign as CSV: what stands in each row, and that no contact's words make columns without end."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from offhook.campaigns.exporting import MOST_COLUMNS, Exporter
from offhook.campaigns.exports import KEPT, MOST_TIME, Export, ExportStatus
from offhook.campaigns.model import Campaign, Contact, ContactState, ContactStatus, Page
from offhook.campaigns.ports import Attempts, Contacts
from offhook.runs.model import Run, RunStatus
from offhook.runs.ports import RunRepository
from tests.support.makers import NOON, make_campaign, make_run

ADA, GRACE, ALAN, HEDY = "+14155550101", "+14155550102", "+14155550103", "+14155550104"


@dataclass
class World:
    """All that an exporter reads and writes, in memory; it holds the ports of everything."""

    campaign: Campaign
    exports_made: list[Export]
    pages_kept: list[Page] = field(default_factory=list)
    states: list[ContactState] = field(default_factory=list)
    runs_kept: list[Run] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    reads: int = 0

    def pages(self, campaign_id: str, *, after: str = "") -> Iterator[Page]:
        assert (campaign_id, after) == (self.campaign.id, "")
        for page in self.pages_kept:
            self.reads += 1
            yield page

    def get_many(self, *wanted: Any) -> Sequence[Any]:
        self.reads += 1
        if len(wanted) == 1:
            return [run for run in self.runs_kept if run.id in wanted[0]]
        campaign_id, numbers = wanted
        assert campaign_id == self.campaign.id
        return [state for state in self.states if state.number in numbers]

    def begin(self, campaign: Campaign, now: object) -> Export:
        raise NotImplementedError

    def newest(self, campaign_id: str) -> Export | None:
        raise NotImplementedError

    def get(self, campaign_id: str, number: int) -> Export:
        return next(each for each in self.exports_made if each.number == number)

    def finish(self, export: Export) -> None:
        self.exports_made = [export if each.number == export.number else each for each in self.exports_made]

    def write(
        self, key: str, pieces: Iterable[bytes], *, head: Callable[[], bytes], content_type: str
    ) -> int:
        body = b"".join(pieces)
        self.files[key] = head() + body
        assert content_type.startswith("text/csv")
        return len(self.files[key])

    def link(self, key: str, *, seconds: int, download_name: str) -> str:
        raise NotImplementedError

    def export(self, number: int = 1) -> list[dict[str, str]]:
        """Write an export, and return its rows by the names of the columns."""
        exporter = Exporter(
            contacts=cast(Contacts, self),
            attempts=cast(Attempts, self),
            runs=cast(RunRepository, self),
            exports=self,
            files=self,
            clock=lambda: NOON,
        )
        exporter.export(self.campaign, number)
        text = self.files[self.get(self.campaign.id, number).key].decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), restval=""))


@pytest.fixture
def world() -> World:
    campaign = make_campaign("acme")
    export = Export(campaign_id=campaign.id, organization_id="acme", number=1, created_at=NOON)
    return World(campaign=campaign, exports_made=[export])


def contact(number: str, row: int, **context: Any) -> Contact:
    return Contact(
        import_number=1, row=row, number=number, country="US", zone="America/New_York", context=context
    )


def state_of(world: World, who: Contact, status: ContactStatus, *runs: Run, **more: Any) -> None:
    world.runs_kept += runs
    world.states.append(
        ContactState(
            campaign_id=world.campaign.id,
            organization_id="acme",
            contact_id=who.id,
            number=who.number,
            page_key="US|America/New_York#0001#000000001",
            index=who.row - 1,
            status=status,
            run_ids=tuple(run.id for run in runs),
            **more,
        )
    )


def page(*contacts: Contact) -> Page:
    return Page(contacts=contacts)


def test_each_contact_is_a_row_with_what_has_become_of_it(world: World) -> None:
    ada, grace, alan = contact(ADA, 1, day="Monday"), contact(GRACE, 2, day="Friday"), contact(ALAN, 3)
    world.pages_kept = [page(ada, grace, alan)]
    busy = make_run("acme", status=RunStatus.BUSY, created_at=NOON)
    talked = make_run(
        "acme",
        status=RunStatus.COMPLETED,
        created_at=NOON + timedelta(minutes=5),
        answered_by="person",
        gathered_context={"day": "Thursday"},
        usage={"call_duration_seconds": 31.5},
        cost={"total_usd": 0.0123},
    )
    state_of(world, ada, ContactStatus.DONE, busy, talked, disposition="rescheduled")
    state_of(world, grace, ContactStatus.WAITING, busy, disposition="busy", due_at=NOON)
    first, second, third = world.export()
    assert first == {
        "phone_number": ADA,
        "time_zone": "America/New_York",
        "country": "US",
        "status": "done",
        "disposition": "rescheduled",
        "attempts": "2",
        "due_at": "",
        "last_call_at": "2026-11-20T12:05:00.123Z",
        "last_call_status": "completed",
        "last_call_seconds": "31.5",
        "last_call_usd": "0.0123",
        "answered_by": "person",
        "workflow_run_id": str(talked.id),
        "day": "Monday",
        "gathered_context.day": "Thursday",
    }
    told = ("status", "disposition", "attempts", "due_at", "last_call_status", "day")
    assert [second[name] for name in told] == [
        "waiting", "busy", "1", "2026-11-20T12:00:00.123Z", "busy", "Friday",
    ]  # fmt: skip
    assert [third[name] for name in told] == ["new", "", "0", "", "", ""]
    (export,) = world.exports_made
    assert (export.rows, export.size_bytes) == (3, len(world.files[export.key]))
    assert export.status(NOON) is ExportStatus.DONE


def test_a_number_that_stands_twice_is_called_once_and_its_second_row_says_so(world: World) -> None:
    first, second = contact(ADA, 1), contact(ADA, 2)
    world.pages_kept = [page(first, second)]
    state_of(world, first, ContactStatus.DONE, make_run("acme"), disposition="confirmed")
    rows = world.export()
    assert [(row["status"], row["disposition"], row["attempts"]) for row in rows] == [
        ("done", "confirmed", "1"),
        ("duplicate", "", "0"),
    ]


def test_what_people_said_is_never_calculated_and_what_they_are_called_hides_no_column(world: World) -> None:
    ada = contact(ADA, 1, status="=1+1", vip=True, tags=["a", "b"], note=None, **{"=cmd": "x"})
    world.pages_kept = [page(ada)]
    state_of(world, ada, ContactStatus.DONE, make_run("acme", gathered_context={"name": "@SUM(A1)"}))
    (row,) = world.export()
    assert row["status"] == "done"
    assert row["initial_context.status"] == "'=1+1"
    assert (row["vip"], row["tags"], row["note"]) == ("true", '["a", "b"]', "")
    assert row["gathered_context.name"] == "'@SUM(A1)"
    assert row["'=cmd"] == "x"


def test_a_run_of_another_organization_or_one_that_was_deleted_tells_nothing(world: World) -> None:
    ada, grace = contact(ADA, 1), contact(GRACE, 2)
    world.pages_kept = [page(ada, grace)]
    state_of(world, ada, ContactStatus.DONE, make_run("other", gathered_context={"name": "Eve"}))
    state_of(world, grace, ContactStatus.DONE, make_run("acme"))
    world.runs_kept.pop()
    rows = world.export()
    assert [(row["status"], row["workflow_run_id"]) for row in rows] == [("done", ""), ("done", "")]
    assert b"Eve" not in b"".join(world.files.values())


def test_names_without_end_become_one_column(world: World) -> None:
    people = [contact(ADA, n, **{f"{n}-{i}": str(i) for i in range(60)}) for n in range(1, 21)]
    world.pages_kept = [page(*people)]
    rows = world.export()
    assert len(rows) == 20
    assert len(rows[0]) == MOST_COLUMNS + 1
    assert rows[0]["1-7"] == "7"
    assert '"20-59": "59"' in rows[19]["further_values"]


def test_a_hundred_contacts_cost_three_reads(world: World) -> None:
    people = [contact(f"+1415555{n:04d}", n) for n in range(1, 301)]
    world.pages_kept = [page(*people[start : start + 100]) for start in (0, 100, 200)]
    for who in people:
        state_of(world, who, ContactStatus.DONE, make_run("acme"))
    assert len(world.export()) == 300
    assert world.reads == 9


def test_an_export_that_is_done_is_not_written_again(world: World) -> None:
    world.pages_kept = [page(contact(ADA, 1))]
    world.export()
    world.pages_kept = [page(contact(HEDY, 1))]
    assert [row["phone_number"] for row in world.export()] == [ADA]


def test_an_export_is_being_written_then_done_or_given_up_and_kept_for_a_week() -> None:
    export = Export(campaign_id="cmp_1", organization_id="acme", number=1, created_at=NOON)
    assert export.status(NOON) is ExportStatus.WRITING
    assert export.status(NOON + MOST_TIME) is ExportStatus.FAILED
    done = replace(export, ended_at=NOON)
    assert done.status(NOON + MOST_TIME) is ExportStatus.DONE
    assert done.status(NOON + KEPT) is ExportStatus.EXPIRED
