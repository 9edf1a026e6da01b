"""Whether somebody may be called at an instant, and when that is next so."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from offhook.callinghours.calendars import is_holiday, is_worked
from offhook.callinghours.countries import RULES, USUAL
from offhook.callinghours.model import CallingWindow, Hours
from offhook.callinghours.zones import zones_of

HORIZON_DAYS = 60
"""No window of the week is closed for so long by holidays alone: what does not open until then never does."""

_MIDNIGHT = time(0)
_DAY = timedelta(days=1)
_SECONDS_OF_DAY = 86_400


def may_call(hours: Hours, country: str, zone: str, now: datetime) -> bool:
    """Say whether a contact of this group may be called at this instant: in each zone that they may be in.

    What counts is the clock on their wall: an hour that summer time repeats is open twice, one that it leaves out never.
    """
    return all(_is_open(hours, country, now.astimezone(each)) for each in zones_of(zone))


def next_opening(hours: Hours, country: str, zone: str, now: datetime) -> datetime | None:
    """Return the first instant from now on at which a contact of this group may be called; None if there is none."""
    if may_call(hours, country, zone, now):
        return now
    zones, opens = zones_of(zone), _opens(hours, country)
    begin = datetime.combine(now.astimezone(UTC), _MIDNIGHT, UTC)
    for _ in range(HORIZON_DAYS):
        turns = {turn for each in zones for turn in _turns(each, begin, opens) if turn > now}
        for turn in sorted(turns):
            if may_call(hours, country, zone, turn):
                return turn
        begin += _DAY
    return None


def _is_open(hours: Hours, country: str, local: datetime) -> bool:
    windows = hours.windows or (USUAL if hours.respects_country else ())
    if windows and not _is_within(windows, local):
        return False
    return not hours.respects_country or _is_allowed(country, local)


def _is_allowed(country: str, local: datetime) -> bool:
    rule = RULES.get(country)
    if rule is None:
        return _is_within(USUAL, local) and is_worked(country, local.date())
    return _is_within(rule.windows, local) and not is_holiday(country, local.date())


def _is_within(windows: Sequence[CallingWindow], local: datetime) -> bool:
    day, clock = local.weekday(), local.time()
    return any(day in each.weekdays and each.opens <= clock < each.closes for each in windows)


def _opens(hours: Hours, country: str) -> set[time]:
    """Return the times of day at which anything may open; a new day is one, since it is another day of the week."""
    rule = RULES.get(country)
    windows = [*hours.windows, *USUAL, *(rule.windows if rule else ())]
    return {_MIDNIGHT, *(each.opens for each in windows)}


def _turns(zone: ZoneInfo, begin: datetime, opens: set[time]) -> Iterator[datetime]:
    """Yield the instants of one day in UTC at which the zone's clock comes to one of these times, or is changed."""
    end = begin + _DAY
    for day in (begin.date() - _DAY, begin.date(), end.date()):
        for clock in opens:
            local = datetime.combine(day, clock, zone)
            # An hour that is repeated opens twice.
            both = (local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
            yield from (turn for turn in both if begin <= turn < end)
    if _offset(zone, begin) != _offset(zone, end):
        yield _change(zone, begin, end)


def _change(zone: ZoneInfo, begin: datetime, end: datetime) -> datetime:
    """Return the first second at which the clock goes as it does at the end of the day."""
    after = _offset(zone, end)

    def is_changed(second: int) -> bool:
        return _offset(zone, begin + timedelta(seconds=second)) == after

    return begin + timedelta(seconds=bisect_left(range(_SECONDS_OF_DAY), True, key=is_changed))


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()
