"""AuditLog on DynamoDB."""

from dataclasses import replace
from datetime import timedelta

from offhook.adapters.dynamodb.store import Store
from offhook.organizations.audit import AuditAction, AuditEntry
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON


def make_entry(organization_id: str, seconds: float = 0, subject: str = "run 1") -> AuditEntry:
    return AuditEntry(
        organization_id=organization_id,
        at=NOON + timedelta(seconds=seconds),
        action=AuditAction.RUN_DELETED,
        subject=subject,
        key_id="k",
    )


def test_an_organization_without_entries_has_none(store: Store, organization_id: str) -> None:
    assert store.audit.newest(organization_id, limit=10) == []


def test_the_last_entries_come_back_as_they_were_newest_first(store: Store, organization_id: str) -> None:
    entries = [make_entry(organization_id, seconds) for seconds in (0, 2, 1, 1.000001)]
    entries.append(replace(make_entry(organization_id, 3600), action=AuditAction.RUN_EXPIRED, key_id=None))
    for entry in entries:
        store.audit.record(entry)
    with requests(store) as sent:
        newest = store.audit.newest(organization_id, limit=4)
    assert newest == [entries[4], entries[1], entries[3], entries[2]]
    assert sent == ["Query"]
    assert store.audit.newest(f"not-{organization_id}", limit=4) == []


def test_an_entry_is_stored_once_however_often_it_is_recorded(store: Store, organization_id: str) -> None:
    for _ in range(3):
        store.audit.record(make_entry(organization_id))
    assert store.audit.newest(organization_id, limit=10) == [make_entry(organization_id)]


def test_two_things_at_one_instant_are_two_entries(store: Store, organization_id: str) -> None:
    for subject in ("run 1", "run 2"):
        store.audit.record(make_entry(organization_id, subject=subject))
    assert {entry.subject for entry in store.audit.newest(organization_id, limit=10)} == {"run 1", "run 2"}
