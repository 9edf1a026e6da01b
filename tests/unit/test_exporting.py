"""A campaign as CSV: what stands in each row, and that no contact's words make columns without end."""

import contextlib
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, cast

import pytest

from offhook.campaigns.exporting import MOST_COLUMNS, PART_BYTES, Exporter
from offhook.campaigns.exports import KEPT, STANDSTILL, Export, ExportStatus, UploadLostError
from offhook.campaigns.model import Campaign, Contact, ContactState, ContactStatus, Page
from offhook.campaigns.ports import Attempts, Campaigns, Contacts
from offhook.errors import NotFoundError
from offhook.runs.model import Run, RunStatus
from offhook.runs.ports import RunRepository
from tests.support.makers import NOON, make_campaign, make_run

ADA, GRACE, ALAN, HEDY = "+14155550101", "+14155550102", "+14155550103", "+14155550104"


@dataclass
class World:
    """All that an exporter reads and writes, in memory; it holds the ports of everything."""

    campaign: Campaign
    kept: Export
    pages_kept: list[Page] = field(default_factory=list)
    states: list[ContactState] = field(default_factory=list)
    runs_kept: list[Run] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    reads: int = 0
    part_bytes: int = PART_BYTES
    dies_after: int = 1_000
    """So many writes are made, and then whoever writes is gone."""
    meanwhile: Callable[[], object] | None = None
    """What happens instead of that: the writer stands still, and goes on after it."""

    def pages(self, campaign_id: str, *, after: str = "") -> Iterator[Page]:
        assert campaign_id == self.campaign.id
        for page in self.pages_kept:
            if page.key > after:
                self.reads += 1
                yield page

    def get_many(self, *wanted: Any) -> Sequence[Any]:
        self.reads += 1
        if len(wanted) == 1:
            return [run for run in self.runs_kept if run.id in wanted[0]]
        campaign_id, numbers = wanted
        assert campaign_id == self.campaign.id
        return [state for state in self.states if state.number in numbers]

    def export(self, number: int = 1, *, until: datetime = NOON + timedelta(hours=1)) -> bool:
        """Go on with the export, and say whether it is done."""
        exporter = Exporter(
            campaigns=cast(Campaigns, _Campaigns(self)),
            contacts=cast(Contacts, self),
            attempts=cast(Attempts, self),
            runs=cast(RunRepository, self),
            exports=_Exports(self),
            files=_Files(self),
            clock=lambda: NOON,
            part_bytes=self.part_bytes,
        )
        return exporter.go_on("acme", self.campaign.id, number, until)

    def rows(self) -> list[dict[str, str]]:
        """Return the rows of the export by the names of the columns."""
        text = self.files[self.kept.key].decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline=""), restval=""))

    def exported(self) -> list[dict[str, str]]:
        """Write the export; return its rows."""
        assert self.export()
        return self.rows()

    def write(self) -> None:
        """Count a write, which may be the last."""
        self.dies_after -= 1
        if self.dies_after < 0:
            happens, self.meanwhile = self.meanwhile, None
            self.dies_after = 1_000
            if happens is None:
                raise KilledError
            happens()


class KilledError(Exception):
    """The writer is gone."""


@dataclass(frozen=True)
class _Campaigns:
    """Implements Campaigns, of one."""

    world: World

    def get(self, organization_id: str, campaign_id: str) -> Campaign:
        if (organization_id, campaign_id) != (self.world.campaign.organization_id, self.world.campaign.id):
            raise NotFoundError("No such campaign.")
        return self.world.campaign


@dataclass(frozen=True)
class _Exports:
    """Implements Exports, of one."""

    world: World

    def begin(self, campaign: Campaign, now: datetime) -> Export:
        raise NotImplementedError

    def newest(self, campaign_id: str) -> Export | None:
        raise NotImplementedError

    def get(self, campaign_id: str, number: int) -> Export:
        if (campaign_id, number) != (self.world.campaign.id, self.world.kept.number):
            raise NotFoundError("No such export.")
        return self.world.kept

    def save(self, former: Export, latest: Export) -> bool:
        self.world.write()
        stored = self.world.kept
        if stored.after != former.after or stored.ended_at is not None:
            return False
        self.world.kept = latest
        return True


