"""What a run of the load bench found, and how it is printed."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from offhook.json_types import JsonObject

GENERATOR_LIMIT_MS = 10.0
"""Later than this at p99, the simulated carriers were no carriers, and the figures mean nothing."""


@dataclass(slots=True, kw_only=True)
class Samples:
    """Everything that the simulated carriers saw during the measured window; times in ms."""

    replies: list[float] = field(default_factory=list)
    barge_ins: list[float] = field(default_factory=list)
    lateness: list[float] = field(default_factory=list)
    generator_lateness: list[float] = field(default_factory=list)
    turns: int = 0
    missed_turns: int = 0
    early_turns: int = 0
    missed_barge_ins: int = 0
    underruns: int = 0
    lost_calls: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The figures of one number of calls; None where this machine cannot tell."""

    calls: int
    cpu_ms_per_call_second: float | None
    rss_mb_per_call: float | None
    reply_p50_ms: float
    reply_p95_ms: float
    barge_in_p50_ms: float
    barge_in_p95_ms: float
    lateness_p99_ms: float
    underruns: int
    turns: int
    missed_turns: int
    early_turns: int
    missed_barge_ins: int
    lost_calls: int
    generator_late_p99_ms: float
    other_load_cpus: float | None

    @property
    def is_valid(self) -> bool:
        """Whether the load was what it claims to be."""
        return self.generator_late_p99_ms <= GENERATOR_LIMIT_MS

    def to_json(self) -> JsonObject:
        """Return the figures by name; null for what nothing was measured of."""
        return {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in asdict(self).items()
        }


def make_row(
    calls: int,
    samples: Samples,
    *,
    cpu_ms_per_call_second: float | None,
    rss_mb_per_call: float | None,
    other_load_cpus: float | None,
) -> Row:
    """Sum up one run."""
    return Row(
        calls=calls,
        cpu_ms_per_call_second=cpu_ms_per_call_second,
        rss_mb_per_call=rss_mb_per_call,
        reply_p50_ms=percentile(samples.replies, 50),
        reply_p95_ms=percentile(samples.replies, 95),
        barge_in_p50_ms=percentile(samples.barge_ins, 50),
        barge_in_p95_ms=percentile(samples.barge_ins, 95),
        lateness_p99_ms=percentile(samples.lateness, 99),
        underruns=samples.underruns,
        turns=samples.turns,
        missed_turns=samples.missed_turns,
        early_turns=samples.early_turns,
        missed_barge_ins=samples.missed_barge_ins,
        lost_calls=samples.lost_calls,
        generator_late_p99_ms=percentile(samples.generator_lateness, 99),
        other_load_cpus=other_load_cpus,
    )


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many percent of all do not exceed; nan of none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


HEADER = (
    "calls   CPU ms per   MB per   reply ms     barge-in ms   late ms   under-   turns  missed  early   deaf  lost"
    "   load late  other\n"
    "        call-second    call   p50 / p95    p50 / p95         p99    runs                                     "
    "   p99 ms      CPUs"
)


def line(row: Row) -> str:
    """Return one line of the table."""
    return (
        f"{row.calls:5}   {_number(row.cpu_ms_per_call_second, 2):>11}   {_number(row.rss_mb_per_call, 2):>5}   "
        f"{row.reply_p50_ms:4.0f} / {row.reply_p95_ms:4.0f}   {row.barge_in_p50_ms:4.0f} / {row.barge_in_p95_ms:4.0f}"
        f"    {row.lateness_p99_ms:8.1f}   {row.underruns:5}   {row.turns:5}   {row.missed_turns:5}  {row.early_turns:5}"
        f"  {row.missed_barge_ins:5} {row.lost_calls:5}   {row.generator_late_p99_ms:9.1f}"
        f"  {_number(row.other_load_cpus, 2):>5}"
    )


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
