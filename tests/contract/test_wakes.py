"""Wakes on DynamoDB."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.waking import Tick, Wake, WakeKind
from tests.support.dynamodb_requests import requests

_years, _ids = count(1970), count(1)


@pytest.fixture
def day() -> datetime:
    """Return an instant before which nothing is due that another test has set."""
    return datetime.fromisoformat(f"{next(_years)}-01-01T00:00:00Z")


def make_wake(organization_id: str, due_at: datetime, kind: WakeKind = WakeKind.RUN) -> Wake:
    return Wake(kind=kind, id=str(next(_ids)), organization_id=organization_id, due_at=due_at)


def due(store: Store, organization_id: str, now: datetime) -> list[Wake]:
    return [each for each in store.wakes.due(now, limit=1000) if each.organization_id == organization_id]


def test_what_is_due_is_found_in_its_order_by_one_query(
    store: Store, organization_id: str, day: datetime
) -> None:
    late, early = (make_wake(organization_id, day + timedelta(seconds=s)) for s in (2, 1))
    campaign = make_wake(organization_id, day + timedelta(seconds=1), WakeKind.CAMPAIGN)
    for wake in (late, early, campaign):
        store.wakes.set(wake)
    with requests(store) as sent:
        assert due(store, organization_id, day + timedelta(seconds=1)) == [campaign, early]
    assert sent == ["Query"]
    assert due(store, organization_id, late.due_at) == [campaign, early, late]
    assert due(store, organization_id, day) == []


def test_a_thing_has_one_wake_which_is_moved_and_cleared(
    store: Store, organization_id: str, day: datetime
) -> None:
    wake = make_wake(organization_id, day)
    moved = replace(wake, due_at=day + timedelta(minutes=1))
    store.wakes.set(wake)
    store.wakes.set(moved)
    assert due(store, organization_id, day) == []
    assert due(store, organization_id, moved.due_at) == [moved]
    for _ in range(2):
        store.wakes.clear(wake.kind, wake.id)
    assert due(store, organization_id, moved.due_at) == []


def test_only_the_wake_that_was_read_is_postponed(store: Store, organization_id: str, day: datetime) -> None:
    wake = make_wake(organization_id, day)
    later = replace(wake, due_at=day + timedelta(minutes=1))
    store.wakes.set(wake)
    assert store.wakes.postpone(wake, later.due_at)
    assert not store.wakes.postpone(wake, day)
    assert due(store, organization_id, later.due_at) == [later]
    store.wakes.clear(wake.kind, wake.id)
    assert not store.wakes.postpone(later, day)
    assert due(store, organization_id, later.due_at) == []


def test_no_more_are_read_than_are_wanted(store: Store, organization_id: str, day: datetime) -> None:
    for _ in range(3):
        store.wakes.set(make_wake(organization_id, day))
    assert len([*store.wakes.due(day, limit=2)]) == 2


def test_kinds_of_a_newer_version_hold_nothing_up(store: Store, organization_id: str, day: datetime) -> None:
    """They are left by a release that was taken back, and wait for it."""
    for number in range(3):
        newer = make_wake(organization_id, day + timedelta(seconds=number))
        object.__setattr__(newer, "kind", "reminder")
        store.wakes.set(newer)
    known = make_wake(organization_id, day + timedelta(seconds=3))
    store.wakes.set(known)
    found = [*store.wakes.due(known.due_at, limit=1000)]
    assert found[-1] == known
    assert [*store.wakes.due(known.due_at, limit=len(found))] == found
    assert [*store.wakes.due(known.due_at, limit=len(found) - 1)] == found[:-1]


def test_a_tick_is_one_query_however_much_is_due_later(
    store: Store, organization_id: str, day: datetime
) -> None:
    for number in range(30):
        store.wakes.set(make_wake(organization_id, day + timedelta(days=1 + number)))
    # Nobody wakes anything here: what earlier tests have left is read with the rest.
    with requests(store) as sent:
        Tick(wakes=store.wakes, wakers={}, clock=lambda: day).run()
    assert sent == ["Query"]
