"""DialPace on DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from offhook.adapters.dynamodb.store import Store
from tests.support.dynamodb_requests import requests

WINDOW = datetime(2026, 11, 20, 12, 0, 10, tzinfo=UTC)


def test_of_many_dials_at_once_eight_go_and_the_others_wait(store: Store, organization_id: str) -> None:
    at = WINDOW + timedelta(seconds=2.5)
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: store.pace.wait_seconds(organization_id, at), range(24)))
    assert sorted(waits) == [0] * 8 + [8] * 16


def test_the_next_window_has_places_again_and_a_wait_is_never_none(
    store: Store, organization_id: str
) -> None:
    for _ in range(8):
        assert store.pace.wait_seconds(organization_id, WINDOW) == 0
    end = WINDOW + timedelta(seconds=10)
    assert store.pace.wait_seconds(organization_id, end - timedelta(microseconds=1)) == 1
    assert store.pace.wait_seconds(organization_id, end) == 0


def test_each_domain_has_a_pace_of_its_own_and_a_place_takes_one_write(
    store: Store, organization_id: str
) -> None:
    for _ in range(8):
        store.pace.wait_seconds(organization_id, WINDOW)
    with requests(store) as sent:
        assert store.pace.wait_seconds(f"not-{organization_id}", WINDOW) == 0
    assert sent == ["UpdateItem"]
