"""Quotas on DynamoDB: what processes take of them together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from offhook.adapters.dynamodb.organizations.quotas import DynamoQuotas
from offhook.adapters.dynamodb.store import Store
from offhook.agents.quotas import Quota, polly_quotas
from offhook.errors import NotConfiguredError
from tests.support.dynamodb_requests import requests

START = datetime(2026, 11, 20, 12, 0, 7, tzinfo=UTC)


@pytest.fixture
def quota(organization_id: str) -> Quota:
    return Quota(name=organization_id, per_second=8, at_once=8)


@pytest.fixture
def other(store: Store) -> DynamoQuotas:
    """Return the quotas as another process has them."""
    return DynamoQuotas(store.database)


def test_of_many_requests_at_once_as_many_go_as_the_quota_has(
    store: Store, other: DynamoQuotas, quota: Quota
) -> None:
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda quotas: quotas.take(quota, 1, START), (store.quotas, other) * 12))
    assert waits.count(0) == 8
    assert set(waits) == {0, 125}


def test_a_quota_fills_again_as_time_passes(store: Store, other: DynamoQuotas, quota: Quota) -> None:
    assert store.quotas.take(quota, 8, START) == 0
    for ms, wait_ms in ((0, 125), (100, 25), (125, 0), (125, 125), (400, 0), (400, 0), (400, 100)):
        assert other.take(quota, 1, START + timedelta(milliseconds=ms)) == wait_ms
    # However long nobody asks, no more come together than at once.
    later = START + timedelta(seconds=60)
    assert [store.quotas.take(quota, 4, later) for _ in range(3)] == [0, 0, 500]


def test_a_clock_that_is_far_ahead_holds_nobody_up(store: Store, quota: Quota) -> None:
    assert store.quotas.take(quota, 8, START + timedelta(days=1)) == 0
    assert store.quotas.take(quota, 8, START) == 0
    assert store.quotas.take(quota, 1, START) == 125


def test_taking_is_one_write_mostly(store: Store, quota: Quota) -> None:
    with requests(store) as made:
        assert store.quotas.take(quota, 1, START) == 0
        assert store.quotas.take(quota, 1, START) == 0
        assert store.quotas.take(quota, 1, START + timedelta(seconds=9)) == 0
    assert made == ["UpdateItem"] * 3


def test_the_setting_names_engines_and_requests_a_second() -> None:
    quotas = polly_quotas("neural=8, standard=80")
    assert {name: quota.per_second for name, quota in quotas.items()} == {"neural": 8, "standard": 80}
    assert polly_quotas("") == {}
    for wrong in ("neural", "neural=0", "neural=many", "neural=-1"):
        with pytest.raises(NotConfiguredError, match="OFFHOOK_POLLY_QUOTAS"):
            polly_quotas(wrong)
