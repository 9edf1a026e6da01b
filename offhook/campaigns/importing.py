"""Importing: a file of contacts becomes pages, step by step, so that whoever is stopped loses one step and nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from offhook.callinghours import group_of
from offhook.campaigns.model import (
    Campaign,
    CampaignStatus,
    Contact,
    Fault,
    Import,
    ImportStatus,
    Page,
)
from offhook.campaigns.ports import CampaignQueue, Campaigns, CampaignWork, ContactFiles, Contacts
from offhook.campaigns.reading.csv_rows import CsvRows
from offhook.campaigns.reading.json_rows import JsonRows
from offhook.campaigns.reading.numbers import read_number
from offhook.campaigns.reading.paging import Pager, size_of
from offhook.campaigns.reading.rows import Place, Row, Rows, UnreadableFileError
from offhook.campaigns.reading.seen import SeenNumbers
from offhook.clock import Clock
from offhook.errors import ConflictError, InvalidInputError, NotFoundError

MOST_ROWS = 1_000_000

# Where a step ends hangs on the file alone: so its pages are the same, whoever reads it and from wherever they went on.
_ROWS_A_STEP = 10_000
_BYTES_A_STEP = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Reads what was sent, and stores it as contacts and faults."""

    campaigns: Campaigns
    contacts: Contacts
    files: ContactFiles
    queue: CampaignQueue
    clock: Clock

    def go_on(self, organization_id: str, campaign_id: str, number: int, until: datetime) -> bool:
        """Read on until the import is over, one step at least; say False where time was up before.

        Doing it again, or twice at once, is harmless.
        """
        try:
            campaign = self.campaigns.get(organization_id, campaign_id)
            begun = self.contacts.get_import(campaign_id, number)
        except NotFoundError:
            return True
        if begun.status is not ImportStatus.READING:
            return True
        with SeenNumbers() as seen:
            seen.add_all(self._read_before(begun))
            return self._read(_Reading(campaign=campaign, import_=begun, seen=seen), until)

    def _read_before(self, begun: Import) -> Iterator[tuple[str, int]]:
        if not begun.rows:
            return
        for page in self.contacts.imported(begun.campaign_id, begun.number):
            yield from ((each.number, each.row) for each in page.contacts if each.row <= begun.rows)

    def _read(self, reading: "_Reading", until: datetime) -> bool:
        try:
            rows = self._open(reading.import_)
            left = iter(rows)
            while not self._step(reading, rows, left):
                if self.clock() >= until:
                    return False
        except UnreadableFileError as error:
            self._fail(reading, error.detail)
        except ConflictError as error:
            # Somebody else reads the same, and is further.
            if error.code != "import-moved":
                raise
        return True

    def _open(self, import_: Import) -> Rows:
        source = import_.source
        place = Place(offset=import_.offset, rows=import_.rows, encoding=import_.encoding)

        def blocks(offset: int) -> Iterator[bytes]:
            try:
                yield from self.files.blocks(source.key, source.tag, offset)
            except (NotFoundError, ConflictError) as error:
                raise UnreadableFileError(error.detail) from error

        return JsonRows(blocks, place) if source.key.endswith(".json") else CsvRows(blocks, source, place)

    def _step(self, reading: "_Reading", rows: Rows, left: Iterator[Row | Fault | None]) -> bool:
        """Read and store so many rows, and say whether they were the last ones."""
        step = _Step(former=reading.import_, seen=reading.seen)
        is_over = step.take(left, rows)
        latest = step.latest(rows.place)
        if is_over:
            latest = replace(latest, status=ImportStatus.DONE, ended_at=self.clock())
        self._save(reading, latest, step.pager.pages(), step.faults)
        return is_over

    def _fail(self, reading: "_Reading", failure: str) -> None:
        failed = replace(reading.import_, status=ImportStatus.FAILED, failure=failure, ended_at=self.clock())
        self._save(reading, failed)

    def _save(
        self, reading: "_Reading", latest: Import, pages: Sequence[Page] = (), faults: Sequence[Fault] = ()
    ) -> None:
        """Store how far it is; have new contacts called, and a campaign completed that waited for its last import."""
        campaign = reading.campaign
        self.contacts.save(campaign, reading.import_, latest, pages, faults)
        reading.import_ = latest
        if latest.status is not ImportStatus.READING or campaign.status is CampaignStatus.RUNNING:
            self.queue.send(campaign.organization_id, campaign.id, CampaignWork.FEED)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """An import, as far as it is stored, and the numbers of its rows up to there."""

    campaign: Campaign
    import_: Import
    seen: SeenNumbers


@dataclass(slots=True, kw_only=True)
class _Step:
    """What some consecutive rows are."""

    former: Import
    seen: SeenNumbers
    pager: Pager = field(default_factory=Pager)
    faults: list[Fault] = field(default_factory=list)
    contacts: int = 0
    duplicates: int = 0

    def take(self, left: Iterator[Row | Fault | None], rows: Rows) -> bool:
        """Take the rows of a step, and say whether there are no more."""
        for found in left:
            place = rows.place
            if place.rows > MOST_ROWS:
                self.faults.append(_too_many(place.rows))
                return True
            self._take_one(found)
            if place.rows % _ROWS_A_STEP == 0 or place.offset - self.former.offset >= _BYTES_A_STEP:
                return False
        return True

    def latest(self, place: Place) -> Import:
        """Return the import as it is after this step."""
        former = self.former
        return replace(
            former,
            offset=place.offset,
            encoding=place.encoding,
            rows=place.rows,
            contacts=former.contacts + self.contacts,
            faults=former.faults + len(self.faults) - self.duplicates,
            duplicates=former.duplicates + self.duplicates,
        )

    def _take_one(self, found: Row | Fault | None) -> None:
        if isinstance(found, Fault):
            self.faults.append(found)
        elif found is not None:
            try:
                self._add(found)
            except InvalidInputError as error:
                self.faults.append(Fault(row=found.row, reason=error.detail))

    def _add(self, row: Row) -> None:
        contact = _contact(self.former, row)
        size_bytes = size_of(contact)
        first = self.seen.add(contact.number, row.row)
        if first == row.row:
            self.pager.add(contact, size_bytes)
            self.contacts += 1
        else:
            self.duplicates += 1
            self.faults.append(Fault(row=row.row, reason=f"Row {first} has the same number."))


def _contact(import_: Import, row: Row) -> Contact:
    number = read_number(row.number, import_.source.default_country)
    country, zone = group_of(number, row.zone)
    return Contact(
        import_number=import_.number,
        row=row.row,
        number=number,
        country=country,
        zone=zone,
        context=row.context,
    )


def _too_many(row: int) -> Fault:
    return Fault(
        row=row,
        reason=f"A file has {MOST_ROWS:,} rows at most: this one and all that follow were not read. Send them as another file.",
    )
