"""Contacts of campaigns, stored as an import leaves them."""

from dataclasses import replace
from typing import Any

from offhook.adapters.dynamodb.store import Store
from offhook.campaigns.model import (
    Campaign,
    Contact,
    ContactState,
    ContactStatus,
    ImportStatus,
    Page,
    Source,
)
from tests.support.makers import NOON


def make_contact(row: int, **changes: Any) -> Contact:
    contact = Contact(
        import_number=1, row=row, number=f"+4930123{row:04d}", country="DE", zone="Europe/Berlin"
    )
    return replace(contact, **changes)


def make_state(campaign: Campaign, contact: Contact, **changes: Any) -> ContactState:
    """Return the state of a contact whose first call is under way."""
    state = ContactState(
        campaign_id=campaign.id,
        organization_id=campaign.organization_id,
        contact_id=contact.id,
        number=contact.number,
        page_key=Page(contacts=(contact,)).key,
        index=0,
        status=ContactStatus.CALLING,
        due_at=NOON,
    )
    return replace(state, **changes)


def import_contacts(
    store: Store, campaign: Campaign, number: int, *, key: str = "contacts.csv"
) -> list[Contact]:
    """Store so many contacts, all of one group, by an import that is done."""
    begun = store.contacts.begin_import(campaign, Source(key=key, tag="1"), NOON)
    contacts = [make_contact(row, import_number=begun.number) for row in range(1, number + 1)]
    latest = replace(begun, status=ImportStatus.DONE, rows=number, contacts=number, ended_at=NOON)
    store.contacts.save(campaign, begun, latest, [Page(contacts=tuple(contacts))])
    return contacts
