"""Lists of runs: one query of an index from any depth, with a bounded number of rows looked at."""

from collections.abc import Iterator
from functools import reduce
from operator import and_

from pynamodb.expressions.condition import Condition

from offhook.adapters.dynamodb.items.database import ROWS_OF_A_FILTERED_PAGE, Items, organization_pk
from offhook.adapters.dynamodb.runs.run_item import (
    BY_AGENT,
    BY_CAMPAIGN,
    BY_ORGANIZATION,
    ID_DIGITS,
    RunItem,
    agent_index_pk,
    campaign_index_pk,
    listed,
    sortable_id,
    to_run,
)
from offhook.adapters.dynamodb.tables import Index
from offhook.ids import run_id_floor
from offhook.runs.end_reasons import EndReason
from offhook.runs.ports import RunFilter, RunNeighbours, RunPage

MOST_QUERIES_A_PAGE = 4
MAX_IDS, MAX_IDS_FILTERED = 10_200, 5_000
"""How many rows are looked at for ids: their keys alone are sent, but all of each is paid for."""


def list_runs(
    runs: Items[RunItem], organization_id: str, filter_: RunFilter, *, limit: int, before_id: int | None
) -> RunPage:
    """Return one page, newest first; see RunRepository.list."""
    floor, ceiling = _range(filter_, before_id)
    if floor >= ceiling:
        return RunPage(runs=(), next_before_id=None)
    index, pk = _index(organization_id, filter_)
    items, next_id = runs.page(
        pk,
        _between(floor, ceiling - 1),
        _condition(filter_),
        index=index,
        limit=limit,
        most_queries=MOST_QUERIES_A_PAGE,
    )
    return RunPage(runs=tuple(map(to_run, items)), next_before_id=None if next_id is None else int(next_id))


def run_ids(
    runs: Items[RunItem], organization_id: str, filter_: RunFilter, *, ascending: bool
) -> Iterator[int]:
    """Yield ids alone; see RunRepository.ids."""
    floor, ceiling = _range(filter_, None)
    if floor >= ceiling:
        return
    index, pk = _index(organization_id, filter_)
    condition = _condition(filter_)
    found = runs.sort_keys(
        pk,
        _between(floor, ceiling - 1),
        condition,
        index=index,
        looked_at=MAX_IDS if condition is None else MAX_IDS_FILTERED,
        ascending=ascending,
    )
    yield from map(int, found)


def neighbours(runs: Items[RunItem], organization_id: str, filter_: RunFilter, run_id: int) -> RunNeighbours:
    """Return the runs beside one; see RunRepository.neighbours."""
    floor, ceiling = _range(filter_, None)
    index, pk = _index(organization_id, filter_)
    condition = _condition(filter_)

    def nearest(first: int, last: int, *, ascending: bool) -> int | None:
        if first > last:
            return None
        found = runs.sort_keys(
            pk,
            _between(first, last),
            condition,
            index=index,
            looked_at=1 if condition is None else ROWS_OF_A_FILTERED_PAGE,
            ascending=ascending,
        )
        return next(map(int, found), None)

    return RunNeighbours(
        older=nearest(floor, min(run_id, ceiling) - 1, ascending=False),
        newer=nearest(max(run_id + 1, floor), ceiling - 1, ascending=True),
    )


def _index(organization_id: str, filter_: RunFilter) -> tuple[Index, str]:
    """Return the index that lists them, and its partition."""
    if filter_.campaign_id is not None:
        return BY_CAMPAIGN, campaign_index_pk(organization_id, filter_.campaign_id)
    if filter_.agent_uuid is None:
        return BY_ORGANIZATION, organization_pk(organization_id)
    return BY_AGENT, agent_index_pk(organization_id, filter_.agent_uuid)


def _range(filter_: RunFilter, before_id: int | None) -> tuple[int, int]:
    """Return the smallest id to list, and the smallest above those to list."""
    floor = 0 if filter_.created_from is None else run_id_floor(filter_.created_from)
    ceiling = 10**ID_DIGITS if filter_.created_to is None else run_id_floor(filter_.created_to)
    if before_id is not None:
        ceiling = min(ceiling, before_id)
    return max(floor, 0), ceiling


def _between(first: int, last: int) -> Condition:
    return RunItem.gsi1sk.between(sortable_id(first), sortable_id(last))


def _condition(filter_: RunFilter) -> Condition | None:
    wanted = (
        # An index has all of one agent.
        (listed("agent_uuid"), filter_.agent_uuid if filter_.campaign_id is not None else None),
        (listed("direction"), filter_.direction),
        (listed("disposition"), filter_.disposition),
        (listed("telephony").part("caller_number"), filter_.caller),
        (listed("telephony").part("called_number"), filter_.called),
    )
    conditions = [attribute == value for attribute, value in wanted if value is not None]
    if filter_.statuses:
        conditions.append(listed("status").is_in(*filter_.statuses))
    if filter_.has_expired is not None:
        reason = listed("end_reason")
        conditions.append(
            (reason == EndReason.EXPIRED) if filter_.has_expired else (reason != EndReason.EXPIRED)
        )
    return reduce(and_, conditions) if conditions else None
