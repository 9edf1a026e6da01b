"""WaitPlaces in DynamoDB: a numbered place is an item, free where there is none, or where its time is over.

wait   runs table, pk `WAIT#<organization id>`, sk the number; removed when the wait is over, else gone by `ttl`
"""

import random
from datetime import datetime, timedelta

from pynamodb.attributes import UTCDateTimeAttribute

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.runs.ports import MOST_WAITS

# A place that is taken is seldom met while few wait; of all of them four are tried.
_TRIES = 4
_KEPT_FOR = timedelta(hours=1)


class WaitItem(Item):
    """A place that is taken."""

    TABLE = RUNS_TABLE
    KIND = "wait"

    until = UTCDateTimeAttribute()


class DynamoWaitPlaces:
    """Implements WaitPlaces: two writes for each wait, as a rule."""

    def __init__(self, database: Database) -> None:
        self._items = database.items(WaitItem)

    def take(self, organization_id: str, now: datetime, until: datetime) -> int | None:
        taken = [
            WaitItem.of_kind(),
            WaitItem.until.set(until),
            WaitItem.ttl.set(until + _KEPT_FOR),
        ]
        is_free = WaitItem.until.does_not_exist() | (WaitItem.until < now)
        for number in random.sample(range(MOST_WAITS), _TRIES):
            if self._items.change(*_key(organization_id, number), taken, is_free).is_done:
                return number
        return None

    def leave(self, organization_id: str, number: int, until: datetime) -> None:
        self._items.remove(*_key(organization_id, number), WaitItem.until == until)


def _key(organization_id: str, number: int) -> tuple[str, str]:
    return f"WAIT#{organization_id}", str(number)
