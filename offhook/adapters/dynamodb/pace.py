"""DialPace in DynamoDB: one counter for each window of ten seconds.

window   runs table, pk `PACE#<Cloudonix domain>`, sk the window's first second since 1970; gone by `ttl`
"""

from datetime import UTC, datetime, timedelta
from math import ceil

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.operand import Path

from offhook.adapters.dynamodb.database import Database, Item
from offhook.adapters.dynamodb.tables import RUNS_TABLE

WINDOW_SECONDS = 10
# The carrier takes ten; a hang-up must not wait behind dials.
PLACES_FOR_DIALS = 8

_KEPT_FOR = timedelta(hours=1)


class WindowItem(Item):
    """The places that are taken in one window of one domain."""

    TABLE = RUNS_TABLE
    KIND = "dial-window"

    taken = NumberAttribute()


class DynamoDialPace:
    """Implements DialPace."""

    def __init__(self, database: Database) -> None:
        self._windows = database.items(WindowItem)

    def wait_seconds(self, cloudonix_domain: str, now: datetime) -> int:
        """Take a place for one request, and return 0; where none is free, take nothing and say when to try again."""
        start_s = int(now.timestamp()) // WINDOW_SECONDS * WINDOW_SECONDS
        start = datetime.fromtimestamp(start_s, UTC)
        taking = [
            WindowItem.taken.add(1),
            Path(["kind"]).set(WindowItem.KIND),
            WindowItem.ttl.set(start + _KEPT_FOR),
        ]
        is_free = WindowItem.taken.does_not_exist() | (WindowItem.taken < PLACES_FOR_DIALS)
        if self._windows.change(f"PACE#{cloudonix_domain}", str(start_s), taking, is_free).is_done:
            return 0
        return ceil((start + timedelta(seconds=WINDOW_SECONDS) - now).total_seconds())
