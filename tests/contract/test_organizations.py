"""OrganizationRepository on DynamoDB."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.errors import ConflictError, NotFoundError
from offhook.ids import new_uuid
from offhook.organizations.limits import Limits
from offhook.organizations.model import Organization
from tests.support.makers import NOON, make_key


def test_ensuring_an_organization_twice_is_no_error(store: Store, organization_id: str) -> None:
    for _ in range(2):
        store.organizations.ensure(Organization(id=organization_id, created_at=NOON))


@pytest.mark.parametrize(
    "limits",
    [
        Limits(
            max_concurrent_calls=3,
            minutes_per_month=500,
            spend_per_day_usd=Decimal("12.50"),
            calls_per_minute_per_key=7,
            calls_per_number_per_day=5,
            campaign_share_percent=50,
            allowed_destinations=("+1415", "sip:"),
        ),
        Limits(
            max_concurrent_calls=0,
            minutes_per_month=0,
            spend_per_day_usd=Decimal(0),
            allowed_destinations=(),
        ),
        Limits(),
    ],
)
def test_limits_come_back_as_they_were_set_and_replace_the_former_whole(
    store: Store, organization_id: str, limits: Limits
) -> None:
    assert store.organizations.limits(organization_id) == Limits()
    former = Limits(minutes_per_month=1, spend_per_day_usd=Decimal(1), allowed_destinations=("+44",))
    for each in (former, limits, limits):
        store.organizations.set_limits(organization_id, each)
    assert store.organizations.limits(organization_id) == limits
    assert store.organizations.limits(f"not-{organization_id}") == Limits()


def test_a_key_is_found_by_its_hash_and_by_its_id_as_it_was_stored(
    store: Store, organization_id: str
) -> None:
    key = make_key(organization_id)
    store.organizations.add_key(key)
    assert store.organizations.find_key(key.key_hash) == key
    assert store.organizations.get_key(organization_id, key.id) == key


def test_an_unknown_hash_finds_nothing(store: Store) -> None:
    assert store.organizations.find_key("of nothing") is None


def test_another_organizations_key_is_not_found(store: Store, organization_id: str) -> None:
    key = make_key(organization_id)
    store.organizations.add_key(key)
    with pytest.raises(NotFoundError):
        store.organizations.get_key(f"not-{organization_id}", key.id)
    assert store.organizations.list_keys(f"not-{organization_id}") == []


def test_keys_are_listed_newest_first_with_the_archived_ones(store: Store, organization_id: str) -> None:
    keys = [make_key(organization_id, created_at=NOON + timedelta(seconds=n)) for n in (2, 1, 3)]
    for key in keys:
        store.organizations.add_key(key)
    store.organizations.set_archived(keys[0], NOON)
    listed = store.organizations.list_keys(organization_id)
    assert [key.id for key in listed] == [keys[2].id, keys[0].id, keys[1].id]
    assert [key.archived_at for key in listed] == [None, NOON, None]


def test_archiving_reaches_whoever_presents_the_key_and_can_be_undone(
    store: Store, organization_id: str
) -> None:
    key = make_key(organization_id)
    store.organizations.add_key(key)
    store.organizations.set_archived(key, NOON)
    assert store.organizations.find_key(key.key_hash) == replace(key, archived_at=NOON)
    store.organizations.set_archived(key, None)
    assert store.organizations.find_key(key.key_hash) == key


def test_a_key_that_is_not_there_cannot_be_archived(store: Store, organization_id: str) -> None:
    key = make_key(organization_id)
    with pytest.raises(NotFoundError):
        store.organizations.set_archived(key, NOON)
    assert store.organizations.find_key(key.key_hash) is None


def test_a_hash_cannot_be_stored_twice(store: Store, organization_id: str) -> None:
    key = make_key(organization_id)
    store.organizations.add_key(key)
    with pytest.raises(ConflictError):
        store.organizations.add_key(replace(key, id=new_uuid(), organization_id="thief"))
    assert store.organizations.find_key(key.key_hash) == key


def test_use_is_recorded_once_a_minute(store: Store, organization_id: str) -> None:
    key = make_key(organization_id)
    store.organizations.add_key(key)
    seen = []
    for seconds in (0, 59, 61):
        store.organizations.touch_key(key, NOON + timedelta(seconds=seconds))
        found = store.organizations.find_key(key.key_hash)
        assert found == store.organizations.get_key(organization_id, key.id)
        assert found is not None
        assert found.last_used_at is not None
        seen.append((found.last_used_at - NOON).total_seconds())
    assert seen == [0, 0, 61]


def test_using_a_key_that_is_not_there_makes_none(store: Store, organization_id: str) -> None:
    key = make_key(organization_id)
    store.organizations.touch_key(key, NOON)
    assert store.organizations.find_key(key.key_hash) is None
    assert store.organizations.list_keys(organization_id) == []
