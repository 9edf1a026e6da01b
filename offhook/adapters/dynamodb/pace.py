"""DialPace in DynamoDB: the instants of each account's latest requests, in one item.

pace   runs table, pk `PACE#<name of the account>`, sk `PACE`; gone by `ttl`
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from pynamodb.attributes import JSONAttribute, NumberAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from offhook.adapters.dynamodb.database import Database, Item
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.telephony.ports import RequestKind

WINDOW_SECONDS = 10
# The carrier takes ten: a session check must not wait behind dials, nor a hang-up behind either.
PLACES_FOR_DIALS = 6
PLACES_FOR_CHECKS = 8

_PLACES = {RequestKind.DIAL: PLACES_FOR_DIALS, RequestKind.CHECK: PLACES_FOR_CHECKS}
_WINDOW_MS = WINDOW_SECONDS * 1000
# More than these change nothing: whoever asks for a place waits.
_MOST_INSTANTS = 20
# Each failed attempt means that another process has just counted a request of its own.
_ATTEMPTS = 12
_MOST_ACCOUNTS = 1000
_KEPT_FOR = timedelta(hours=1)


class PaceItem(Item):
    """The latest requests for one account; `counted` is how many there ever were, and guards each change."""

    TABLE = RUNS_TABLE
    KIND = "pace"

    counted = NumberAttribute()
    instants_ms = JSONAttribute()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pace:
    """What this process knows of one account; others may have counted more since, but never less."""

    counted: int = 0
    instants_ms: tuple[int, ...] = ()


class DynamoDialPace:
    """Implements DialPace; a process that alone asks for an account needs one write for each request."""

    def __init__(self, database: Database) -> None:
        self._items = database.items(PaceItem)
        self._known: dict[str, _Pace] = {}

    def wait_seconds(self, account_name: str, now: datetime, kind: RequestKind = RequestKind.DIAL) -> int:
        """Take a place for one request, and return 0; where none is free, take nothing and say when to try again."""
        for _ in range(_ATTEMPTS):
            known = self._known.get(account_name, _Pace())
            if wait_seconds := _wait_seconds(_recent(known, now), now, _PLACES[kind]):
                return wait_seconds
            if self._count(account_name, known, now):
                return 0
        return 1

    def note(self, account_name: str, now: datetime) -> None:
        """Count a request that could not wait for a place, so that others wait the longer for theirs."""
        for _ in range(_ATTEMPTS):
            if self._count(account_name, self._known.get(account_name, _Pace()), now):
                return

    def _count(self, account_name: str, known: _Pace, now: datetime) -> bool:
        """Count one request more than is known; say whether that worked, or else we know now what others counted."""
        counting = [
            PaceItem.counted.set(known.counted + 1),
            PaceItem.instants_ms.set([*_recent(known, now), _ms(now)][-_MOST_INSTANTS:]),
            Path(["kind"]).set(PaceItem.KIND),
            PaceItem.ttl.set(now + _KEPT_FOR),
        ]
        outcome = self._items.change(f"PACE#{account_name}", "PACE", counting, _is_known(known))
        self._remember(account_name, outcome.item)
        return outcome.is_done

    def _remember(self, account_name: str, item: PaceItem | None) -> None:
        if len(self._known) >= _MOST_ACCOUNTS:
            self._known.clear()
        self._known[account_name] = (
            _Pace(counted=int(item.counted), instants_ms=tuple(item.instants_ms)) if item else _Pace()
        )


def _is_known(pace: _Pace) -> Condition:
    if not pace.counted:
        return PaceItem.counted.does_not_exist()
    is_same: Condition = PaceItem.counted == pace.counted
    return is_same


def _recent(pace: _Pace, now: datetime) -> list[int]:
    # An instant far ahead is of a clock that is wrong, and would hold everybody up until then.
    return sorted(at_ms for at_ms in pace.instants_ms if abs(at_ms - _ms(now)) < _WINDOW_MS)


def _wait_seconds(recent_ms: Sequence[int], now: datetime, places: int) -> int:
    """Return how long until so few of these instants are in the window that one of the places is free."""
    if len(recent_ms) < places:
        return 0
    free_ms = recent_ms[len(recent_ms) - places] + _WINDOW_MS
    return min(max(1, ceil((free_ms - _ms(now)) / 1000)), WINDOW_SECONDS)


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
