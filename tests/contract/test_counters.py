"""Counters as they are stored: added to with what ends a run, once; kept for a time; by names that may be anything."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from pynamodb.expressions.operand import Path

from offhook.adapters.dynamodb.items.database import new_write_id
from offhook.adapters.dynamodb.runs.counters import KEPT_FOR, CountersItem
from offhook.adapters.dynamodb.store import Store
from offhook.analytics.model import Grain, Shelf, Span
from offhook.analytics.ports import MOST_AT_ONCE
from offhook.errors import ConflictError, InvalidInputError, NotFoundError
from offhook.histograms import MOST_BUCKETS, histogram
from offhook.organizations.limits import Limits
from offhook.runs.log.projections import STAGES
from offhook.runs.model import Review, ReviewStatus, Run, RunStatus
from tests.support.makers import NOON, make_admission, make_run

HOURS = Span.over(Grain.HOUR, NOON, NOON + timedelta(hours=1))
DISPOSITIONS = ("a[0].b", "[", "100 %", "%5B", "é #: 'x'", "x" * 500)


def end(store: Store, organization_id: str, *, by: Store | None = None, **changes: object) -> Run:
    """Admit a run, and give its place back by this store or another one."""
    run = make_run(
        organization_id,
        status=RunStatus.COMPLETED,
        started_at=NOON,
        ended_at=NOON + timedelta(seconds=61),
        **changes,
    )
    admission = make_admission(
        organization_id, run_id=run.id, agent_uuid=run.agent_uuid, limits=Limits(max_concurrent_calls=5)
    )
    store.ledgers.admit(admission, NOON)
    store.runs.create(run)
    (by or store).ledgers.release(run, NOON)
    return run


def counted(store: Store, organization_id: str, **query: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in store.counters.read(organization_id, Shelf.RUNS, HOURS, **query):
        found |= each.amounts
    return found


def test_dispositions_may_be_any_text(store: Store, organization_id: str) -> None:
    for disposition in DISPOSITIONS:
        end(store, organization_id, disposition=disposition)
    found = counted(store, organization_id)
    told = {name.removeprefix("disposition#") for name in found if name.startswith("disposition#")}
    assert told == {each[:100] for each in DISPOSITIONS}


@pytest.mark.parametrize(("room", "counted_as"), [(60, ["*"]), (0, [])])
def test_counters_that_are_full_of_names_hold_up_no_end(
    store: Store, organization_id: str, room: int, counted_as: list[str]
) -> None:
    end(store, organization_id)
    fill(store, organization_id, room)
    for review in (None, Review()):
        run = end(store, organization_id, review=review, disposition="x" * 100)
        if review:
            store.runs.note_review(run, replace(run, review=Review(status=ReviewStatus.DONE)))
        assert run.id not in store.ledgers.get(organization_id).live
    found = counted(store, organization_id)
    told = [name.removeprefix("disposition#") for name in found if name.startswith("disposition#")]
    assert (told, found.get("disposition#*")) == (counted_as, 2 if counted_as else None)


def fill(store: Store, organization_id: str, room: int) -> None:
    """Leave so many bytes of what an item may have, as the embedded AWS measures that, in the counters of an hour."""
    items, key = (
        store.database.items(CountersItem),
        (f"COUNTED#{organization_id}#runs#hour", f"{NOON:%Y-%m-%dT%H}"),
    )
    item = items.get(*key)
    assert item is not None
    named = len("padding") + len("write_id") + len(new_write_id())
    used = named + sum(len(name) + len(*value.values()) for name, value in item.stored.items())
    items.change(*key, [Path(["padding"]).set("x" * (405_000 - used - room))], CountersItem.pk.exists())


def test_a_lost_reply_and_a_conflict_that_was_nobodys_count_once(
    store: Store, lossy_store: Store, contended_store: Store, organization_id: str
) -> None:
    for by in (lossy_store, contended_store):
        run = end(store, organization_id, by=by, review=Review(), disposition="sold")
        done = replace(run, review=Review(status=ReviewStatus.DONE))
        by.runs.note_review(run, done)
        with pytest.raises(ConflictError):
            by.runs.note_review(run, done)
    found = counted(store, organization_id)
    assert (found["status#completed"], found["disposition#sold"]) == (2, 2)


def test_a_review_of_a_run_that_was_deleted_counts_nothing(store: Store, organization_id: str) -> None:
    run = end(store, organization_id, review=Review(), disposition="sold")
    store.runs.delete(run)
    with pytest.raises(NotFoundError):
        store.runs.note_review(run, replace(run, review=Review(status=ReviewStatus.DONE)))
    assert "disposition#sold" not in counted(store, organization_id)


def test_the_counters_of_one_agent_are_its_own(store: Store, organization_id: str) -> None:
    runs = [end(store, organization_id) for _ in range(2)]
    for run in runs:
        assert counted(store, organization_id, agent_uuid=run.agent_uuid)["status#completed"] == 1
    found = store.counters.by_agent(organization_id, Shelf.RUNS, HOURS)
    assert {each.agent_uuid for each in found} == {run.agent_uuid for run in runs}
    assert store.counters.by_agent("another", Shelf.RUNS, HOURS) == []
    later = Span.over(Grain.HOUR, NOON + timedelta(hours=1), NOON + timedelta(hours=2))
    assert store.counters.by_agent(organization_id, Shelf.RUNS, later) == []


def test_counters_go_after_thirteen_months(store: Store, organization_id: str) -> None:
    end(store, organization_id)
    items = store.database.items(CountersItem)
    (stored,) = items.query(f"COUNTED#{organization_id}#runs#day", None)
    assert stored.ttl == NOON.replace(hour=0, minute=0, second=0, microsecond=0) + KEPT_FOR


def test_more_agents_than_can_be_told_are_refused(store: Store, organization_id: str) -> None:
    items = store.database.items(CountersItem)
    pk = f"COUNTED#{organization_id}#AGENTS#runs#hour"

    def many() -> Iterator[CountersItem]:
        for number in range(MOST_AT_ONCE + 1):
            yield items.new(pk, f"{HOURS.start:%Y-%m-%dT%H}#agent-{number:04d}")

    items.put_all([*many()])
    with pytest.raises(InvalidInputError, match="agent_uuid"):
        store.counters.by_agent(organization_id, Shelf.RUNS, HOURS)


def test_the_longest_call_adds_to_counters_in_expressions_that_dynamodb_takes(
    store: Store, organization_id: str
) -> None:
    sent: list[str] = []

    def note(params: dict[str, bytes], **_: object) -> None:
        writes = json.loads(params["body"]).get("TransactItems", [])
        sent.extend(each.get("Update", {}).get("UpdateExpression", "") for each in writes)

    most = {str(bucket): 1 for bucket in histogram(1.1**number for number in range(1, 120))}
    events = store.database.connection.client.meta.events
    events.register("before-call.dynamodb", note)
    try:
        end(store, organization_id, waits=dict.fromkeys(("total", *STAGES), most))
    finally:
        events.unregister("before-call.dynamodb", note)
    # 4 KB, and 300 operators; the embedded AWS reads no more than 180 by itself.
    longest = max(sent, key=len)
    assert (len(longest) <= 4096, longest.count(" :") <= 300) == (True, True)
    (counted,) = store.counters.read(organization_id, Shelf.WAITS, HOURS)
    assert len(counted.amounts) == MOST_BUCKETS * (1 + len(STAGES))
