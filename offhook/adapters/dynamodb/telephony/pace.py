"""DialPace in DynamoDB: the instants of each account's latest requests, in one item.

pace       runs table, pk `PACE#<provider>#<account>`, sk `PACE`; gone by `ttl`
unproved   likewise, pk `PACE#<provider>#<account>#unproved`
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from pynamodb.attributes import JSONAttribute, NumberAttribute
from pynamodb.expressions.condition import Condition

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.remembered import Remembered
from offhook.telephony.pace import PaceName, RequestKind, RequestPace

# Each failed attempt means that another process has just counted a request of its own.
_ATTEMPTS = 12
_MOST_ACCOUNTS = 1000
_KEPT_FOR = timedelta(hours=1)


class PaceItem(Item):
    """The latest requests for one account; `counted` is how often they have changed, and guards each change."""

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
        self._known: Remembered[PaceName, _Pace] = Remembered(_MOST_ACCOUNTS)

    def wait_seconds(self, name: PaceName, now: datetime, kind: RequestKind = RequestKind.DIAL) -> int:
        if kind is RequestKind.UNPROVED:
            return self._take_unproved(name, now)
        return self._take_place(name, now, kind)

    def _take_unproved(self, name: PaceName, now: datetime) -> int:
        known, check = self._known_of(name), RequestKind.CHECK
        # A flood of them costs no writes where it is known that nobody may check.
        wait_seconds = _wait_seconds(known, now, self._pace_of(name.provider), check) or self._take_place(
            _unproved(name), now, RequestKind.UNPROVED
        )
        if not wait_seconds and (wait_seconds := self._take_place(name, now, check)):
            self.give_back(name, now)
        return wait_seconds

    def _take_place(self, name: PaceName, now: datetime, kind: RequestKind) -> int:
        pace = self._pace_of(name.provider)
        for _ in range(_ATTEMPTS):
            known = self._known_of(name)
            if wait_seconds := _wait_seconds(known, now, pace, kind):
                return wait_seconds
            if self._store(name, known, now, [*_recent(known, now, pace), _ms(now)]):
                return 0
        return 1

    def note(self, name: PaceName, now: datetime) -> None:
        self._change(name, now, lambda recent_ms: [*recent_ms, _ms(now)])

    def give_back(self, name: PaceName, now: datetime) -> None:
        self._change(_unproved(name), now, lambda recent_ms: recent_ms[:-1])

    def _change(self, name: PaceName, now: datetime, change: Callable[[list[int]], list[int]]) -> None:
        pace = self._pace_of(name.provider)
        for _ in range(_ATTEMPTS):
            known = self._known_of(name)
            if self._store(name, known, now, change(_recent(known, now, pace))):
                return

    def _store(self, name: PaceName, known: _Pace, now: datetime, instants_ms: Sequence[int]) -> bool:
        """Store these in place of what is known; say whether that worked, or else we know now what others stored."""
        # More than twice what is allowed change nothing: whoever asks for a place waits.
        most = 2 * self._pace_of(name.provider).requests
        counting = [
            PaceItem.counted.set(known.counted + 1),
            PaceItem.instants_ms.set([*instants_ms[-most:]]),
            PaceItem.of_kind(),
            PaceItem.ttl.set(now + _KEPT_FOR),
        ]
        outcome = self._items.change(
            f"PACE#{name.provider}#{name.account}", "PACE", counting, _is_known(known)
        )
        self._known.put(name, _to_pace(outcome.item))
        return outcome.is_done

    def _known_of(self, name: PaceName) -> _Pace:
        return self._known.get(name) or _Pace()


def _to_pace(item: PaceItem | None) -> _Pace:
    return _Pace(counted=int(item.counted), instants_ms=tuple(item.instants_ms)) if item else _Pace()


def _unproved(name: PaceName) -> PaceName:
    return name._replace(account=f"{name.account}#unproved")


def _is_known(known: _Pace) -> Condition:
    if not known.counted:
        return PaceItem.counted.does_not_exist()
    return PaceItem.counted == known.counted


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
