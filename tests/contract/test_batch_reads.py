"""Batch reads that DynamoDB does not finish at once."""

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.errors import StorageError
from offhook.settings import Settings
from tests.support.lossy import throttled_store
from tests.support.makers import make_run


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses between requests, which are not waited out."""
    found: list[float] = []
    monkeypatch.setattr("offhook.adapters.dynamodb.items.database.time.sleep", found.append)
    return found


def create_runs(store: Store, organization_id: str, count: int) -> set[int]:
    runs = [make_run(organization_id) for _ in range(count)]
    for run in runs:
        store.runs.create(run)
    return {run.id for run in runs}


def test_what_a_busy_table_leaves_undone_is_asked_for_again_less_and_less_often(
    store: Store, storage_settings: Settings, aws_endpoint_url: str, organization_id: str, pauses: list[float]
) -> None:
    ids = create_runs(store, organization_id, 4)
    with throttled_store(aws_endpoint_url, storage_settings, for_requests=3) as (busy, asked):
        found = [run.id for run in busy.runs.get_many(sorted(ids))]
    assert sorted(found) == sorted(ids)
    assert asked == [4, 3, 2, 1]
    assert len(pauses) == 3
    assert all(2**n * 0.025 <= pause <= 2**n * 0.05 for n, pause in enumerate(pauses))


def test_a_table_that_stays_busy_ends_with_an_error(
    store: Store, storage_settings: Settings, aws_endpoint_url: str, organization_id: str, pauses: list[float]
) -> None:
    ids = create_runs(store, organization_id, 9)
    with (
        throttled_store(aws_endpoint_url, storage_settings, for_requests=100) as (busy, asked),
        pytest.raises(StorageError, match="too busy"),
    ):
        busy.runs.get_many(sorted(ids))
    assert len(asked) == 6
    assert sum(pauses) <= 1.6


def test_more_than_a_batch_is_read_once_each(store: Store, organization_id: str) -> None:
    (run_id,) = create_runs(store, organization_id, 1)
    absent = range(run_id + 1, run_id + 120)
    assert [run.id for run in store.runs.get_many([run_id, *absent, run_id])] == [run_id]
