"""The list of a campaign's contacts, with what has become of each."""

from dataclasses import replace
from datetime import timedelta

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.campaigns.listing import ContactList, Position, Standing
from offhook.campaigns.model import (
    Campaign,
    CampaignStatus,
    Contact,
    ContactState,
    ContactStatus,
    ImportStatus,
    Page,
    Source,
)
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON, make_campaign


def contact(import_number: int, row: int) -> Contact:
    number = f"+4930123{row:04d}"
    return Contact(import_number=import_number, row=row, number=number, country="DE", zone="Europe/Berlin")


def imported(store: Store, campaign: Campaign, number: int, rows: range) -> list[Contact]:
    """Have an import with a contact in each of these rows, whose numbers hang on the rows alone."""
    begun = store.contacts.begin_import(campaign, Source(key=str(number), tag="t"), NOON)
    contacts = [contact(number, row) for row in rows]
    pages = [Page(contacts=tuple(contacts[at : at + 100])) for at in range(0, len(contacts), 100)]
    done = replace(begun, rows=len(rows), contacts=len(rows), ended_at=NOON, status=ImportStatus.DONE)
    store.contacts.save(campaign, begun, done, pages)
    return contacts


def tried(store: Store, campaign: Campaign, contact: Contact, status: ContactStatus) -> ContactState:
    state = ContactState(
        campaign_id=campaign.id,
        organization_id=campaign.organization_id,
        contact_id=contact.id,
        number=contact.number,
        page_key=Page(contacts=(contact,)).key,
        index=0,
        status=ContactStatus.CALLING,
        run_ids=(7,),
        due_at=NOON + timedelta(minutes=2),
    )
    claimed = store.attempts.claim(campaign, None, state)
    assert claimed is not None
    if status is ContactStatus.CALLING:
        return claimed
    latest = replace(claimed, status=status, disposition="busy")
    moved = store.attempts.move(claimed, latest)
    assert moved
    return latest


@pytest.fixture
def campaign(store: Store, organization_id: str) -> Campaign:
    made = make_campaign(organization_id)
    store.campaigns.add(made)
    return made


def test_each_contact_stands_where_its_state_says(store: Store, campaign: Campaign) -> None:
    first = imported(store, campaign, 1, range(1, 5))
    second = imported(store, campaign, 2, range(4, 6))
    statuses = (ContactStatus.CALLING, ContactStatus.WAITING, ContactStatus.DONE, ContactStatus.DONE)
    for each, status in zip(first, statuses, strict=True):
        tried(store, campaign, each, status)
    contacts = ContactList(contacts=store.contacts, attempts=store.attempts)
    found, following = contacts.page(campaign, None, limit=50, after=None)
    assert following is None
    assert [listed.contact for listed in found] == [*first, *second]
    expected = ["calling", "waiting", "done", "done", "duplicate", "new"]
    assert [listed.standing.value for listed in found] == expected
    assert [listed.state.disposition if listed.state else "-" for listed in found[2:5]] == [
        "busy",
        "busy",
        "-",
    ]
    for standing in Standing:
        some, _ = contacts.page(campaign, standing, limit=50, after=None)
        assert some == [listed for listed in found if listed.standing is standing]
    over = replace(campaign, status=CampaignStatus.CANCELED)
    found, _ = contacts.page(over, None, limit=50, after=None)
    expected = ["calling", "canceled", "done", "done", "duplicate", "canceled"]
    assert [listed.standing.value for listed in found] == expected


def test_a_filtered_page_costs_the_same_whatever_passes_and_leads_on(
    store: Store, campaign: Campaign
) -> None:
    everyone = imported(store, campaign, 1, range(1, 1_301))
    tried(store, campaign, everyone[-1], ContactStatus.DONE)
    contacts = ContactList(contacts=store.contacts, attempts=store.attempts)
    with requests(store) as made:
        found, following = contacts.page(campaign, Standing.DONE, limit=50, after=None)
    assert found == []
    assert following is not None
    assert (made.count("BatchGetItem"), made.count("Query")) == (10, 1)
    found, end = contacts.page(campaign, Standing.DONE, limit=50, after=Position.read(str(following)))
    assert [listed.contact for listed in found] == [everyone[-1]]
    assert end is None
