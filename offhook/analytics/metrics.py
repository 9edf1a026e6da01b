"""What counters say of each metric: figures by name, in the order in which they are shown."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil

from offhook.analytics import names
from offhook.analytics.model import Shelf
from offhook.histograms import percentile_ms
from offhook.runs.log.projections import STAGES
from offhook.runs.model import Direction, RunStatus

Figures = dict[str, float | None]

PEAK = "peak"

_MICRO = 1_000_000
_TOTAL = "total"
_PERCENTS = (50, 95)


class Metric(StrEnum):
    """What can be asked for."""

    RUNS = "runs"
    DISPOSITIONS = "dispositions"
    ANSWER_RATE = "answer_rate"
    LATENCY = "latency"
    COST = "cost"
    CONCURRENCY = "concurrency"
    MINUTES = "minutes"

    @property
    def shelf(self) -> Shelf:
        """Where its counters lie."""
        return Shelf.WAITS if self is Metric.LATENCY else Shelf.RUNS


@dataclass(slots=True)
class Sums:
    """Counters of some hours or days, added up; `peak` is the most calls that were live at a full minute of one of them."""

    amounts: Counter[str] = field(default_factory=Counter)
    peak: int = 0

    def add(self, amounts: Mapping[str, int]) -> None:
        """Add those of one hour or day."""
        self.amounts.update(amounts)
        self.peak = max(self.peak, _peak(amounts))

    def after(self, prefix: str) -> dict[str, int]:
        """Return those whose names begin so, by what follows that."""
        found = (
            (name.removeprefix(prefix), amount)
            for name, amount in self.amounts.items()
            if name.startswith(prefix)
        )
        return dict(found)


def figures(metric: Metric, sums: Sums, seconds: float) -> Figures:
    """Return what the sums of so many seconds say of a metric."""
    return _SHOWN[metric](sums, seconds)


def _peak(amounts: Mapping[str, int]) -> int:
    live = most = 0
    for name in sorted(name for name in amounts if name.startswith(names.LIVE)):
        live += amounts[name]
        most = max(most, live)
    return most


def _runs(sums: Sums, _: float) -> Figures:
    by_status, by_direction = sums.after(names.STATUS), sums.after(names.DIRECTION)
    return {
        "total": sum(by_status.values()),
        **{each.value: by_status.get(each, 0) for each in RunStatus if each.is_final},
        **{each.value: by_direction.get(each, 0) for each in Direction},
    }


def _dispositions(sums: Sums, _: float) -> Figures:
    return {**sums.after(names.DISPOSITION)}


def _answer_rate(sums: Sums, _: float) -> Figures:
    told = (names.DIALLED, names.ANSWERED, names.PERSON, names.MACHINE)
    dialled, answered, person, machine = (sums.amounts[name] for name in told)
    return {
        "dialled": dialled,
        "answered": answered,
        "person": person,
        "machine": machine,
        "rate": _ratio(answered, dialled),
        "person_rate": _ratio(person, dialled),
    }


def _latency(sums: Sums, _: float) -> Figures:
    shown: Figures = {}
    for stage in (_TOTAL, *STAGES):
        counts = {int(bucket): count for bucket, count in sums.after(names.waits(stage)).items()}
        prefix = "" if stage == _TOTAL else f"{stage}_"
        if stage == _TOTAL:
            shown["turns"] = sum(counts.values())
        shown |= {f"{prefix}p{percent}_ms": percentile_ms(counts, percent) for percent in _PERCENTS}
    return shown


def _cost(sums: Sums, _: float) -> Figures:
    parts = {part: sums.amounts[names.cost(part)] / _MICRO for part in names.COST_PARTS}
    return {**parts, "unpriced_runs": sums.amounts[names.UNPRICED]}


def _concurrency(sums: Sums, seconds: float) -> Figures:
    average = sums.amounts[names.HELD_MS] / 1000 / seconds if seconds else 0.0
    # A short call may lie between two full minutes: but no average is above its peak.
    return {"average": round(average, 3), PEAK: max(sums.peak, ceil(average))}


def _minutes(sums: Sums, _: float) -> Figures:
    calls, call_ms = sums.amounts[names.CALLS], sums.amounts[names.CALL_MS]
    average = _ratio(call_ms, calls)
    return {
        "minutes": round(call_ms / 60_000, 3),
        "calls": calls,
        "average_seconds": None if average is None else round(average / 1000, 3),
    }


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


_SHOWN: Mapping[Metric, Callable[[Sums, float], Figures]] = {
    Metric.RUNS: _runs,
    Metric.DISPOSITIONS: _dispositions,
    Metric.ANSWER_RATE: _answer_rate,
    Metric.LATENCY: _latency,
    Metric.COST: _cost,
    Metric.CONCURRENCY: _concurrency,
    Metric.MINUTES: _minutes,
}
