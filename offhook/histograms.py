"""Histograms of durations that can be added up: how many fell into each bucket, a bucket being a tenth wider than the one before.

A percentile of any sum of them is told within 5 % of the one that all values together would give. What is shorter than a
millisecond counts as 0, and what is longer than two minutes as two minutes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil, log

_GROWTH = 1.1
_LONGEST_MS = 120_000

MOST_BUCKETS = 20
"""Of one histogram that is made here, so that it is added with one small write. Where there are more the lowest fall together,
which no percentile notices that lies above them."""


def bucket_of(duration_ms: float) -> int:
    """Return the number of the bucket: 0 up to a millisecond, else what (1.1^(n-1), 1.1^n] holds."""
    if duration_ms <= 1:
        return 0
    return ceil(log(min(duration_ms, _LONGEST_MS)) / log(_GROWTH))


def histogram(durations_ms: Iterable[float]) -> dict[int, int]:
    """Count the durations by bucket."""
    counts = Counter(map(bucket_of, durations_ms))
    lowest = min(sorted(counts)[-MOST_BUCKETS:], default=0)
    together: Counter[int] = Counter()
    for bucket, count in counts.items():
        together[max(bucket, lowest)] += count
    return dict(together)


def percentile_ms(counts: Mapping[int, int], percent: int) -> int | None:
    """Return the smallest duration that so many percent do not exceed, in whole milliseconds; None of nothing."""
    left = -(-sum(counts.values()) * percent // 100)
    for bucket, count in sorted(counts.items()):
        left -= count
        if left <= 0 < count:
            return _middle_ms(bucket)
    return None


def _middle_ms(bucket: int) -> int:
    """Return what is as far, in percent, from the least that the bucket holds as from the most."""
    return 0 if bucket == 0 else round(2 * _GROWTH**bucket / (_GROWTH + 1))
