"""How often campaigns have called a number in a day, in DynamoDB.

calls   runs table, pk `DIALLED#<organization>#<SHA-256 of the number, 32 digits>`, sk the day; gone by `ttl`
"""

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from pynamodb.expressions.condition import size
from pynamodb.expressions.operand import Path

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.tables import RUNS_TABLE

_RUNS = Path(["runs"])
# The day may be over later elsewhere, and whoever looks back at a complaint wants it a little longer.
_KEPT_FOR = timedelta(days=7)


class DialledItem(Item):
    """The runs that have called a number in one day: a set of their ids, `runs`."""

    TABLE = RUNS_TABLE
    KIND = "dialled"


class DynamoDialledToday:
    """Implements DialledToday."""

    def __init__(self, database: Database) -> None:
        self._items = database.items(DialledItem)

    def take(self, organization_id: str, number: str, day: date, run_id: int, *, most: int) -> bool:
        if most <= 0:
            return False
        is_counted = _RUNS.contains({"N": str(run_id)})
        has_room = _RUNS.does_not_exist() | (size(_RUNS) < most)  # type: ignore[no-untyped-call]
        lasting = datetime.combine(day, time(0), UTC) + _KEPT_FOR
        actions = [_RUNS.add({run_id}), DialledItem.of_kind(), DialledItem.ttl.set(lasting)]
        return self._items.change(*_key(organization_id, number, day), actions, is_counted | has_room).is_done

    def give_back(self, organization_id: str, number: str, day: date, run_id: int) -> None:
        self._items.change(*_key(organization_id, number, day), [_RUNS.delete({run_id})], Item.pk.exists())


def _key(organization_id: str, number: str, day: date) -> tuple[str, str]:
    name = sha256(number.encode()).hexdigest()[:32]
    return f"DIALLED#{organization_id}#{name}", day.isoformat()
