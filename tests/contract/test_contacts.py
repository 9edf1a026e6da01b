"""Contacts: pages, groups, imports and faults."""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import boto3
import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.campaigns.model import (
    Campaign,
    CampaignStatus,
    Contact,
    Fault,
    Group,
    Import,
    ImportStatus,
    Page,
    Source,
)
from offhook.errors import ConflictError, NotFoundError
from offhook.settings import Settings
from tests.support.dynamodb_requests import leave_half, requests
from tests.support.makers import NOON

SOURCE = Source(key="uploads/acme/c/1.csv", tag="abc", default_country="DE", number_column="Handy")


@pytest.fixture
def campaign(store: Store, organization_id: str) -> Campaign:
    made = Campaign(
        id=f"cmp-{secrets.token_hex(6)}",
        organization_id=organization_id,
        name="Reminders",
        agent_uuid="a",
        created_at=NOON,
    )
    store.campaigns.add(made)
    return made


def contact(row: int, import_number: int = 1, zone: str = "Europe/Berlin") -> Contact:
    return Contact(
        import_number=import_number,
        row=row,
        number=f"+49301234{row:04d}",
        country="DE",
        zone=zone,
        context={"name": "Zoë", "nothing": None, "large": 2**60, "list": [1.5, "x"]},
    )


def page(*rows: int, import_number: int = 1, zone: str = "Europe/Berlin") -> Page:
    return Page(contacts=tuple(contact(row, import_number, zone) for row in rows))


def further(former: Import, rows: int, contacts: int, **more: object) -> Import:
    return replace(former, rows=rows, offset=rows * 10, contacts=contacts, **more)  # type: ignore[arg-type]


def walked(store: Store, campaign: Campaign, group: Group) -> Sequence[Page]:
    """Go through a group as a feeder does."""
    found = []
    while (next_page := store.contacts.next_page(campaign.id, group)) is not None:
        found.append(next_page)
        group = replace(group, page_key=next_page.key)
    return found


@pytest.mark.every_python
def test_what_an_import_has_read_is_there_as_it_was(store: Store, campaign: Campaign) -> None:
    begun = store.contacts.begin_import(campaign, SOURCE, NOON)
    assert store.contacts.get_import(campaign.id, 1) == begun
    berlin, paris = page(1, 3), page(2, zone="Europe/Paris")
    done = further(begun, 3, 3, status=ImportStatus.DONE, ended_at=NOON)
    store.contacts.save(campaign, begun, done, [paris, berlin])
    assert list(store.contacts.pages(campaign.id)) == [berlin, paris]
    assert list(store.contacts.pages(campaign.id, after=berlin.key)) == [paris]
    assert store.contacts.page(campaign.id, paris.key) == paris
    assert store.contacts.list_imports(campaign.id, limit=5) == [done]


def test_a_feeder_goes_through_the_pages_of_a_group_alone_and_in_their_order(
    store: Store, campaign: Campaign
) -> None:
    begun = store.contacts.begin_import(campaign, SOURCE, NOON)
    pages = [page(row, row + 1) for row in range(1, 120, 2)]
    store.contacts.save(
        campaign, begun, further(begun, 120, 120), [*reversed(pages), page(200, zone="Europe/Ber")]
    )
    groups = {group.zone: group for group in store.contacts.groups(campaign.id)}
    assert walked(store, campaign, groups["Europe/Berlin"]) == pages
    assert walked(store, campaign, groups["Europe/Ber"]) == [page(200, zone="Europe/Ber")]


