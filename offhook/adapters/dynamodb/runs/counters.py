"""What runs add up to, in DynamoDB: an item for each hour and each day, of all agents and of each, read as DynamoDB sent it.

counters   runs table, pk `COUNTED#<organization id>#<runs|waits>#<hour|day>`, sk `<yyyy-mm-ddThh>`
           and pk `COUNTED#<organization id>#AGENTS#<runs|waits>#<hour|day>`, sk `<yyyy-mm-ddThh>#<agent uuid>`;
           a number for each name of `offhook/analytics/names.py`, gone by `ttl`

They are added to within the transactions that end runs, and by nobody else.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.items.numbers import NumbersItem
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.analytics.counting import without_names
from offhook.analytics.model import Addition, Counters, Grain, Shelf, Span
from offhook.analytics.ports import MOST_AT_ONCE
from offhook.errors import InvalidInputError
from offhook.runs.model import Run

logger = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=400)
"""Thirteen months, so that a month can be held against the same one of the year before."""

_AGENTS = "AGENTS#"


class CountersItem(NumbersItem):
    """Counters."""

    TABLE = RUNS_TABLE
    KIND = "counters"


class DynamoCounters:
    """Implements StoredCounters, and adds to them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._items = database.items(CountersItem)

    def write_with(
        self,
        run: Run,
        additions: Sequence[Addition],
        collect: Callable[[TransactWrite], None],
        explain: Callable[[], bool],
    ) -> None:
        """Make the collected writes and add to the counters, of the run's organization and of its agent, in one transaction.

        Counters that have no room for one more name of a disposition count it among others; those that have none at all
        hold up no end of a run. `explain` is that of `Database.write_together`.
        """
        tries: Sequence[Sequence[Addition]] = (additions, [*map(without_names, additions)], ())
        for each in tries:
            try:
                self._database.write_together(partial(self._collect, collect, run, each), explain)
            except InvalidInputError:
                logger.warning("counters are full", extra={"run_id": run.id})
                if not each:
                    raise
            else:
                return

    def _collect(
        self,
        collect: Callable[[TransactWrite], None],
        run: Run,
        additions: Iterable[Addition],
        transaction: TransactWrite,
    ) -> None:
        collect(transaction)
        for each in additions:
            # Of waits 140 at most, which one expression of 4 KB holds.
            expires = Item.ttl.set(each.start + KEPT_FOR)
            actions = [expires, *CountersItem.adding(each.amounts)]
            for agent_uuid in (None, run.agent_uuid):
                key = _key(run.organization_id, each.shelf, each.grain, each.start, agent_uuid)
                transaction.update(self._items.new(*key), actions=actions)

    def read(
        self, organization_id: str, shelf: Shelf, span: Span, *, agent_uuid: str | None = None
    ) -> Sequence[Counters]:
        if agent_uuid is None:
            pk = _pk(organization_id, shelf, span.grain)
            within = Item.sk.between(_named(span.starts[0]), _named(span.starts[-1]))
            found = self._items.query(pk, within, consistent=False)
        else:
            keys = [_key(organization_id, shelf, span.grain, each, agent_uuid) for each in span.starts]
            found = self._items.get_many(keys)
        return [_to_counters(item) for item in found]

    def by_agent(self, organization_id: str, shelf: Shelf, span: Span) -> Sequence[Counters]:
        pk = _pk(organization_id, shelf, span.grain, _AGENTS)
        within = Item.sk.between(_named(span.start), _named(span.end))
        found = [*self._items.query(pk, within, consistent=False, limit=MOST_AT_ONCE + 1)]
        if len(found) > MOST_AT_ONCE:
            raise InvalidInputError.at(
                "query",
                "from",
                msg="So many agents had calls in this time that they can't be told one by one: ask for less of it, or "
                "for one of them with `agent_uuid`.",
            )
        return [_to_counters(item) for item in found]


def _to_counters(item: CountersItem) -> Counters:
    start, _, agent_uuid = item.sk.partition("#")
    return Counters(
        start=datetime.fromisoformat(start).replace(tzinfo=UTC),
        amounts=item.amounts,
        agent_uuid=agent_uuid or None,
    )


def _key(
    organization_id: str, shelf: Shelf, grain: Grain, start: datetime, agent_uuid: str | None
) -> tuple[str, str]:
    if agent_uuid is None:
        return _pk(organization_id, shelf, grain), _named(start)
    return _pk(organization_id, shelf, grain, _AGENTS), f"{_named(start)}#{agent_uuid}"


def _pk(organization_id: str, shelf: Shelf, grain: Grain, of: str = "") -> str:
    return f"COUNTED#{organization_id}#{of}{shelf}#{grain}"


def _named(start: datetime) -> str:
    return f"{start:%Y-%m-%dT%H}"
