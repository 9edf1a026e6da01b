"""DialPace on DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from offhook.adapters.carriers.by_provider import pace_of
from offhook.adapters.dynamodb.store import Store, connect
from offhook.adapters.dynamodb.telephony.pace import DynamoDialPace
from offhook.settings import Settings
from offhook.telephony.pace import PaceName, RequestKind, RequestPace
from tests.support.dynamodb_requests import requests

START = datetime(2026, 11, 20, 12, 0, 7, tzinfo=UTC)


@pytest.fixture
def name(organization_id: str) -> PaceName:
    return PaceName("cloudonix", organization_id)


@pytest.fixture
def other(store: Store) -> DynamoDialPace:
    """Return the pace as another process has it."""
    return DynamoDialPace(store.database, pace_of)


def test_of_many_dials_at_once_six_go_and_the_others_wait(
    store: Store, other: DynamoDialPace, name: PaceName
) -> None:
    with ThreadPoolExecutor(16) as pool:
        paces = (store.pace, other) * 12
        waits = list(pool.map(lambda pace: pace.wait_seconds(name, START), paces))
    # Who meets too many others at once waits a second instead of ten.
    assert sorted(waits)[:6] == [0] * 6
    assert set(waits[6:]) <= {0, 1, 10}
    assert waits.count(0) == 6


def test_checks_go_where_dials_wait(store: Store, name: PaceName) -> None:
    dials = [store.pace.wait_seconds(name, START) for _ in range(7)]
    checks = [store.pace.wait_seconds(name, START, RequestKind.CHECK) for _ in range(3)]
    assert (dials, checks) == ([0] * 6 + [10], [0, 0, 10])


def test_unproved_checks_have_a_small_share_and_wait_where_checks_do(store: Store, name: PaceName) -> None:
    def waits(kind: RequestKind, count: int, later: float = 0) -> list[int]:
        now = START + timedelta(seconds=later)
        return [store.pace.wait_seconds(name, now, kind) for _ in range(count)]

    assert waits(RequestKind.UNPROVED, 50) == [0] * 3 + [10] * 47
    assert waits(RequestKind.DIAL, 4) == [0] * 3 + [10]
    assert waits(RequestKind.CHECK, 3) == [0] * 2 + [10]
    assert waits(RequestKind.CHECK, 8, later=10) == [0] * 8
    assert waits(RequestKind.UNPROVED, 1, later=10) == [10]


def test_an_unproved_check_that_was_of_a_call_takes_nothing_of_the_small_share(
    store: Store, other: DynamoDialPace, name: PaceName
) -> None:
    for pace in (store.pace, other) * 3:
        assert pace.wait_seconds(name, START, RequestKind.UNPROVED) == 0
        pace.give_back(name, START)
    assert store.pace.wait_seconds(name, START) == 10
    assert store.pace.wait_seconds(name, START, RequestKind.UNPROVED) == 0
    assert store.pace.wait_seconds(name, START, RequestKind.CHECK) == 0
    assert store.pace.wait_seconds(name, START, RequestKind.CHECK) == 10


def test_an_unproved_check_that_finds_no_place_as_a_check_takes_nothing_of_the_small_share(
    store: Store, other: DynamoDialPace, name: PaceName
) -> None:
    for _ in range(8):
        store.pace.note(name, START)
    later = START + timedelta(seconds=6)
    for pace in (store.pace, other) * 3:
        assert pace.wait_seconds(name, later, RequestKind.UNPROVED) == 4
    free_at = START + timedelta(seconds=10)
    assert [store.pace.wait_seconds(name, free_at, RequestKind.UNPROVED) for _ in range(3)] == [0] * 3


def test_what_could_not_wait_counts_for_those_who_can(
    store: Store, other: DynamoDialPace, name: PaceName
) -> None:
    for _ in range(5):
        other.note(name, START)
    assert store.pace.wait_seconds(name, START) == 0
    assert store.pace.wait_seconds(name, START) == 10
    for _ in range(30):
        other.note(name, START)
    assert store.pace.wait_seconds(name, START, RequestKind.CHECK) == 10


def test_in_no_ten_seconds_go_more_than_the_places(
    store: Store, other: DynamoDialPace, name: PaceName
) -> None:
    went: list[int] = []
    for tenths in range(400):
        now = START + timedelta(seconds=tenths / 10)
        if (store.pace, other)[tenths % 2].wait_seconds(name, now) == 0:
            went.append(tenths)
    assert len(went) == 24
    assert all(later - earlier >= 100 for earlier, later in zip(went, went[6:], strict=False))


def test_a_wait_ends_when_the_first_of_the_places_is_free_again(store: Store, name: PaceName) -> None:
    for second in range(6):
        assert store.pace.wait_seconds(name, START + timedelta(seconds=second)) == 0
    now = START + timedelta(seconds=6.5)
    assert store.pace.wait_seconds(name, now) == 4
    assert store.pace.wait_seconds(name, START + timedelta(seconds=9.999)) == 1
    assert store.pace.wait_seconds(name, START + timedelta(seconds=10)) == 0


def test_a_clock_that_is_wrong_holds_nobody_up(store: Store, name: PaceName) -> None:
    for _ in range(10):
        store.pace.note(name, START + timedelta(hours=1))
    assert store.pace.wait_seconds(name, START) == 0


def test_each_account_has_a_pace_of_its_own_and_a_place_takes_one_write(store: Store, name: PaceName) -> None:
    for _ in range(6):
        store.pace.wait_seconds(name, START)
    with requests(store) as sent:
        assert store.pace.wait_seconds(PaceName("cloudonix", f"not-{name.account}"), START) == 0
        store.pace.note(PaceName("cloudonix", f"not-{name.account}"), START)
    assert sent == ["UpdateItem", "UpdateItem"]


def test_where_a_process_knows_that_there_is_no_place_it_asks_nobody(store: Store, name: PaceName) -> None:
    for _ in range(6):
        store.pace.wait_seconds(name, START)
    with requests(store) as sent:
        assert store.pace.wait_seconds(name, START) == 10
    assert sent == []


def test_an_install_that_is_new_to_an_account_learns_what_others_have_counted(
    store: Store, storage_settings: Settings, name: PaceName
) -> None:
    for _ in range(6):
        store.pace.wait_seconds(name, START)
    assert connect(storage_settings).pace.wait_seconds(name, START) == 10


def test_each_provider_has_a_pace_of_its_own_also_for_an_account_of_the_same_name(
    store: Store, name: PaceName
) -> None:
    slow = RequestPace(requests=2, window_seconds=60)
    pace = DynamoDialPace(store.database, {"cloudonix": pace_of("cloudonix"), "slow": slow}.__getitem__)
    same = name._replace(provider="slow")
    assert [pace.wait_seconds(same, START) for _ in range(2)] == [0, 60]
    assert [pace.wait_seconds(name, START) for _ in range(7)] == [0] * 6 + [10]
    assert pace.wait_seconds(same, START + timedelta(seconds=30)) == 30
    assert pace.wait_seconds(same, START + timedelta(seconds=60)) == 0
