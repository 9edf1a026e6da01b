"""When somebody may be called: hours of countries, of campaigns, holidays, and clocks that are changed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import local
from local.generated.calling_hours import calling_hours
from offhook.callinghours import CallingWindow, Hours, Weekday, group_of, local_day, may_call, next_opening
from offhook.callinghours.calendars import is_holiday, is_worked
from offhook.callinghours.countries import RULES
from offhook.callinghours.zones import SEPARATOR, all_zones
from offhook.errors import InvalidInputError

DOCUMENT = Path(local.__file__).parents[1] / "docs" / "calling-hours.md"
BY_COUNTRY = Hours()
ALWAYS = Hours(respects_country=False)
NEW_YORK = "America/New_York"
WEEK = tuple(Weekday)


def window(opens: str, closes: str, *weekdays: Weekday) -> CallingWindow:
    return CallingWindow(
        weekdays=weekdays or WEEK, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
    )


def at(text: str, zone: str = "UTC") -> datetime:
    """Return the instant at which this is on the clock there."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_the_document_that_is_checked_in_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == calling_hours(), "run: make generate"


@pytest.mark.parametrize(
    ("country", "zone", "clock", "is_open"),
    [
        ("US", NEW_YORK, "2026-12-01T08:59:59", False),
        ("US", NEW_YORK, "2026-12-01T09:00", True),
        ("US", NEW_YORK, "2026-12-01T19:59:59", True),
        ("US", NEW_YORK, "2026-12-01T20:00", False),
        ("US", NEW_YORK, "2026-12-05T12:00", True),  # Saturday
        ("US", NEW_YORK, "2026-12-06T12:00", False),  # Sunday
        ("US", NEW_YORK, "2026-11-26T12:00", False),  # Thanksgiving
        ("FR", "Europe/Paris", "2026-12-01T09:59", False),
        ("FR", "Europe/Paris", "2026-12-01T13:30", False),  # lunch
        ("FR", "Europe/Paris", "2026-12-01T14:00", True),
        ("FR", "Europe/Paris", "2026-12-05T14:00", False),  # Saturday
        ("FR", "Europe/Paris", "2027-07-14T14:00", False),
        ("AU", "Australia/Perth", "2026-12-05T16:59", True),  # Saturday
        ("AU", "Australia/Perth", "2026-12-05T17:00", False),
        ("CA", "America/Toronto", "2026-12-06T12:00", True),  # Sunday
        ("CA", "America/Toronto", "2026-12-06T09:59", False),
        ("CA", "America/Toronto", "2026-12-01T20:30", False),  # allowed, and not usual
        # No rule of its own: the usual hours, on its own working days.
        ("DE", "Europe/Berlin", "2026-12-01T19:59", True),
        ("DE", "Europe/Berlin", "2026-12-05T12:00", False),  # Saturday
        ("DE", "Europe/Berlin", "2026-10-03T12:00", False),  # holiday
        ("IL", "Asia/Jerusalem", "2026-12-06T12:00", True),  # Sunday
        ("IL", "Asia/Jerusalem", "2026-12-04T12:00", False),  # Friday
        # A country whose calendar nobody knows, and none at all.
        ("XX", "Asia/Tokyo", "2026-12-04T12:00", True),
        ("", "Asia/Tokyo", "2026-12-05T12:00", False),
    ],
)
def test_countries_have_hours_of_their_own(country: str, zone: str, clock: str, is_open: bool) -> None:
    assert may_call(BY_COUNTRY, country, zone, at(clock, zone)) is is_open


def test_a_campaigns_windows_narrow_what_its_country_allows() -> None:
    evening = Hours(windows=(window("18:00", "23:00", Weekday.TUESDAY, Weekday.SUNDAY),))
    for clock, is_open in (
        ("2026-12-01T17:59", False),
        ("2026-12-01T18:00", True),
        ("2026-12-01T20:00", False),  # beyond the country's hours
        ("2026-12-02T18:00", False),  # Wednesday
        ("2026-12-06T18:00", False),  # Sunday, on which the country allows none
    ):
        assert may_call(evening, "US", NEW_YORK, at(clock, NEW_YORK)) is is_open
    alone = Hours(windows=evening.windows, respects_country=False)
    assert may_call(alone, "US", NEW_YORK, at("2026-12-06T22:59", NEW_YORK))
    # Where the law leaves more than the usual hours, windows of one's own may use them.
    late = Hours(windows=(window("20:00", "22:00"),))
    assert may_call(late, "CA", "America/Toronto", at("2026-12-01T21:29", "America/Toronto"))
    assert not may_call(late, "CA", "America/Toronto", at("2026-12-01T21:30", "America/Toronto"))


