"""When a call-back was promised for: what callers and models say of an instant, read in a time zone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from offhook.errors import InvalidInputError
from offhook.runs.waking import MOST_AHEAD

MAX_REASON_CHARACTERS = 200

_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:\s*[:.h]\s*(?P<minute>\d{2}))?\s*(?:(?P<half>[ap])\.?m\.?|uhr|h|o'clock)?",
    re.IGNORECASE | re.ASCII,
)
_NOON = 12


def call_back_at(
    *, day: str, time_: str, time_zone: str, in_minutes: float | None, said_at: datetime
) -> datetime:
    """Return the instant (UTC) that was meant: so many minutes from when it was said, or a day and a time in the zone.

    The day is ISO 8601, and today or tomorrow where it is empty; the time is such as `15:30`, `9` or `3 pm`. Raises
    InvalidInputError, whose sentence may be told to a model, for what is none, is over, or is too far ahead.
    """
    if in_minutes is not None:
        # Bounded before it is added: there is no instant a million years ahead. What is no number is none.
        instant = said_at + min(timedelta(minutes=min(max(0.0, in_minutes), 1e6)), 2 * MOST_AHEAD)
    else:
        instant = _local(day, _time(time_), _zone(time_zone), said_at)
    if not said_at < instant <= said_at + MOST_AHEAD:
        raise InvalidInputError(
            f"A call-back is placed later than now, and within {MOST_AHEAD.days} days: agree on another time."
        )
    return instant


def _local(day: str, at: time, zone: ZoneInfo, said_at: datetime) -> datetime:
    if day.strip():
        return _in_utc(datetime.combine(_day(day), at, zone))
    today = datetime.combine(said_at.astimezone(zone).date(), at, zone)
    return _in_utc(today if today > said_at else today + timedelta(days=1))


def _in_utc(local: datetime) -> datetime:
    try:
        return local.astimezone(UTC)
    except OverflowError:
        raise InvalidInputError("Write a day of this year or the next.") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInputError("Write the day as 2026-12-01.") from None


def _time(text: str) -> time:
    found = _TIME.fullmatch(text.strip())
    hour, minute = (int(found["hour"]), int(found["minute"] or 0)) if found else (99, 0)
    half = found["half"] if found else None
    if half and 1 <= hour <= _NOON:
        hour = hour % _NOON + (_NOON if half in "pP" else 0)
    elif half:
        hour = 99
    if hour > 23 or minute > 59:
        raise InvalidInputError("Write the time of day as 15:30.")
    return time(hour, minute)


def _zone(name: str) -> ZoneInfo:
    # All that a workflow can hold is much to import, and few calls promise another one.
    from offhook.workflows.templates import zone_of

    zone = zone_of(name)
    if zone is None:
        raise InvalidInputError("There is no time zone of this name; write one such as Europe/Madrid.")
    return zone
