"""EventLog on DynamoDB."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import cast

import pytest

from offhook.adapters.dynamodb.store import Store
from offhook.adapters.dynamodb.tables import EVENTS_TABLE
from offhook.errors import InvalidInputError, OwnershipLostError
from offhook.json_types import JsonObject
from offhook.runs.log.entry import LogEntry
from offhook.runs.model import RunStatus
from offhook.runs.ports import MAX_EVENTS_PER_FLUSH
from tests.support.dynamodb_requests import leave_half, requests
from tests.support.makers import NOON, make_event, make_events, make_run

pytestmark = pytest.mark.every_python


def new_run_id() -> int:
    return make_run().id


@contextmanager
def items_read(store: Store) -> Iterator[list[int]]:
    """Collect how many items each query looks at meanwhile, which is what it is paid for by."""
    numbers: list[int] = []

    def note(parsed: JsonObject, **_: object) -> None:
        numbers.append(cast("int", parsed["ScannedCount"]))

    events = store.database.connection.client.meta.events
    events.register("after-call.dynamodb.Query", note)
    yield numbers
    events.unregister("after-call.dynamodb.Query", note)


def test_events_come_back_as_they_were_appended(store: Store) -> None:
    run_id = new_run_id()
    events = [
        make_event(1, "status", status="in_progress"),
        make_event(2, "usage", stt_seconds=0.1, tts_characters=2**60, llm=None),
        make_event(3, "context", gathered={"é": [None, {"": ""}], "quote": '"'}),
    ]
    store.events.append(run_id, events)
    assert list(store.events.read(run_id)) == events


def test_a_log_without_events_is_empty(store: Store) -> None:
    assert list(store.events.read(new_run_id(), consistent=True)) == []


def test_reading_after_any_seq_yields_exactly_the_rest(store: Store) -> None:
    run_id, last = new_run_id(), 0
    edges = {0}
    for size in (1, MAX_EVENTS_PER_FLUSH, 2, 1, MAX_EVENTS_PER_FLUSH, 3):
        store.events.append(run_id, make_events(last + 1, size))
        last += size
        edges |= {last - 2, last - 1, last, last + 1}
    events = make_events(1, last)
    for after_seq in sorted(edges - {-1}):
        assert list(store.events.read(run_id, after_seq=after_seq)) == events[after_seq:], after_seq


def test_following_yields_what_came_after_a_flush(store: Store) -> None:
    run_id, last = new_run_id(), 0
    for size in (3, MAX_EVENTS_PER_FLUSH, 1):
        before = last
        store.events.append(run_id, make_events(last + 1, size))
        last += size
        assert list(store.events.follow(run_id, before)) == make_events(before + 1, size)
    assert list(store.events.follow(run_id, 0)) == make_events(1, last)
    assert list(store.events.follow(run_id, last)) == []


def test_following_a_log_to_which_nothing_was_added_is_as_cheap_as_a_request_can_be(store: Store) -> None:
    """It is asked four times a second for each run that somebody watches."""
    run_id = new_run_id()
    store.events.append(run_id, [make_event(seq, "tool-result", result="x" * 4000) for seq in range(1, 61)])
    with items_read(store) as read:
        assert list(store.events.follow(run_id, 60)) == []
        assert list(store.events.read(run_id, after_seq=60, consistent=True)) == []
    assert read == [0, 1]


def test_the_ends_of_a_log_are_its_oldest_and_its_newest_seq(store: Store) -> None:
    run_id = new_run_id()
    assert store.events.ends(run_id) == (0, 0)
    store.events.append(run_id, make_events(1, 3))
    assert store.events.ends(run_id) == (1, 3)
    store.events.append(run_id, make_events(4, MAX_EVENTS_PER_FLUSH))
    with requests(store) as sent:
        assert store.events.ends(run_id) == (1, 3 + MAX_EVENTS_PER_FLUSH)
    assert sent == ["Query", "Query"]


def test_logs_of_different_runs_do_not_mix(store: Store) -> None:
    first, second = new_run_id(), new_run_id()
    store.events.append(first, make_events(1, 2))
    store.events.append(second, make_events(1, 1))
    assert list(store.events.read(second)) == make_events(1, 1)


def test_the_same_append_again_stores_nothing_twice(store: Store) -> None:
    run_id = new_run_id()
    events = [
        make_event(1, "status", status=RunStatus.IN_PROGRESS),
        make_event(2, "context", gathered={"é": [None, 0.1, {"": 2**60}]}),
    ]
    store.events.append(run_id, events)
    store.events.append(run_id, events)
    store.events.append(run_id, make_events(3, 1))
    store.events.append(run_id, events)
    assert list(store.events.read(run_id, consistent=True)) == events + make_events(3, 1)


def test_a_second_append_at_the_same_seq_with_anything_else_is_refused(store: Store) -> None:
    run_id = new_run_id()
    store.events.append(run_id, make_events(1, 2))
    later = [replace(event, at=NOON + timedelta(microseconds=1)) for event in make_events(1, 2)]
    for other in (make_events(1, 1), make_events(1, 3), [make_event(1, digit="x")], later):
        with pytest.raises(OwnershipLostError):
            store.events.append(run_id, other)
    assert list(store.events.read(run_id, consistent=True)) == make_events(1, 2)


def test_of_many_appends_at_once_exactly_one_is_stored(store: Store) -> None:
    run_id, barrier = new_run_id(), Barrier(8)

    def append(owner: int) -> list[LogEntry] | None:
        events = [make_event(1, "takeover", epoch=owner)]
        barrier.wait(timeout=10)
        try:
            store.events.append(run_id, events)
        except OwnershipLostError:
            return None
        return events

    with ThreadPoolExecutor(8) as pool:
        won = [events for events in pool.map(append, range(8)) if events]
    assert [list(store.events.read(run_id))] == won


@pytest.mark.parametrize(
    "events", [[], make_events(1, MAX_EVENTS_PER_FLUSH + 1), [make_event(1), make_event(3)]]
)
def test_a_flush_is_bounded_and_without_gaps(store: Store, events: list[LogEntry]) -> None:
    run_id = new_run_id()
    with pytest.raises(ValueError, match="flush"):
        store.events.append(run_id, events)
    assert list(store.events.read(run_id)) == []


def test_a_flush_too_large_to_be_stored_is_refused_in_words(store: Store) -> None:
    run_id = new_run_id()
    with pytest.raises(InvalidInputError, match="too large"):
        store.events.append(run_id, [make_event(1, "tool-result", result="x" * 420_000)])
    assert list(store.events.read(run_id)) == []


def test_a_log_of_several_pages_is_read_whole(store: Store) -> None:
    run_id = new_run_id()
    for seq in range(1, 9):  # DynamoDB gives 1 MB a page.
        store.events.append(run_id, [make_event(seq, "tool-result", at=NOON, result="x" * 300_000)])
    assert [event.seq for event in store.events.read(run_id, after_seq=1)] == list(range(2, 9))


def test_a_deleted_log_is_empty_and_deleting_again_is_harmless(store: Store) -> None:
    run_id, other = new_run_id(), new_run_id()
    for first_seq in range(1, 31):
        store.events.append(run_id, make_events(first_seq, 1))
    store.events.append(other, make_events(1, 1))
    with requests(store) as sent:
        store.events.delete(run_id)
    assert sent == ["Query", "BatchWriteItem", "BatchWriteItem"]
    store.events.delete(run_id)
    assert list(store.events.read(run_id, consistent=True)) == []
    assert list(store.events.read(other, consistent=True)) == make_events(1, 1)


def test_a_log_is_deleted_whole_though_the_database_leaves_half_of_it_undone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_half(store, EVENTS_TABLE, monkeypatch)
    run_id = new_run_id()
    for seq in range(1, 26):
        store.events.append(run_id, make_events(seq, 1))
    store.events.delete(run_id)
    assert list(store.events.read(run_id, consistent=True)) == []
