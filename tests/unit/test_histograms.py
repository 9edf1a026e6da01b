"""Histograms that are added up tell percentiles as all values together would, within 5 %."""

from collections import Counter
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.histograms import MOST_BUCKETS, bucket_of, histogram, percentile_ms

DURATIONS = st.lists(st.floats(min_value=2, max_value=120_000), min_size=1, max_size=MOST_BUCKETS)


def exact_ms(durations: list[float], percent: int) -> float:
    return sorted(durations)[ceil(len(durations) * percent / 100) - 1]


@pytest.mark.fuzz
@given(runs=st.lists(DURATIONS, min_size=1, max_size=6), percent=st.sampled_from([1, 50, 95, 100]))
def test_a_percentile_of_sums_is_that_of_all_values_within_five_percent(
    runs: list[list[float]], percent: int
) -> None:
    summed: Counter[int] = Counter()
    for durations in runs:
        summed.update(histogram(durations))
    told = percentile_ms(summed, percent)
    assert told is not None
    # Half a millisecond is rounded away beside that.
    exact = exact_ms([each for durations in runs for each in durations], percent)
    assert abs(told - exact) <= exact * 0.05 + 0.5


@pytest.mark.parametrize(
    ("duration_ms", "bucket"), [(-3, 0), (0, 0), (1, 0), (1.05, 1), (120_000, 123), (1e9, 123)]
)
def test_what_is_beyond_both_ends_lies_in_the_last_bucket(duration_ms: float, bucket: int) -> None:
    assert bucket_of(duration_ms) == bucket


def test_nothing_has_no_percentile_and_no_wait_is_none() -> None:
    assert percentile_ms({}, 50) is None
    assert percentile_ms(histogram([]), 95) is None
    assert percentile_ms(histogram([0.0, 0.4]), 95) == 0


def test_a_histogram_is_small_whatever_it_counts_and_its_upper_percentiles_stay_as_they_are() -> None:
    durations = [1.1**number for number in range(1, 120)]
    counts = histogram(durations)
    assert len(counts) == MOST_BUCKETS
    assert sum(counts.values()) == len(durations)
    told = percentile_ms(counts, 95)
    assert told is not None
    assert abs(told / exact_ms(durations, 95) - 1) <= 0.05
