"""What a run adds to counters: in which hours and days, and what of it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.analytics.counting import at_end, at_review
from offhook.analytics.metrics import Metric, Sums, figures
from offhook.analytics.model import Addition, Grain, Shelf
from offhook.runs.log.projections import STAGES
from offhook.runs.model import Direction, Review, ReviewStatus, Run, RunStatus
from tests.support.makers import make_run

TEN = datetime(2026, 11, 29, 10, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 30, tzinfo=UTC)


def over(began: datetime = TEN, seconds: float = 90, **changes: Any) -> Run:
    return make_run(
        **{
            "status": RunStatus.COMPLETED,
            "started_at": began,
            "ended_at": began + timedelta(seconds=seconds),
            "disposition": "sold",
            **changes,
        }
    )


def added(run: Run, grain: Grain = Grain.HOUR, shelf: Shelf = Shelf.RUNS) -> dict[datetime, dict[str, int]]:
    """Return what a run adds, by the hours or days that it adds to."""
    return {
        each.start: {name: amount for name, amount in each.amounts.items() if amount}
        for each in at_end(run)
        if (each.grain, each.shelf) == (grain, shelf)
    }


def hours(*runs: Run) -> dict[datetime, Sums]:
    """Return the hours that these runs make."""
    found: dict[datetime, Sums] = {}
    amounts: dict[datetime, Counter[str]] = {}
    for run in runs:
        for start, each in added(run).items():
            amounts.setdefault(start, Counter()).update(each)
    for start, summed in amounts.items():
        found.setdefault(start, Sums()).add(summed)
    return found


def peaks(*runs: Run) -> dict[int, float | None]:
    """Return the most calls that were live at once, by the hour of the day."""
    return {
        start.hour: figures(Metric.CONCURRENCY, sums, 3600)["peak"] for start, sums in hours(*runs).items()
    }


def test_a_run_is_counted_in_the_hour_in_which_it_began_and_its_time_where_it_was_live() -> None:
    late = over(TEN + timedelta(minutes=59), 180, usage={"call_duration_seconds": 100.0})
    first, second = added(late).values()
    assert first == {
        "status#completed": 1,
        "direction#outbound": 1,
        "disposition#sold": 1,
        "dialled": 1,
        "calls": 1,
        "call_ms": 100_000,
        "held_ms": 60_000,
        "live#59": 1,
    }
    assert second == {"held_ms": 120_000, "live#00": 1, "live#02": -1}
    assert list(added(late, Grain.DAY).values()) == [
        {name: amount for name, amount in first.items() if "#5" not in name} | {"held_ms": 180_000}
    ]


def test_a_day_is_cut_at_midnight_of_utc() -> None:
    night = over(MIDNIGHT - timedelta(seconds=30), 45)
    days = added(night, Grain.DAY)
    assert [start.day for start in days] == [29, 30]
    assert [each["held_ms"] for each in days.values()] == [30_000, 15_000]


def test_the_most_calls_at_once_are_those_that_were_live_at_a_full_minute() -> None:
    minute = timedelta(minutes=1)
    # One after the other, then two beside each other that go on into the next hour.
    runs = [
        over(TEN, 59),
        over(TEN + minute, 59),
        over(TEN + 58 * minute, 300),
        over(TEN + 59 * minute, 300),
    ]
    assert peaks(*runs) == {10: 2, 11: 2}
    assert peaks(*runs[:2]) == {10: 1}
    # Between two full minutes, but there.
    assert peaks(over(TEN + timedelta(seconds=5), 20)) == {10: 1}


@pytest.mark.fuzz
@given(
    calls=st.lists(
        st.tuples(st.integers(0, 7199), st.integers(1, 7200)),
        min_size=1,
        max_size=12,
    )
)
def test_full_minutes_are_read_as_they_were(calls: list[tuple[int, int]]) -> None:
    runs = [over(TEN + timedelta(seconds=began), lasted) for began, lasted in calls]
    for start, sums in hours(*runs).items():
        at_minutes = [start + timedelta(minutes=minute) for minute in range(60)]
        live = [sum(run.started_at <= at < run.ended_at for run in runs) for at in at_minutes]  # type: ignore[operator]
        assert sums.peak == max(live)
        assert sums.amounts["held_ms"] >= 0
    held_ms = sum(sums.amounts["held_ms"] for sums in hours(*runs).values())
    assert held_ms == sum(lasted for _, lasted in calls) * 1000


def test_a_process_that_stood_still_for_days_fills_no_days() -> None:
    assert sum(each["held_ms"] for each in added(over(seconds=500_000)).values()) == 7_200_000


def test_a_call_that_never_began_is_counted_when_it_was_called_off() -> None:
    canceled = over(started_at=None, status=RunStatus.CANCELED, disposition=None)
    assert list(added(canceled).values()) == [{"status#canceled": 1, "direction#outbound": 1}]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {"dialled"}),
        ({"answered_at": TEN}, {"dialled", "answered"}),
        ({"answered_at": TEN, "answered_by": "person"}, {"dialled", "answered", "person"}),
        ({"answered_at": TEN, "answered_by": "voicemail"}, {"dialled", "answered", "machine"}),
        ({"answered_at": TEN, "direction": Direction.INBOUND}, set()),
        ({"answered_at": TEN, "direction": Direction.WEB}, set()),
    ],
)
def test_who_was_reached_is_told_of_calls_that_we_placed(changes: dict[str, Any], told: set[str]) -> None:
    counted = added(over(**changes))[TEN]
    assert {name for name in counted if name in ("dialled", "answered", "person", "machine")} == told


def test_runs_of_drafts_add_nothing() -> None:
    tried = over(is_draft=True, review=Review())
    assert at_end(tried) == []
    assert at_review(tried, replace(tried, review=Review(status=ReviewStatus.DONE))) == []


def test_what_is_not_priced_is_told_beside_the_sum_of_what_is() -> None:
    cost = {
        "total_usd": 0.000_003,
        "stt_usd": None,
        "llm_usd": 0.000_003,
        "unpriced": ["x"],
        "price_list": "y",
    }
    sums = hours(over(cost=cost))[TEN]
    shown = figures(Metric.COST, sums, 3600)
    assert (shown["total_usd"], shown["stt_usd"], shown["unpriced_runs"]) == (0.000003, 0, 1)


def test_waits_lie_apart_by_stages_that_no_two_names_confuse() -> None:
    waits = {"total": {"70": 2}, **{stage: {"50": 1} for stage in STAGES}}
    (counted,) = added(over(waits=waits), shelf=Shelf.WAITS).values()
    assert sorted(counted) == ["e50", "m50", "p50", "r50", "s50", "t70", "w50"]
    sums = Sums()
    sums.add(counted)
    shown = figures(Metric.LATENCY, sums, 3600)
    assert shown["turns"] == 2
    assert None not in shown.values()


# --- the disposition, which a review may choose ---

PENDING = Review()


def disposed(additions: list[Addition]) -> list[str]:
    return [name for each in additions for name in each.amounts if name.startswith("disposition#")]


@pytest.mark.parametrize("status", [ReviewStatus.DONE, ReviewStatus.FAILED])
def test_a_disposition_that_a_review_may_choose_is_counted_when_that_is_over(status: ReviewStatus) -> None:
    run = over(review=PENDING)
    assert disposed(at_end(run)) == []
    claimed = replace(run, review=Review(attempts=1))
    assert at_review(run, claimed) == []
    reviewed = replace(claimed, disposition="lost", review=Review(attempts=1, status=status))
    assert disposed(at_review(claimed, reviewed)) == ["disposition#lost"] * 2
    assert {each.start for each in at_review(claimed, reviewed)} == {TEN, TEN.replace(hour=0)}


def test_whoever_has_a_call_judged_anew_counts_nothing_anew() -> None:
    run = over(review=Review(asked_at=TEN))
    assert disposed(at_end(run)) == ["disposition#sold"] * 2
    assert at_review(run, replace(run, review=Review(asked_at=TEN, status=ReviewStatus.DONE))) == []


def test_a_call_that_never_began_has_nothing_that_a_review_could_choose_by() -> None:
    run = over(started_at=None, review=PENDING)
    assert disposed(at_end(run)) == ["disposition#sold"] * 2
    assert at_review(run, replace(run, review=Review(status=ReviewStatus.DONE))) == []
