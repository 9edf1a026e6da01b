"""What a list costs among very many runs: the same requests, and the same rows looked at, at any depth."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any

import boto3
import pytest

from offhook.adapters.dynamodb.items.database import ROWS_OF_A_FILTERED_PAGE
from offhook.adapters.dynamodb.runs.run_list import MAX_IDS_FILTERED, MOST_QUERIES_A_PAGE
from offhook.adapters.dynamodb.store import Store, connect
from offhook.adapters.dynamodb.tables import create_tables
from offhook.ids import new_uuid, run_id_floor
from offhook.runs.model import Direction, RunStatus, RunTelephony
from offhook.runs.ports import RunFilter, RunPage
from offhook.settings import Settings
from tests.support.crowded_aws import crowded_aws
from tests.support.dynamodb_requests import requests
from tests.support.makers import NOON, make_key, make_run

RUNS = 50_010
KINDS_OF_RUN = 10
PAGE = 100
AGENT, OTHER_AGENT = new_uuid(), new_uuid()
FIRST_ID = run_id_floor(NOON)
CALLER = "+14155550123"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What was asked of DynamoDB: the operations, and how many rows it looked at for each."""

    operations: list[str] = field(default_factory=list)
    scanned: list[int] = field(default_factory=list)


@pytest.fixture(scope="module")
def crowd(aws_endpoint_url: str) -> Iterator[Store]:
    """Return a store with RUNS runs of the organization `crowd`, whose ids follow each other from FIRST_ID."""
    assert aws_endpoint_url, "the credentials come from there"
    with crowded_aws() as aws:
        settings = Settings()
        create_tables(boto3.client("dynamodb", endpoint_url=aws.url), settings)
        store = connect(settings, endpoint_url=aws.url)
        for place in range(KINDS_OF_RUN):
            store.runs.create(
                make_run(
                    "crowd",
                    id=FIRST_ID + place,
                    agent_uuid=AGENT if place % 2 else OTHER_AGENT,
                    status=RunStatus.BUSY if place == 3 else RunStatus.COMPLETED,
                    direction=Direction.INBOUND if place == 4 else Direction.OUTBOUND,
                    telephony=RunTelephony(caller_number=CALLER if place == 5 else None),
                )
            )
        aws.repeat(
            table=settings.runs_table,
            region="us-east-1",
            step=KINDS_OF_RUN,
            times=RUNS // KINDS_OF_RUN - 1,
        )
        yield store


@contextmanager
def cost_of(store: Store) -> Iterator[Cost]:
    """Collect what is asked of DynamoDB meanwhile."""
    cost = Cost()

    def note(model: Any, parsed: Any, **_: object) -> None:
        cost.operations.append(model.name)
        cost.scanned.append(parsed["ScannedCount"])

    events = store.database.connection.client.meta.events
    events.register("after-call.dynamodb", note)
    try:
        yield cost
    finally:
        events.unregister("after-call.dynamodb", note)


def page_of(store: Store, filter_: RunFilter, before_id: int | None) -> tuple[RunPage, Cost]:
    with cost_of(store) as cost:
        page = store.runs.list("crowd", filter_, limit=PAGE, before_id=before_id)
    return page, cost


@pytest.mark.parametrize("number", [1, 250, 500])
def test_any_page_is_one_query_that_looks_at_one_run_more_than_it_shows(crowd: Store, number: int) -> None:
    newest = FIRST_ID + RUNS - 1 - (number - 1) * PAGE
    page, cost = page_of(crowd, RunFilter(), None if number == 1 else newest + 1)
    assert [run.id for run in page.runs] == list(range(newest, newest - PAGE, -1))
    assert page.next_before_id == newest - PAGE + 1
    assert cost == Cost(operations=["Query"], scanned=[PAGE + 1])


def test_a_thousand_ids_are_one_request_at_either_end(crowd: Store) -> None:
    newest = FIRST_ID + RUNS - 1
    for ascending, first, step in ((False, newest, -1), (True, FIRST_ID, 1)):
        with cost_of(crowd) as cost:
            ids = list(islice(crowd.runs.ids("crowd", RunFilter(), ascending=ascending), 1_000))
        assert ids == list(range(first, first + 1_000 * step, step))
        assert cost == Cost(operations=["Query"], scanned=[1_000])