@dataclass(frozen=True)
class _Files:
    """Implements ExportFiles."""

    world: World

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self.world.write()
        assert content_type.startswith("text/csv")
        self.world.files[key] = body

    def get(self, key: str) -> bytes:
        return self.world.files[key]

    def begin(self, key: str, content_type: str) -> str:
        self.world.write()
        upload_id = f"upload-{len(self.world.uploads) + 1}"
        self.world.uploads[upload_id] = {}
        return upload_id

    def add(self, key: str, upload_id: str, number: int, body: bytes) -> str:
        self.world.write()
        self._parts(upload_id)[number] = body
        return sha256(body).hexdigest()

    def complete(self, key: str, upload_id: str, etags: Sequence[str]) -> None:
        self.world.write()
        parts = [self._parts(upload_id)[number] for number in range(1, len(etags) + 1)]
        if [sha256(part).hexdigest() for part in parts] != [*etags]:
            raise UploadLostError("Other parts.")
        assert all(len(part) >= self.world.part_bytes for part in parts[:-1])
        self.world.files[key] = b"".join(parts)
        del self.world.uploads[upload_id]

    def link(self, key: str, *, seconds: int, download_name: str) -> str:
        raise NotImplementedError

    def _parts(self, upload_id: str) -> dict[int, bytes]:
        if upload_id not in self.world.uploads:
            raise UploadLostError("No such upload.")
        return self.world.uploads[upload_id]


@pytest.fixture
def world() -> World:
    campaign = make_campaign("acme")
    export = Export(
        campaign_id=campaign.id, organization_id="acme", number=1, created_at=NOON, touched_at=NOON
    )
    return World(campaign=campaign, kept=export)


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
    first, second, third = world.exported()
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
    export = world.kept
    assert (export.rows, export.size_bytes) == (3, len(world.files[export.key]))
    assert export.status(NOON) is ExportStatus.DONE


def test_a_number_that_stands_twice_is_called_once_and_its_second_row_says_so(world: World) -> None:
    first, second = contact(ADA, 1), contact(ADA, 2)
    world.pages_kept = [page(first, second)]
    state_of(world, first, ContactStatus.DONE, make_run("acme"), disposition="confirmed")
    rows = world.exported()
    assert [(row["status"], row["disposition"], row["attempts"]) for row in rows] == [
        ("done", "confirmed", "1"),
        ("duplicate", "", "0"),
    ]


def test_what_people_said_is_never_calculated_and_what_they_are_called_hides_no_column(world: World) -> None:
    ada = contact(ADA, 1, status="=1+1", vip=True, tags=["a", "b"], note=None, **{"=cmd": "x"})
    world.pages_kept = [page(ada)]
    state_of(world, ada, ContactStatus.DONE, make_run("acme", gathered_context={"name": "@SUM(A1)"}))
    (row,) = world.exported()
    assert row["status"] == "done"
    assert row["initial_context.status"] == "'=1+1"
    assert (row["vip"], row["tags"], row["note"]) == ("true", '["a", "b"]', "")
    assert row["gathered_context.name"] == "'@SUM(A1)"
    assert row["'=cmd"] == "x"


def test_half_of_a_character_in_what_was_gathered_keeps_nobody_from_the_file(world: World) -> None:
    ada = contact(ADA, 1)
    world.pages_kept = [page(ada)]
    state_of(world, ada, ContactStatus.DONE, make_run("acme", gathered_context={"name": "Ada \ud83d"}))
    (row,) = world.exported()
    assert row["gathered_context.name"] == "Ada ?"


def test_a_run_of_another_organization_or_one_that_was_deleted_tells_nothing(world: World) -> None:
    ada, grace = contact(ADA, 1), contact(GRACE, 2)
    world.pages_kept = [page(ada, grace)]
    state_of(world, ada, ContactStatus.DONE, make_run("other", gathered_context={"name": "Eve"}))
    state_of(world, grace, ContactStatus.DONE, make_run("acme"))
    world.runs_kept.pop()
    rows = world.exported()
    assert [(row["status"], row["workflow_run_id"]) for row in rows] == [("done", ""), ("done", "")]
    assert b"Eve" not in b"".join(world.files.values())


