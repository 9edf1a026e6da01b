"""Quotas in DynamoDB: for each, the moment up to which its requests are taken, in one item.

quota   runs table, pk `QUOTA#<name>`, sk `QUOTA`; gone by `ttl`

A quota of 8 a second gives a request every 125 ms. Who takes some moves the moment on by that much for each, from now or
from where it stands; it may lie ahead of the clock by what can be asked for at once. (A leaky bucket, as GCRA keeps it.)
"""

from datetime import datetime, timedelta
from math import ceil

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.agents.quotas import Quota

_SORT_KEY = "QUOTA"
_KEPT_FOR = timedelta(hours=1)
_MOST_AHEAD_MS = 5000


class QuotaItem(Item):
    """Up to when a quota's requests are taken, in ms since 1970."""

    TABLE = RUNS_TABLE
    KIND = "quota"

    taken_until_ms = NumberAttribute()


class DynamoQuotas:
    """Implements Quotas; processes that ask at the same moment do not get into each other's way."""

    def __init__(self, database: Database) -> None:
        self._items = database.items(QuotaItem)
        self._known_ms: dict[str, int] = {}

    def take(self, quota: Quota, count: int, now: datetime) -> int:
        ms_each = 1000 / quota.per_second
        span_ms, now_ms = ceil(ms_each * count), round(now.timestamp() * 1000)
        latest_ms = now_ms + ceil(ms_each * quota.at_once) - span_ms
        # In the order in which they are likely to hold, so that mostly one is tried.
        ways = [self._add(span_ms, now_ms, latest_ms), self._begin_anew(span_ms, now_ms, latest_ms)]
        is_busy = self._known_ms.get(quota.name, 0) >= now_ms
        for change, condition in ways if is_busy else ways[::-1]:
            lasting = [change, QuotaItem.of_kind(), QuotaItem.ttl.set(now + _KEPT_FOR)]
            outcome = self._items.change(f"QUOTA#{quota.name}", _SORT_KEY, lasting, condition)
            until_ms = int(outcome.item.taken_until_ms) if outcome.item is not None else 0
            self._known_ms[quota.name] = until_ms
            if outcome.is_done:
                return 0
        return max(1, until_ms - latest_ms)

    def _add(self, span_ms: int, now_ms: int, latest_ms: int) -> tuple[Action, Condition]:
        condition = QuotaItem.taken_until_ms.between(now_ms, latest_ms)
        return QuotaItem.taken_until_ms.set(QuotaItem.taken_until_ms + span_ms), condition

    def _begin_anew(self, span_ms: int, now_ms: int, latest_ms: int) -> tuple[Action, Condition]:
        # A moment far ahead is of a clock that is wrong, and would hold everybody up until then.
        far_ms = latest_ms + _MOST_AHEAD_MS
        condition = (
            QuotaItem.taken_until_ms.does_not_exist()
            | (QuotaItem.taken_until_ms < now_ms)
            | (QuotaItem.taken_until_ms > far_ms)
        )
        return QuotaItem.taken_until_ms.set(now_ms + span_ms), condition
