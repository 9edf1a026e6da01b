"""Writes whose first reply is lost, so that the SDK sends them again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.errors import ConflictError
from offhook.runs.model import RunStatus
from offhook.runs.waking import wake_of
from tests.support.makers import NOON, make_events, make_run


def test_a_run_is_created_once_and_without_an_error(lossy_store: Store, organization_id: str) -> None:
    run = make_run(organization_id)
    lossy_store.runs.create(run)
    assert lossy_store.runs.get(organization_id, run.id) == run


def test_an_append_is_not_taken_for_somebody_elses(lossy_store: Store, organization_id: str) -> None:
    run = make_run(organization_id)
    lossy_store.events.append(run.id, make_events(1, 2))
    assert list(lossy_store.events.read(run.id)) == make_events(1, 2)


def test_a_takeover_does_not_lose_against_itself(
    lossy_store: Store, store: Store, organization_id: str
) -> None:
    run = make_run(organization_id)
    store.runs.create(run)
    taken = lossy_store.runs.take_over(run, "streamer-1", NOON)
    assert taken.ownership is not None
    assert taken.ownership.epoch == 1
    ended = replace(taken, status=RunStatus.COMPLETED, ended_at=NOON)
    lossy_store.runs.finish(ended, taken.ownership)
    assert store.runs.get(organization_id, run.id) == replace(ended, ownership=None)


def test_deleting_a_run_twice_is_no_error(lossy_store: Store, store: Store, organization_id: str) -> None:
    run = make_run(organization_id)
    store.runs.create(run)
    over = store.runs.advance(run, RunStatus.FAILED)
    lossy_store.runs.delete(over)
    assert list(store.runs.get_many([run.id])) == []


def test_a_scheduled_run_is_created_once_with_its_wake(
    lossy_store: Store, store: Store, organization_id: str
) -> None:
    run = make_run(organization_id, scheduled_at=NOON.replace(microsecond=0))
    lossy_store.runs.create(run)
    assert store.runs.get(organization_id, run.id) == run
    assert wake_of(run) in [*store.wakes.due(NOON, limit=9999)]


def test_an_id_that_is_taken_moves_no_wake(store: Store, organization_id: str) -> None:
    run = make_run(organization_id, scheduled_at=NOON.replace(microsecond=0))
    store.runs.create(run)
    with pytest.raises(ConflictError):
        store.runs.create(replace(run, scheduled_at=NOON + timedelta(days=1)))
    assert wake_of(run) in [*store.wakes.due(NOON, limit=9999)]
