"""How long runs are kept on DynamoDB, and their deletion."""

from dataclasses import replace
from datetime import timedelta
from random import randrange

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.errors import ConflictError, NotFoundError
from offhook.runs.model import Run, RunStatus
from offhook.runs.ports import RunFilter
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON, make_run

LEASE_UNTIL = NOON + timedelta(seconds=15)


def kept_for(store: Store, days: int | None) -> Run:
    # A retention of its own keeps each test's day apart from the days of others.
    run = make_run(f"org-{days}", retention_days=days)
    store.runs.create(run)
    return run


def some_days() -> int:
    return randrange(10_000, 1_000_000)


def test_a_run_expires_so_many_days_after_its_end_whoever_ended_it(
    store: Store, organization_id: str
) -> None:
    days = some_days()
    by_streamer = store.runs.take_over(kept_for(store, days), "streamer-1", LEASE_UNTIL)
    assert by_streamer.ownership is not None
    late = NOON.replace(hour=23, minute=59)
    store.runs.finish(replace(by_streamer, status=RunStatus.COMPLETED, ended_at=late), by_streamer.ownership)
    expiry = (late + timedelta(days=days)).date()
    assert store.runs.expired(expiry, limit=10) == [by_streamer.id]
    assert store.runs.expired(expiry + timedelta(days=1), limit=10) == []

    by_callback = store.runs.advance(kept_for(store, days), RunStatus.BUSY)
    assert by_callback.ended_at is not None
    expiry = (by_callback.ended_at + timedelta(days=days)).date()
    assert by_callback.id in store.runs.expired(expiry, limit=10)


def test_the_first_end_decides_when_a_run_expires(store: Store) -> None:
    days = some_days()
    run = store.runs.take_over(kept_for(store, days), "streamer-1", LEASE_UNTIL)
    ended_at = store.runs.advance(run, RunStatus.COMPLETED).ended_at
    assert run.ownership is not None
    assert ended_at is not None
    finished = replace(run, status=RunStatus.COMPLETED, ended_at=NOON - timedelta(days=50))
    store.runs.finish(finished, run.ownership)
    assert len(store.runs.expired((ended_at + timedelta(days=days)).date(), limit=10)) == 1
    assert store.runs.expired((NOON + timedelta(days=days - 50)).date(), limit=10) == []


def test_a_run_that_is_live_or_kept_for_ever_does_not_expire(store: Store) -> None:
    days = some_days()
    kept_for(store, days)
    for run in (kept_for(store, None), kept_for(store, days)):
        over = store.runs.advance(run, RunStatus.FAILED)
    assert over.ended_at is not None
    today = over.ended_at.date()
    assert store.runs.expired(today + timedelta(days=days), limit=10) == [over.id]
    assert store.runs.expired(today, limit=10) == []


def test_of_the_expired_runs_no_more_than_wanted_are_read(store: Store) -> None:
    days = some_days()
    over = [store.runs.advance(kept_for(store, days), RunStatus.FAILED) for _ in range(3)]
    assert over[0].ended_at is not None
    with requests(store) as sent:
        expired = store.runs.expired((over[0].ended_at + timedelta(days=days)).date(), limit=2)
    assert len(expired) == 2
    assert sent == ["Query"]


def test_expired_runs_are_read_on_from_any_of_them(store: Store) -> None:
    days = some_days()
    over = [store.runs.advance(kept_for(store, days), RunStatus.FAILED) for _ in range(3)]
    assert over[0].ended_at is not None
    first, *others = sorted(run.id for run in over)
    later = store.runs.expired((over[0].ended_at + timedelta(days=days)).date(), after=first, limit=10)
    assert later == others


def test_a_deleted_run_is_gone_from_everywhere_and_deleting_again_is_harmless(
    store: Store, organization_id: str
) -> None:
    run = make_run(organization_id, retention_days=some_days())
    store.runs.create(run)
    over = store.runs.advance(run, RunStatus.COMPLETED)
    assert over.ended_at is not None
    expiry = (over.ended_at + timedelta(days=over.retention_days or 0)).date()
    assert store.runs.expired(expiry, limit=10) == [over.id]
    for _ in range(2):
        store.runs.delete(over)
    with pytest.raises(NotFoundError):
        store.runs.get(organization_id, run.id)
    assert store.runs.list(organization_id, RunFilter(), limit=10, before_id=None).runs == ()
    assert store.runs.expired(expiry, limit=10) == []


def test_a_live_run_is_not_deleted(store: Store, organization_id: str) -> None:
    run = make_run(organization_id)
    store.runs.create(run)
    with pytest.raises(ConflictError):
        store.runs.delete(replace(run, status=RunStatus.COMPLETED))
    assert store.runs.get(organization_id, run.id) == run