def test_where_nothing_is_respected_it_is_always_open() -> None:
    night = at("2026-12-25T03:00", NEW_YORK)
    assert may_call(ALWAYS, "US", NEW_YORK, night)
    assert next_opening(ALWAYS, "US", NEW_YORK, night) == night


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-12-01T12:00", "2026-12-01T12:00"),
        ("2026-12-01T20:00", "2026-12-02T09:00"),
        ("2026-12-05T20:00", "2026-12-07T09:00"),  # over Sunday
        ("2026-12-24T21:00", "2026-12-26T09:00"),  # over Christmas
        ("2027-03-13T21:00", "2027-03-15T09:00"),  # over the beginning of summer time
        ("2027-11-06T21:00", "2027-11-08T09:00"),  # over its end
    ],
)
def test_the_next_opening_is_told(now: str, opening: str) -> None:
    assert next_opening(BY_COUNTRY, "US", NEW_YORK, at(now, NEW_YORK)) == at(opening, NEW_YORK)


def test_what_never_opens_is_told_too() -> None:
    sundays = Hours(windows=(window("10:00", "12:00", Weekday.SUNDAY),))
    assert next_opening(sundays, "US", NEW_YORK, at("2026-12-01T12:00")) is None


def test_an_hour_that_is_left_out_never_opens_and_one_that_is_repeated_opens_twice() -> None:
    early = Hours(windows=(window("02:00", "02:30"),), respects_country=False)
    assert next_opening(early, "US", NEW_YORK, at("2027-03-14T01:59", NEW_YORK)) == at(
        "2027-03-15T02:00", NEW_YORK
    )
    again = Hours(windows=(window("01:30", "01:45"),), respects_country=False)
    first = next_opening(again, "US", NEW_YORK, at("2027-11-07T00:00", NEW_YORK))
    assert first == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)
    assert next_opening(again, "US", NEW_YORK, first + timedelta(minutes=15)) == first + timedelta(hours=1)
    # The clock that jumps over the beginning of a window opens it by its jump.
    over = Hours(windows=(window("02:15", "04:00"),), respects_country=False)
    assert next_opening(over, "US", NEW_YORK, at("2027-03-14T01:00", NEW_YORK)) == at(
        "2027-03-14T03:00", NEW_YORK
    )


@pytest.mark.parametrize(
    ("number", "group"),
    [
        ("+12125550100", ("US", NEW_YORK)),
        ("+14155550100", ("US", "America/Los_Angeles")),
        ("+15555550105", ("US", None)),  # an area that there is not, as the simulated carrier has it
        ("+14165550100", ("CA", "America/Toronto")),
        ("+442079460000", ("GB", "Europe/London")),
        ("+4915112345678", ("DE", "Europe/Berlin")),
        ("+34600111222", ("ES", "Atlantic/Canary,Europe/Madrid")),
    ],
)
def test_a_number_tells_a_country_and_a_zone(number: str, group: tuple[str, str | None]) -> None:
    country, zone = group_of(number)
    assert country == group[0]
    assert zone == (group[1] or zone)


def test_who_may_be_in_several_zones_is_called_when_all_of_them_are_open() -> None:
    """A toll-free number, and one without an area, may be anywhere from New York to Hawaii."""
    for number in ("+18005550100", "+15555550105"):
        country, zone = group_of(number)
        assert {NEW_YORK, "Pacific/Honolulu"} & set(zone.split(SEPARATOR))
        assert "Pacific/Guam" not in zone
        assert not may_call(BY_COUNTRY, country, zone, at("2026-12-01T13:59", NEW_YORK))
        assert may_call(BY_COUNTRY, country, zone, at("2026-12-01T14:00", NEW_YORK))
        opening = next_opening(BY_COUNTRY, country, zone, at("2026-12-01T20:00", NEW_YORK))
        assert opening == at("2026-12-02T14:00", NEW_YORK)
    assert len(group_of("+79161234567")[1].split(SEPARATOR)) == 11


def test_each_group_of_a_large_country_opens_on_most_days() -> None:
    for number in ("+79161234567", "+61412345678", "+6281234567890", "+18005550100", "+5511987654321"):
        opening = next_opening(BY_COUNTRY, *group_of(number), at("2026-12-08T20:00"))
        assert opening is not None
        assert opening < at("2026-12-10T00:00")


def test_a_zone_that_is_given_counts_and_one_that_there_is_not_is_refused() -> None:
    assert group_of("+12125550100", "Europe/Berlin") == ("US", "Europe/Berlin")
    assert group_of("sip:desk@pbx.example.com", "Europe/Berlin") == ("", "Europe/Berlin")
    for zone in ("", "Berlin", "europe/berlin", "../etc/passwd", "Europe", "Europe/Berlin\0", "UTC+1"):
        with pytest.raises(InvalidInputError, match="no such time zone"):
            group_of("+12125550100", zone)
    for number in ("sip:desk@pbx.example.com", "+870773111632", "tomorrow", ""):
        with pytest.raises(InvalidInputError, match="tells no time zone"):
            group_of(number)