def test_no_page_is_read_before_all_those_in_front_of_it_are_written(
    store: Store, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = store.contacts.begin_import(campaign, SOURCE, NOON)
    first = further(begun, 2, 2)
    store.contacts.save(campaign, begun, first, [page(1, 2)])
    monkeypatch.setattr(store.contacts, "_let_read", killed)
    with pytest.raises(KeyboardInterrupt):
        store.contacts.save(campaign, first, further(begun, 6, 6), [page(3, 4), page(5, 6)])
    (group,) = store.contacts.groups(campaign.id)
    assert walked(store, campaign, group) == [page(1, 2)]


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_where_a_group_is_moves_once_for_two_who_move_it_and_an_import_leaves_it(
    store: Store, campaign: Campaign
) -> None:
    begun = store.contacts.begin_import(campaign, SOURCE, NOON)
    noted = further(begun, 2, 2)
    store.contacts.save(campaign, begun, noted, [page(1, 2)])
    (group,) = store.contacts.groups(campaign.id)
    assert group == Group(country="DE", zone="Europe/Berlin", last_key=page(1).key)
    moved = replace(group, page_key=page(1).key, index=1)
    assert store.contacts.advance(campaign.id, group, moved)
    assert not store.contacts.advance(campaign.id, group, replace(moved, index=2))
    store.contacts.save(campaign, noted, further(begun, 4, 4), [page(3, 4)])
    assert store.contacts.groups(campaign.id) == [replace(moved, last_key=page(3).key)]


def test_of_two_who_read_the_same_one_counts(
    store: Store, campaign: Campaign, storage_settings: Settings
) -> None:
    begun = store.contacts.begin_import(campaign, SOURCE, NOON)
    noted = further(begun, 2, 2)

    def save(_: int = 0) -> None:
        store.contacts.save(campaign, begun, noted, [page(1, 2)])

    with ThreadPoolExecutor(4) as pool:
        # What stands there is what each of them wanted to note.
        list(pool.map(save, range(4)))
    store.contacts.save(campaign, noted, further(noted, 4, 4), [page(3, 4)])
    with pytest.raises(ConflictError) as caught:
        save()
    assert caught.value.code == "import-moved"
    assert counted(storage_settings, campaign) == 4
    (group,) = store.contacts.groups(campaign.id)
    assert group.last_key == page(3).key, "who stood still took something back"


def counted(settings: Settings, campaign: Campaign) -> int:
    key = {"pk": {"S": f"CAMPAIGN#{campaign.id}"}, "sk": {"S": "COUNTS"}}
    item = boto3.client("dynamodb").get_item(TableName=settings.runs_table, Key=key)["Item"]
    assert item["kind"] == {"S": "campaign-counts"}
    return int(item["contacts"]["N"])


def test_a_campaign_reads_one_import_after_the_other(store: Store, campaign: Campaign) -> None:
    first = store.contacts.begin_import(campaign, SOURCE, NOON)
    with pytest.raises(ConflictError) as caught:
        store.contacts.begin_import(campaign, replace(SOURCE, key="another"), NOON)
    assert caught.value.code == "import-running"
    failed = further(first, 0, 0, status=ImportStatus.FAILED, failure="This is no CSV.", ended_at=NOON)
    store.contacts.save(campaign, first, failed)
    second = store.contacts.begin_import(campaign, replace(SOURCE, number_column="Tel"), NOON)
    assert second.number == 2
    assert store.contacts.begin_import(campaign, second.source, NOON) == second
    assert store.contacts.list_imports(campaign.id, limit=2) == [second, failed]
    assert store.contacts.list_imports(campaign.id, limit=2, before=2) == [failed]


def test_of_many_who_begin_an_import_one_does(store: Store, campaign: Campaign) -> None:
    def begin(number: int) -> int:
        try:
            return store.contacts.begin_import(campaign, replace(SOURCE, key=str(number)), NOON).number
        except ConflictError:
            return 0

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(begin, range(4))) == [0, 0, 0, 1]


@pytest.mark.parametrize("status", [CampaignStatus.COMPLETED, CampaignStatus.CANCELED])
def test_nobody_is_added_to_a_campaign_that_is_over(
    store: Store, campaign: Campaign, status: CampaignStatus
) -> None:
    store.campaigns.update(replace(campaign, status=status), campaign)
    with pytest.raises(ConflictError, match="is over"):
        store.contacts.begin_import(campaign, SOURCE, NOON)


def test_there_is_nothing_of_a_campaign_that_is_not_there(store: Store, campaign: Campaign) -> None:
    other = replace(campaign, id="another")
    with pytest.raises(NotFoundError):
        store.contacts.begin_import(other, SOURCE, NOON)
    with pytest.raises(NotFoundError):
        store.contacts.get_import(campaign.id, 1)
    with pytest.raises(NotFoundError):
        store.contacts.page(campaign.id, "DE|Europe/Berlin#000001#000000001")
    assert not [*store.contacts.pages(other.id), *store.contacts.groups(other.id)]


def test_faults_are_read_on_from_any_row(store: Store, campaign: Campaign) -> None:
    begun = store.contacts.begin_import(campaign, SOURCE, NOON)
    faults = [Fault(row=row, reason=f"Row {row} has no number.") for row in range(3, 3 + 2 * 1_200, 2)]
    first, rest = faults[:700], faults[700:]
    noted = further(begun, 2_000, 0, faults=700)
    store.contacts.save(campaign, begun, noted, faults=first)
    store.contacts.save(campaign, noted, further(begun, 3_000, 0, faults=1_200), faults=rest)
    for after in (0, 2, 3, 4, 1_000, 1_001, 1_400, 1_402, 2_398):
        expected = [fault for fault in faults if fault.row > after][:50]
        assert store.contacts.faults(campaign.id, 1, after_row=after, limit=50) == expected
    assert store.contacts.faults(campaign.id, 1, after_row=0, limit=2_000) == faults
    assert store.contacts.faults(campaign.id, 2, after_row=0, limit=50) == []


def test_2500_contacts_are_stored_with_three_requests(store: Store, campaign: Campaign) -> None:
    begun = store.contacts.begin_import(campaign, SOURCE, NOON)
    pages = [page(*range(first, first + 100)) for first in range(1, 2_501, 100)]
    with requests(store) as made:
        store.contacts.save(campaign, begun, further(begun, 2_500, 2_500), pages)
    assert made == ["BatchWriteItem", "UpdateItem", "TransactWriteItems"]


def test_what_the_database_leaves_undone_is_written_all_the_same(
    store: Store, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_half(store, RUNS_TABLE, monkeypatch)
    begun = store.contacts.begin_import(campaign, SOURCE, NOON)
    pages = [page(row) for row in range(1, 11)]
    store.contacts.save(campaign, begun, further(begun, 10, 10), pages)
    assert list(store.contacts.pages(campaign.id)) == pages
