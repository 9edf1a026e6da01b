"""The calendars of countries: which days are worked, and which are public holidays."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

# A campaign calls a few countries, in this year and the next.
_CALENDARS_KEPT = 512


def is_holiday(country: str, day: date) -> bool:
    """Say whether a day is a public holiday in all of a country (ISO 3166); one whose calendar nobody knows has none."""
    calendar = _calendar(country, day.year)
    return calendar is not None and day in calendar


def is_worked(country: str, day: date) -> bool:
    """Say whether a day is neither a holiday nor of the country's weekend, which is not everywhere Saturday and Sunday."""
    calendar = _calendar(country, day.year)
    return day.weekday() < 5 if calendar is None else calendar.is_working_day(day)


@lru_cache(_CALENDARS_KEPT)
def _calendar(country: str, year: int) -> HolidayBase | None:
    # A fifth of a second to import, which only who asks for a calendar should pay for.
    import holidays

    try:
        # Of the one year, and no other by itself: it is shared between threads.
        return holidays.country_holidays(country, years=year, expand=False)
    except NotImplementedError:
        return None