def test_the_day_of_somebody_is_that_of_their_zone() -> None:
    assert local_day(NEW_YORK, at("2026-12-02T03:00")) == date(2026, 12, 1)
    assert local_day(f"{NEW_YORK},Pacific/Honolulu", at("2026-12-02T06:00")) == date(2026, 12, 1)


QUARTER = timedelta(minutes=15)
WEEK_S = 7 * 86_400
THREE_YEARS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))


def reference(hours: Hours, country: str, zone: str, now: datetime) -> bool:
    """Say the same as `may_call`, by counting seconds since 1970 and nothing that knows a calendar's clock."""
    for name in zone.split(SEPARATOR):
        offset = ZoneInfo(name).utcoffset(now.astimezone(ZoneInfo(name)))
        assert offset is not None
        days, seconds = divmod(int(now.timestamp() + offset.total_seconds()), 86_400)
        day, weekday = date(1970, 1, 1) + timedelta(days=days), (days + 3) % 7
        windows = [*hours.windows] or ([window("09:00", "20:00")] if hours.respects_country else [])
        if windows and not within(windows, weekday, seconds):
            return False
        if not hours.respects_country:
            continue
        if country in RULES:
            if is_holiday(country, day) or not within(RULES[country].windows, weekday, seconds):
                return False
        elif not is_worked(country, day) or not 9 * 3600 <= seconds < 20 * 3600:
            return False
    return True


def within(windows: object, weekday: int, seconds: int) -> bool:
    assert isinstance(windows, list | tuple)
    return any(
        weekday in map(int, each.weekdays) and since(each.opens) <= seconds < since(each.closes)
        for each in windows
    )


def since(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


@cache
def clocks() -> dict[tuple[tuple[int, int], ...], str]:
    """Return a zone for each way in which any clock of the world goes in three years: all its changes, by their hour."""
    found = {}
    for zone in sorted(all_zones()):
        found[tuple(changes(ZoneInfo(zone)))] = zone
    return found


def changes(zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    begin, end = (int(each.timestamp()) for each in THREE_YEARS)
    former = None
    # No clock is changed and changed back within a week, so that most weeks need one look.
    for week in range(begin, end, WEEK_S):
        if offset_s(zone, week + WEEK_S - 1) == former:
            continue
        for second in range(week, min(week + WEEK_S, end), 6 * 3600):
            if (offset := offset_s(zone, second)) != former:
                former = offset
                yield second, offset


def offset_s(zone: ZoneInfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


COUNTRIES = ("US", "FR", "AU", "CA", "DE", "IL", "")


@cache
def cases() -> list[tuple[str, int]]:
    """Return each change of each clock: its zone and its second."""
    return [(zone, second) for told, zone in clocks().items() for second, _ in told]


@pytest.mark.fuzz
@given(st.data())
def test_any_instant_of_any_zone_is_open_as_a_plain_reference_says(data: st.DataObject) -> None:
    """About each change of each clock: over a week, what is open, and what opens next."""
    zone, second = data.draw(st.sampled_from(cases()))
    times = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
    pairs = st.tuples(times, times).filter(lambda pair: pair[0] < pair[1])
    days = st.frozensets(st.sampled_from(WEEK), min_size=1).map(tuple)
    windows = st.builds(
        lambda pair, on: CallingWindow(weekdays=on, opens=pair[0], closes=pair[1]), pairs, days
    )
    hours = Hours(
        windows=tuple(data.draw(st.lists(windows, max_size=2))), respects_country=data.draw(st.booleans())
    )
    country = data.draw(st.sampled_from(COUNTRIES))
    now = datetime.fromtimestamp(second, UTC) + data.draw(st.integers(-4 * 96, 2 * 96)) * QUARTER
    is_open = reference(hours, country, zone, now)
    assert may_call(hours, country, zone, now) is is_open
    opening = next_opening(hours, country, zone, now)
    later = now
    while later < now + timedelta(days=8) and not reference(hours, country, zone, later):
        later += QUARTER
    if later < now + timedelta(days=8):
        assert opening == later
    else:
        assert opening is None or (opening >= later and reference(hours, country, zone, opening))


def test_each_clock_of_the_world_opens_and_closes_over_each_of_its_changes() -> None:
    """All zones, three years, each hour of the two days about each change, and the opening that follows it."""
    seen = 0
    for zone, second in cases():
        change = datetime.fromtimestamp(second, UTC)
        for hour in range(-24, 25):
            now = change + timedelta(hours=hour)
            assert may_call(BY_COUNTRY, "DE", zone, now) is reference(BY_COUNTRY, "DE", zone, now), (
                zone,
                now,
            )
            seen += 1
        opening = next_opening(BY_COUNTRY, "DE", zone, change)
        assert opening is not None
        assert reference(BY_COUNTRY, "DE", zone, opening)
        assert opening == change or not reference(BY_COUNTRY, "DE", zone, opening - timedelta(seconds=1))
    assert seen > 10_000
