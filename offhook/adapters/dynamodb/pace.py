"""DialPace in DynamoDB: the instants of each account's latest requests, in one item.

pace       runs table, pk `PACE#<provider>#<account>`, sk `PACE`; gone by `ttl`
unproved   likewise, pk `PACE#<provider>#<account>#unproved`
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from pynamodb.attributes import JSONAttribute, NumberAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from offhook.adapters.dynamodb.database import Database, Item
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.telephony.pace import PaceName, RequestKind, RequestPace

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

    def __init__(self, database: Database, pace_of: Callable[[str], RequestPace]) -> None:
        self._items = database.items(PaceItem)
        self._pace_of = pace_of
        self._known: dict[PaceName, _Pace] = {}

    def wait_seconds(self, name: PaceName, now: datetime, kind: RequestKind = RequestKind.DIAL) -> int:
        """Take a place for one request, and return 0; where none is free, say when to try again."""
        if kind is RequestKind.UNPROVED:
            own = name._replace(account=f"{name.account}#unproved")
            if wait_seconds := self._take_place(own, now, kind):
                return wait_seconds
            kind = RequestKind.CHECK
        return self._take_place(name, now, kind)

    def _take_place(self, name: PaceName, now: datetime, kind: RequestKind) -> int:
        pace = self._pace_of(name.provider)
        for _ in range(_ATTEMPTS):
            known = self._known.get(name, _Pace())
            if wait_seconds := _wait_seconds(known, now, pace, kind):
                return wait_seconds
            if self._count(name, known, now, pace):
                return 0
        return 1

    def note(self, name: PaceName, now: datetime) -> None:
        """Count a request that could not wait for a place, so that others wait the longer for theirs."""
        pace = self._pace_of(name.provider)
        for _ in range(_ATTEMPTS):
            if self._count(name, self._known.get(name, _Pace()), now, pace):
                return

    def _count(self, name: PaceName, known: _Pace, now: datetime, pace: RequestPace) -> bool:
        """Count one request more than is known; say whether that worked, or else we know now what others counted."""
        # More than twice what is allowed change nothing: whoever asks for a place waits.
        latest = [*_recent(known, now, pace), _ms(now)][-2 * pace.requests :]
        counting = [
            PaceItem.counted.set(known.counted + 1),
            PaceItem.instants_ms.set(latest),
            Path(["kind"]).set(PaceItem.KIND),
            PaceItem.ttl.set(now + _KEPT_FOR),
        ]
        outcome = self._items.change(
            f"PACE#{name.provider}#{name.account}", "PACE", counting, _is_known(known)
        )
        self._remember(name, outcome.item)
        return outcome.is_done

    def _remember(self, name: PaceName, item: PaceItem | None) -> None:
        if len(self._known) >= _MOST_ACCOUNTS:
            self._known.clear()
        self._known[name] = (
            _Pace(counted=int(item.counted), instants_ms=tuple(item.instants_ms)) if item else _Pace()
        )


def _is_known(known: _Pace) -> Condition:
    if not known.counted:
        return PaceItem.counted.does_not_exist()
    is_same: Condition = PaceItem.counted == known.counted
    return is_same


def _recent(known: _Pace, now: datetime, pace: RequestPace) -> list[int]:
    # An instant far ahead is of a clock that is wrong, and would hold everybody up until then.
    return sorted(at_ms for at_ms in known.instants_ms if abs(at_ms - _ms(now)) < pace.window_seconds * 1000)


def _wait_seconds(known: _Pace, now: datetime, pace: RequestPace, kind: RequestKind) -> int:
    """Return how long until so few of the latest requests are in the window that one of the places is free."""
    recent_ms, places = _recent(known, now, pace), pace.places(kind)
    if len(recent_ms) < places:
        return 0
    free_ms = recent_ms[len(recent_ms) - places] + pace.window_seconds * 1000
    return min(max(1, ceil((free_ms - _ms(now)) / 1000)), pace.window_seconds)


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