def test_names_without_end_become_one_column(world: World) -> None:
    people = [contact(ADA, n, **{f"{n}-{i}": str(i) for i in range(60)}) for n in range(1, 21)]
    world.pages_kept = [page(*people)]
    rows = world.exported()
    assert len(rows) == 20
    assert len(rows[0]) == MOST_COLUMNS + 1
    assert rows[0]["1-7"] == "7"
    assert '"20-59": "59"' in rows[19]["further_values"]


def test_a_hundred_contacts_cost_three_reads(world: World) -> None:
    people = [contact(f"+1415555{n:04d}", n) for n in range(1, 301)]
    world.pages_kept = [page(*people[start : start + 100]) for start in (0, 100, 200)]
    for who in people:
        state_of(world, who, ContactStatus.DONE, make_run("acme"))
    assert len(world.exported()) == 300
    assert world.reads == 9


def test_an_export_that_is_done_is_not_written_again(world: World) -> None:
    world.pages_kept = [page(contact(ADA, 1))]
    world.exported()
    world.pages_kept = [page(contact(HEDY, 1))]
    assert [row["phone_number"] for row in world.exported()] == [ADA]


def test_an_export_that_is_not_there_any_more_is_done_with(world: World) -> None:
    assert world.export(2)
    world.campaign = replace(world.campaign, organization_id="other")
    assert world.export(1)
    assert world.files == {}


def crowd(world: World) -> None:
    """Have 50 people in the campaign, ten on a page, and parts of a file that hold less than a page."""
    people = [contact(f"+1415555{n:04d}", n, name=f"name {n}", **{f"only {n // 20}": "x"}) for n in range(50)]
    world.pages_kept = [page(*people[start : start + 10]) for start in range(0, 50, 10)]
    world.part_bytes = 1_000
    for who in people[::2]:
        state_of(world, who, ContactStatus.DONE, make_run("acme"), disposition="confirmed")


def test_an_export_goes_on_where_the_time_was_up(world: World) -> None:
    crowd(world)
    steps = 0
    while not world.export(until=NOON):
        assert world.kept.status(NOON) is ExportStatus.WRITING
        steps += 1
    assert steps == 5
    rows = world.rows()
    assert [row["name"] for row in rows] == [f"name {n}" for n in range(50)]
    assert [row["only 2"] for row in rows] == [""] * 40 + ["x"] * 10
    assert (world.kept.rows, world.kept.size_bytes) == (50, len(world.files[world.kept.key]))
    assert world.uploads == {}


@pytest.mark.parametrize("writes", range(18))
def test_whoever_goes_on_with_an_export_whose_writer_died_leaves_nobody_out_and_has_nobody_twice(
    world: World, writes: int
) -> None:
    crowd(world)
    world.dies_after = writes
    with contextlib.suppress(KilledError):
        world.export()
    finish(world)
    assert (world.kept.rows, world.kept.size_bytes) == (50, len(world.files[world.kept.key]))


@pytest.mark.parametrize("writes", range(15))
def test_a_writer_that_stood_still_while_another_was_done_changes_nothing(world: World, writes: int) -> None:
    crowd(world)
    world.dies_after, world.meanwhile = writes, lambda: finish(world)
    world.export()
    finish(world)


def finish(world: World) -> None:
    """Go on with the export until it is done, and see that everybody is in it once."""
    while not world.export():
        pass
    assert [row["name"] for row in world.rows()] == [f"name {n}" for n in range(50)]


def test_an_export_is_being_written_then_done_or_given_up_and_kept_for_a_week() -> None:
    export = Export(campaign_id="cmp_1", organization_id="acme", number=1, created_at=NOON, touched_at=NOON)
    assert export.status(NOON) is ExportStatus.WRITING
    assert export.status(NOON + STANDSTILL) is ExportStatus.FAILED
    done = replace(export, ended_at=NOON)
    assert done.status(NOON + STANDSTILL) is ExportStatus.DONE
    assert done.status(NOON + KEPT) is ExportStatus.EXPIRED
