"""Importing: whoever reads a file, is killed, stands still or comes twice, what is stored is what the file says."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest

from offhook.adapters.dynamodb.campaigns.contacts import DynamoContacts
from offhook.adapters.dynamodb.store import Store
from offhook.adapters.s3.contact_files import S3ContactFiles
from offhook.campaigns import importing
from offhook.campaigns.importing import Importer
from offhook.campaigns.model import Campaign, CampaignStatus, Fault, Import, ImportStatus, Page, Source
from offhook.campaigns.ports import CampaignWork, Contacts
from offhook.errors import ConflictError, NotFoundError
from offhook.settings import Settings
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON

FILE = "\n".join(
    [
        "number;zone;name",
        "+4930123451;;Ada",
        "+14155550100;America/New_York;Bob",
        "nobody;;Cid",
        "+4930123452;;Dora",
        "+49 30 12 34 51;;Ada again",
        "",
        "+4930123453;Mars/Base;Eve",
        "+4930123454;;Fay",
        "+14155550101;America/New_York;Gus",
        "+4930123455;;Hal",
        "+14155550100;;Bob again",
    ]
).encode()
CONTACTS = {
    ("Europe/Berlin", 1, "+4930123451"),
    ("America/New_York", 2, "+14155550100"),
    ("Europe/Berlin", 4, "+4930123452"),
    ("Europe/Berlin", 8, "+4930123454"),
    ("America/New_York", 9, "+14155550101"),
    ("Europe/Berlin", 10, "+4930123455"),
}


@dataclass
class Queue:
    """Implements CampaignQueue; keeps what was sent."""

    sent: list[tuple[str, CampaignWork]] = field(default_factory=list)

    def send(self, organization_id: str, campaign_id: str, work: CampaignWork, **_: Any) -> None:
        self.sent.append((campaign_id, work))


@dataclass(frozen=True)
class Desk:
    """Where files are imported, three rows at a step."""

    store: Store
    files: S3ContactFiles
    organization_id: str
    queue: Queue = field(default_factory=Queue)

    def begin(self, body: bytes = FILE, ending: str = "csv", **source: Any) -> tuple[Campaign, Import]:
        campaign = Campaign(
            id=f"cmp-{secrets.token_hex(6)}",
            organization_id=self.organization_id,
            name="Reminders",
            agent_uuid="a",
            status=CampaignStatus.RUNNING,
            created_at=NOON,
        )
        self.store.campaigns.add(campaign)
        key = f"uploads/{self.organization_id}/{campaign.id}/1.{ending}"
        self.files.put(key, body)
        tag = self.files.find(key).tag
        begun = self.store.contacts.begin_import(campaign, Source(key=key, tag=tag, **source), NOON)
        return campaign, begun

    def importer(self, contacts: Contacts | None = None) -> Importer:
        return Importer(
            campaigns=self.store.campaigns,
            contacts=contacts or self.store.contacts,
            files=self.files,
            queue=self.queue,
            clock=lambda: NOON,
        )

    def read(self, campaign: Campaign, *, until: datetime = NOON + timedelta(hours=1)) -> bool:
        return self.importer().go_on(campaign.organization_id, campaign.id, 1, until)

    def stored(self, campaign: Campaign) -> tuple[list[Page], list[Fault], Import, Any]:
        """All that is there of an import but its campaign."""
        contacts = self.store.contacts
        import_ = contacts.get_import(campaign.id, 1)
        faults = contacts.faults(campaign.id, 1, after_row=0, limit=100)
        source = Source(key="", tag="")
        import_ = replace(import_, campaign_id="", source=source)
        counted = contacts._counts.get(f"CAMPAIGN#{campaign.id}", "COUNTS")
        return (
            list(contacts.pages(campaign.id)),
            list(faults),
            import_,
            counted and counted.amount("contacts"),
        )


@pytest.fixture
def desk(
    store: Store, storage_settings: Settings, organization_id: str, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    monkeypatch.setattr(importing, "_ROWS_A_STEP", 3)
    return Desk(store, S3ContactFiles(storage_settings.media_bucket), organization_id)


@pytest.mark.every_python
def test_a_file_becomes_contacts_and_faults(desk: Desk) -> None:
    campaign, _ = desk.begin()
    assert desk.read(campaign)
    pages, faults, import_, counted = desk.stored(campaign)
    found = {(each.zone, each.row, each.number) for page in pages for each in page.contacts}
    assert found == CONTACTS
    assert {fault.row: fault.reason for fault in faults} == {
        3: "This is no telephone number: write one such as +14155550100, without an extension.",
        5: "Row 1 has the same number.",
        7: "There is no such time zone: write one such as America/New_York.",
        11: "Row 2 has the same number.",
    }
    assert import_.status is ImportStatus.DONE
    assert import_.ended_at == NOON
    assert (import_.rows, import_.contacts, import_.faults, import_.duplicates) == (11, 6, 2, 2)
    assert counted == 6
    assert desk.store.campaigns.get(campaign.organization_id, campaign.id).importing is None
    assert set(desk.queue.sent) == {(campaign.id, CampaignWork.FEED)}


def test_a_json_body_becomes_contacts_and_faults_too(desk: Desk) -> None:
    body = b"""[{"phone_number": "(415) 555-0100", "time_zone": "America/New_York", "initial_context": {"order": {"id": 7}}},
        {"phone_number": "x"}, {"phone_number": "+14155550100"}, {"phone_number": "+4930123451"}]"""
    campaign, _ = desk.begin(body, "json", default_country="US")
    assert desk.read(campaign)
    pages, faults, import_, _ = desk.stored(campaign)
    contacts = [each for page in pages for each in page.contacts]
    assert [(each.row, each.number, each.context) for each in contacts] == [
        (4, "+4930123451", {}),
        (1, "+14155550100", {"order": {"id": 7}}),
    ]
    assert [fault.row for fault in faults] == [2, 3]
    assert (import_.contacts, import_.faults, import_.duplicates) == (2, 1, 1)


def test_whoever_is_killed_after_any_write_loses_nothing_and_repeats_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_ROWS_A_STEP", 6)
    campaign, _ = desk.begin()
    with requests(desk.store) as made:
        desk.read(campaign)
    expected = desk.stored(campaign)
    for number in range(3, len(made)):
        campaign, _ = desk.begin()
        with pytest.raises(KeyboardInterrupt), killed_after(desk.store, number):
            desk.read(campaign)
        desk.read(campaign)
        assert desk.stored(campaign) == expected, f"killed after request {number}"


@contextmanager
def killed_after(store: Store, number: int) -> Iterator[None]:
    """Have whoever uses the store gone once its request of this number is carried out."""
    answered = 0

    def die(**_: object) -> None:
        nonlocal answered
        answered += 1
        if answered == number:
            raise KeyboardInterrupt

    events = store.database.connection.client.meta.events
    events.register("after-call.dynamodb", die)
    try:
        yield
    finally:
        events.unregister("after-call.dynamodb", die)


def test_whose_time_is_up_goes_on_later_one_step_at_least(desk: Desk) -> None:
    campaign, _ = desk.begin()
    desk.read(campaign)
    expected = desk.stored(campaign)
    campaign, _ = desk.begin()
    answers = [desk.read(campaign, until=NOON) for _ in range(4)]
    assert answers == [False, False, False, True]
    assert desk.stored(campaign) == expected


@pytest.mark.parametrize("step", [1, 2, 3])
def test_who_stands_still_while_another_reads_changes_nothing(desk: Desk, step: int) -> None:
    campaign, _ = desk.begin()
    desk.read(campaign)
    expected = desk.stored(campaign)
    campaign, _ = desk.begin()
    frozen = Frozen(desk.store.contacts, step, lambda: desk.read(campaign))
    assert desk.importer(frozen).go_on(campaign.organization_id, campaign.id, 1, NOON + timedelta(hours=1))
    assert frozen.was_overtaken
    assert desk.stored(campaign) == expected


class Frozen(DynamoContacts):
    """Stands still before it stores a step, while something else happens."""

    def __init__(self, contacts: DynamoContacts, step: int, meanwhile: Callable[[], object]) -> None:
        super().__init__(contacts._database)
        self._steps_left, self._meanwhile = step, meanwhile
        self.was_overtaken = False

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._steps_left -= 1
        if not self._steps_left:
            self._meanwhile()
        try:
            super().save(*args, **kwargs)
        except ConflictError:
            self.was_overtaken = True
            raise


@pytest.mark.parametrize(
    ("body", "sentence"), [(b"PK\x03\x04zip", "ZIP"), (b"a,b\n1,2\n", "phone_number"), (b"", "empty")]
)
def test_a_file_that_is_none_fails_as_a_whole_and_frees_its_campaign(
    desk: Desk, body: bytes, sentence: str
) -> None:
    campaign, begun = desk.begin(body)
    assert desk.read(campaign)
    import_ = desk.store.contacts.get_import(campaign.id, 1)
    assert import_.status is ImportStatus.FAILED
    assert import_.failure
    assert sentence in import_.failure
    assert desk.store.contacts.begin_import(campaign, replace(begun.source, tag="x"), NOON).number == 2


def test_a_file_that_is_replaced_while_it_is_read_is_not_read_on(desk: Desk) -> None:
    campaign, begun = desk.begin()
    assert not desk.read(campaign, until=NOON)
    desk.files.put(begun.source.key, FILE + b"\n+4930123459;;x")
    assert desk.read(campaign)
    import_ = desk.store.contacts.get_import(campaign.id, 1)
    assert (import_.status, import_.rows) == (ImportStatus.FAILED, 3)
    assert import_.failure
    assert "replaced" in import_.failure


def test_rows_beyond_a_million_are_told_and_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MOST_ROWS", 4)
    campaign, _ = desk.begin()
    assert desk.read(campaign)
    _, faults, import_, _ = desk.stored(campaign)
    assert (import_.status, import_.contacts) == (ImportStatus.DONE, 3)
    assert "4 rows at most" in faults[-1].reason


def test_there_is_nothing_to_read_of_what_is_gone_or_over(desk: Desk) -> None:
    campaign, _ = desk.begin()
    gone = replace(campaign, id="another")
    assert desk.read(gone)
    desk.read(campaign)
    with requests(desk.store) as made:
        assert desk.read(campaign)
    assert made == ["GetItem", "GetItem"]


def test_an_upload_takes_a_file_of_the_size_that_was_said(
    storage_settings: Settings, organization_id: str
) -> None:
    files, key = S3ContactFiles(storage_settings.media_bucket), f"uploads/{organization_id}/c/1.csv"
    with pytest.raises(NotFoundError):
        files.find(key)
    url = files.link(key, size_bytes=5, seconds=60)
    # The embedded S3 believes every signature; the real one refuses another length than the one that is signed.
    assert "content-length" in parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"][0].split(";")
    with urlopen(Request(url, data=b"12345", method="PUT", headers={"Content-Type": ""}), timeout=10):
        found = files.find(key)
    assert found.size_bytes == 5
    assert b"".join(files.blocks(key, found.tag, 2)) == b"345"
    assert list(files.blocks(key, found.tag, 5)) == []


def test_a_large_file_comes_in_blocks_from_anywhere(storage_settings: Settings, organization_id: str) -> None:
    files, key = S3ContactFiles(storage_settings.media_bucket), f"uploads/{organization_id}/c/2.csv"
    body = bytes(range(256)) * 8_193
    files.put(key, body)
    blocks = list(files.blocks(key, files.find(key).tag, 3))
    assert b"".join(blocks) == body[3:]
    assert max(map(len, blocks)) == 1_048_576