def test_the_runs_beside_one_are_two_requests_of_one_row_each(crowd: Store) -> None:
    here = FIRST_ID + RUNS // 2
    with cost_of(crowd) as cost:
        beside = crowd.runs.neighbours("crowd", RunFilter(), here)
    assert (beside.older, beside.newer) == (here - 1, here + 1)
    assert cost == Cost(operations=["Query", "Query"], scanned=[1, 1])


def test_rare_runs_beside_one_are_looked_for_among_a_bounded_number(crowd: Store) -> None:
    here = FIRST_ID + RUNS // 2
    with cost_of(crowd) as cost:
        beside = crowd.runs.neighbours("crowd", RunFilter(statuses=(RunStatus.NO_ANSWER,)), here)
    assert (beside.older, beside.newer) == (None, None)
    assert cost.scanned == [ROWS_OF_A_FILTERED_PAGE, ROWS_OF_A_FILTERED_PAGE]


def test_ids_that_are_rare_end_after_a_bounded_number_of_rows(crowd: Store) -> None:
    with cost_of(crowd) as cost:
        found = list(crowd.runs.ids("crowd", RunFilter(statuses=(RunStatus.NO_ANSWER,))))
    assert (found, sum(cost.scanned)) == ([], MAX_IDS_FILTERED)


def test_the_last_page_is_the_last(crowd: Store) -> None:
    page, cost = page_of(crowd, RunFilter(), FIRST_ID + 10)
    assert [run.id for run in page.runs] == list(range(FIRST_ID + 9, FIRST_ID - 1, -1))
    assert page.next_before_id is None
    assert cost == Cost(operations=["Query"], scanned=[10])


@pytest.mark.parametrize("number", [1, 250])
def test_an_agents_runs_are_no_dearer_than_all(crowd: Store, number: int) -> None:
    # Every second run is the agent's, the newest one among them.
    newest = FIRST_ID + RUNS - 1 - (number - 1) * PAGE * 2
    page, cost = page_of(crowd, RunFilter(agent_uuid=AGENT), None if number == 1 else newest + 1)
    assert [run.id for run in page.runs] == list(range(newest, newest - 2 * PAGE, -2))
    assert cost == Cost(operations=["Query"], scanned=[PAGE + 1])


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        (RunFilter(statuses=(RunStatus.COMPLETED,)), PAGE),
        (RunFilter(statuses=(RunStatus.BUSY,)), PAGE),
        (RunFilter(agent_uuid=OTHER_AGENT, caller=CALLER), 0),
    ],
)
def test_a_filter_looks_at_no_more_rows_deep_down_than_at_the_top(
    crowd: Store, filter_: RunFilter, found: int
) -> None:
    newest, cost_of_newest = page_of(crowd, filter_, None)
    deep, cost_of_deep = page_of(crowd, filter_, FIRST_ID + 10_000)
    assert len(newest.runs) == len(deep.runs) == found
    assert cost_of_newest == cost_of_deep
    assert set(cost_of_deep.operations) == {"Query"}
    assert sum(cost_of_deep.scanned) <= ROWS_OF_A_FILTERED_PAGE * MOST_QUERIES_A_PAGE
    assert deep.next_before_id is not None


def test_pages_of_a_filter_continue_each_other_without_gap_or_repetition(crowd: Store) -> None:
    seen: list[int] = []
    before_id: int | None = FIRST_ID + 1_500
    while before_id is not None:
        page, _ = page_of(crowd, RunFilter(statuses=(RunStatus.BUSY,)), before_id)
        seen += [run.id for run in page.runs]
        before_id = page.next_before_id
    assert seen == list(range(FIRST_ID + 1_493, FIRST_ID, -KINDS_OF_RUN))


def test_a_span_of_time_is_found_without_looking_at_what_is_outside(crowd: Store) -> None:
    # 4096 ids are one millisecond.
    span = RunFilter(
        created_from=NOON + timedelta(milliseconds=2), created_to=NOON + timedelta(milliseconds=3)
    )
    page, cost = page_of(crowd, span, run_id_floor(NOON + timedelta(milliseconds=2)) + 50)
    assert len(page.runs) == 50
    assert cost == Cost(operations=["Query"], scanned=[50])


def test_a_run_is_shown_to_its_owner_after_two_reads(store: Store, organization_id: str) -> None:
    key, run = make_key(organization_id), make_run(organization_id)
    store.organizations.add_key(key)
    store.runs.create(run)
    with requests(store) as sent:
        store.organizations.find_key(key.key_hash)
        store.runs.get(organization_id, run.id)
    assert sent == ["GetItem", "GetItem"]
