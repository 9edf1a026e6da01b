"""Hours of days of the week, and whose they are."""

from dataclasses import dataclass
from datetime import time
from enum import IntEnum


class Weekday(IntEnum):
    """A day of the week as `datetime.weekday` counts them."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingWindow:
    """Hours of some days of the week, in the contact's own zone; `closes` is not included, and is later than `opens`."""

    weekdays: tuple[Weekday, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When a campaign may call: in its own windows, and, where it respects those, in the calling hours of the country.

    Without windows they are 9 to 20 of every day that the country allows, or, where nothing is respected, always.
    """

    windows: tuple[CallingWindow, ...] = ()
    respects_country: bool = True
