"""When a campaign will be over."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from offhook.callinghours import CallingWindow, Weekday
from offhook.campaigns.model import Campaign, Counts, Group
from offhook.campaigns.progress import RINGING_S, TALKING_S, Progress, opened_after, seconds_left
from tests.support.makers import make_campaign

MONDAY = datetime(2027, 3, 1, 8, tzinfo=UTC)
BERLIN = Group(country="DE", zone="Europe/Berlin")
NEW_YORK = Group(country="US", zone="America/New_York")
MORNINGS = (CallingWindow(weekdays=tuple(Weekday), opens=time(9), closes=time(12)),)
HOUR_S = 3600.0


def progress(counts: Counts, **terms: Any) -> Progress:
    campaign = make_campaign(**{"organization_id": "acme", "max_concurrent_calls": 2, **terms})
    return Progress(campaign=campaign, counts=counts, talking=0, estimated_end_at=None)


@pytest.mark.parametrize(
    ("counts", "terms", "seconds"),
    [
        (Counts(), {}, 0),
        (Counts(contacts=10), {}, 10 * (RINGING_S + TALKING_S) / 2),
        (Counts(contacts=12, duplicates=2), {"calls_per_minute": 1}, 10 * 60),
        # Three calls of 100 s each for each contact so far.
        (Counts(contacts=4, started=2, waiting=1, attempts=3, call_seconds=300, done={"sold": 1}), {}, 540),
        (Counts(contacts=2, started=2, done={"sold": 2}, attempts=2), {}, 0),
    ],
)
def test_what_is_left_takes_as_long_as_what_was(
    counts: Counts, terms: dict[str, Any], seconds: float
) -> None:
    assert seconds_left(progress(counts, **terms)) == pytest.approx(seconds)


def over(campaign: Campaign, hours: float, *groups: Group) -> datetime | None:
    return opened_after(campaign, groups, MONDAY, hours * HOUR_S)


def test_nights_are_passed_over() -> None:
    campaign = make_campaign("acme", windows=MORNINGS, respects_calling_hours=False)
    # At 8 in UTC it is 9 in Berlin, and 3 in New York.
    assert over(campaign, 1.1, BERLIN) == MONDAY + timedelta(hours=1.1)
    assert over(campaign, 4, BERLIN) == MONDAY + timedelta(days=1, hours=1)
    assert over(campaign, 1, NEW_YORK) == MONDAY + timedelta(hours=7)
    assert over(campaign, 4, NEW_YORK, BERLIN) == MONDAY + timedelta(hours=7)


def test_what_never_opens_or_takes_for_months_has_no_end() -> None:
    assert over(make_campaign("acme"), 1) is None
    assert over(replace(make_campaign("acme"), respects_calling_hours=False), 2_000, BERLIN) is None
    # Three hours a day: a walk through a year of openings is not done for a number that nobody relies on.
    rarely = make_campaign("acme", windows=MORNINGS, respects_calling_hours=False)
    assert over(rarely, 200, BERLIN) is None
