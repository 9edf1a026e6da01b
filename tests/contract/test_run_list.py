"""Lists of runs on DynamoDB."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from offhook.adapters.dynamodb.items import database
from offhook.adapters.dynamodb.runs import run_list
from offhook.adapters.dynamodb.store import Store
from offhook.ids import run_id_floor
from offhook.runs.model import Direction, Ownership, Run, RunStatus, RunTelephony
from offhook.runs.ports import RunFilter
from tests.support.makers import NOON, make_run


def store_runs(store: Store, runs: list[Run]) -> list[Run]:
    """Store them; return them newest first."""
    for run in runs:
        store.runs.create(run)
    return sorted(runs, key=lambda run: run.id, reverse=True)


def walk(
    store: Store, organization_id: str, filter_: RunFilter | None = None, *, limit: int = 4
) -> Iterator[tuple[Run, ...]]:
    before_id = None
    while True:
        page = store.runs.list(organization_id, filter_ or RunFilter(), limit=limit, before_id=before_id)
        yield page.runs
        if page.next_before_id is None:
            return
        assert before_id is None or page.next_before_id < before_id
        before_id = page.next_before_id


def listed(store: Store, organization_id: str, filter_: RunFilter | None = None) -> list[Run]:
    return [run for page in walk(store, organization_id, filter_) for run in page]


@pytest.mark.parametrize("number", [0, 1, 4, 5, 8, 11])
def test_walking_all_pages_loses_and_repeats_nothing(store: Store, organization_id: str, number: int) -> None:
    runs = store_runs(store, [make_run(organization_id) for _ in range(number)])
    pages = list(walk(store, organization_id))
    assert [run for page in pages for run in page] == runs
    assert [len(page) for page in pages] == ([4] * (number // 4) + [number % 4] * bool(number % 4) or [0])


def test_other_organizations_runs_are_not_listed(store: Store, organization_id: str) -> None:
    store_runs(store, [make_run(f"not-{organization_id}")])
    assert listed(store, organization_id) == []


def test_a_list_shows_everything_but_the_ownership(store: Store, organization_id: str) -> None:
    run = make_run(
        organization_id,
        gathered_context={"day": "Tuesday"},
        usage={"stt_seconds": 1},
        ownership=Ownership(owner="streamer-1", epoch=1, lease_until=NOON),
    )
    store_runs(store, [run])
    assert listed(store, organization_id) == [replace(run, ownership=None)]


def test_a_list_shows_what_changed(store: Store, organization_id: str) -> None:
    run = make_run(organization_id)
    store_runs(store, [run])
    changed = store.runs.advance(run, RunStatus.NO_ANSWER)
    assert listed(store, organization_id, RunFilter(statuses=(RunStatus.NO_ANSWER,))) == [changed]
    assert listed(store, organization_id, RunFilter(statuses=(RunStatus.QUEUED,))) == []


@pytest.mark.parametrize(
    ("filter_", "changes"),
    [
        (RunFilter(statuses=(RunStatus.BUSY,)), {"status": RunStatus.BUSY}),
        (RunFilter(direction=Direction.WEB), {"direction": Direction.WEB}),
        (
            RunFilter(statuses=(RunStatus.BUSY, RunStatus.CANCELED), has_expired=False),
            {"status": RunStatus.CANCELED, "end_reason": "hangup_requested"},
        ),
        (RunFilter(has_expired=True), {"status": RunStatus.CANCELED, "end_reason": "expired"}),
        (RunFilter(disposition="confirmed"), {"disposition": "confirmed"}),
        (RunFilter(agent_uuid="the-agent"), {"agent_uuid": "the-agent"}),
        (RunFilter(caller="+15550001111"), {"telephony": RunTelephony(caller_number="+15550001111")}),
        (RunFilter(called="+15550001111"), {"telephony": RunTelephony(called_number="+15550001111")}),
        (
            RunFilter(agent_uuid="the-agent", statuses=(RunStatus.BUSY,)),
            {"agent_uuid": "the-agent", "status": RunStatus.BUSY},
        ),
    ],
)
def test_every_filter_narrows(
    store: Store, organization_id: str, filter_: RunFilter, changes: dict[str, object]
) -> None:
    runs = [make_run(organization_id) for _ in range(12)]
    wanted = [replace(run, **changes) for run in runs[::2]]  # type: ignore[arg-type]
    store_runs(store, [*wanted, *runs[1::2]])
    assert listed(store, organization_id, filter_) == wanted[::-1]
    assert list(store.runs.ids(organization_id, filter_)) == [run.id for run in wanted[::-1]]
    ascending = store.runs.ids(organization_id, filter_, ascending=True)
    assert list(ascending) == [run.id for run in wanted]


def test_a_filter_for_days_includes_the_first_instant_and_not_the_last(
    store: Store, organization_id: str
) -> None:
    days = [
        datetime(2026, 10, 30, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 12, 1, tzinfo=UTC),
    ]
    runs = [make_run(organization_id, id=run_id_floor(day), created_at=day) for day in days]
    # Ids are unique in the whole install, not within an organization.
    runs = [replace(run, id=run.id + hash(organization_id) % 4096) for run in runs]
    store_runs(store, runs)
    assert listed(store, organization_id, RunFilter(created_from=days[1])) == [runs[2], runs[1]]
    assert listed(store, organization_id, RunFilter(created_to=days[1])) == [runs[0]]
    assert listed(store, organization_id, RunFilter(created_from=days[1], created_to=days[2])) == [runs[1]]
    assert listed(store, organization_id, RunFilter(created_from=days[2], created_to=days[0])) == []


def test_a_rare_match_costs_a_bounded_page_and_is_found_by_going_on(
    store: Store, organization_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_list, "MOST_QUERIES_A_PAGE", 2)
    monkeypatch.setattr(database, "ROWS_OF_A_FILTERED_PAGE", 3)
    oldest = make_run(organization_id, status=RunStatus.BUSY)
    store_runs(store, [oldest, *[make_run(organization_id) for _ in range(13)]])
    pages = list(walk(store, organization_id, RunFilter(statuses=(RunStatus.BUSY,))))
    assert pages[:2] == [(), ()]
    assert [run for page in pages for run in page] == [oldest]
    assert len(pages) == 3
