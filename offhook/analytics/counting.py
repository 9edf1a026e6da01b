"""What a run adds to its organization's counters: once when it ends, and its disposition once that is settled.

It is counted in the hour in which it began, also when it ends in another one; but the time for which it held a place is
counted in the hours in which it did. Runs of drafts, which somebody tries an agent with, add nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from offhook.analytics import names
from offhook.analytics.model import Addition, Grain, Shelf
from offhook.json_types import JsonObject, figure
from offhook.runs.model import Direction, ReviewStatus, Run
from offhook.vocabulary import AnsweredBy

_MICRO = 1_000_000
_MINUTE = timedelta(minutes=1)
# A call lasts an hour at most; what is longer is a process that stood still, and would add to many hours.
_LONGEST = timedelta(hours=2)


def at_end(run: Run) -> list[Addition]:
    """Return what a run adds when it is over."""
    if run.is_draft:
        return []
    return [*_counted(run, Grain.HOUR), *_counted(run, Grain.DAY)]


def at_review(former: Run, reviewed: Run) -> list[Addition]:
    """Return what a run adds when its review ends, for which its disposition was left open; nothing at any other step."""
    if former.is_draft or not _is_open(former) or _is_open(reviewed):
        return []
    amounts = _disposition(reviewed)
    return [
        Addition(shelf=Shelf.RUNS, grain=grain, start=grain.start_of(_counted_at(former)), amounts=amounts)
        for grain in Grain
        if amounts
    ]


def without_names(addition: Addition) -> Addition:
    """Return an addition whose dispositions, which may be any texts, are counted together."""
    amounts: Counter[str] = Counter()
    for name, amount in addition.amounts.items():
        amounts[names.disposition(names.OTHERS) if name.startswith(names.DISPOSITION) else name] += amount
    return replace(addition, amounts=amounts)


def _counted(run: Run, grain: Grain) -> Iterator[Addition]:
    start = grain.start_of(_counted_at(run))
    amounts: defaultdict[datetime, Counter[str]] = defaultdict(Counter)
    amounts[start].update(_facts(run))
    for since, until in _held(run, grain):
        within = amounts[grain.start_of(since)]
        within[names.HELD_MS] += _milliseconds(until - since)
        if grain is Grain.HOUR:
            within.update(_readings(since, until))
    for each, counted in amounts.items():
        yield Addition(shelf=Shelf.RUNS, grain=grain, start=each, amounts=counted)
    if run.waits:
        yield Addition(shelf=Shelf.WAITS, grain=grain, start=start, amounts=_waits(run.waits))


def _counted_at(run: Run) -> datetime:
    return run.started_at or run.ended_at or run.created_at


def _facts(run: Run) -> Counter[str]:
    facts = Counter([f"{names.STATUS}{run.status}", f"{names.DIRECTION}{run.direction}"])
    facts += _answer(run) + _used(run)
    return facts if _is_open(run) else facts + _disposition(run)


def _answer(run: Run) -> Counter[str]:
    if run.direction is not Direction.OUTBOUND or run.started_at is None:
        return Counter()
    if run.answered_at is None:
        return Counter([names.DIALLED])
    if run.answered_by is None:
        return Counter([names.DIALLED, names.ANSWERED])
    who = names.PERSON if run.answered_by == AnsweredBy.PERSON else names.MACHINE
    return Counter([names.DIALLED, names.ANSWERED, who])


def _disposition(run: Run) -> Counter[str]:
    return Counter([names.disposition(run.disposition)] if run.disposition else [])


def _is_open(run: Run) -> bool:
    """Say whether a model may still choose the disposition; a call that never began has nothing to choose by."""
    review = run.review
    is_wanted = review is not None and review.asked_at is None and review.status is ReviewStatus.PENDING
    return is_wanted and run.started_at is not None


def _used(run: Run) -> Counter[str]:
    cost, seconds = run.cost or {}, figure(run.usage, "call_duration_seconds")
    used = Counter({names.cost(part): round(figure(cost, part) * _MICRO) for part in names.COST_PARTS})
    used[names.UNPRICED] = int(bool(cost.get("unpriced")))
    used[names.CALLS] = int(seconds > 0)
    used[names.CALL_MS] = round(seconds * 1000)
    return used


def _waits(histograms: JsonObject) -> Counter[str]:
    return Counter(
        {
            f"{names.waits(stage)}{bucket}": count
            for stage, buckets in histograms.items()
            if isinstance(buckets, dict)
            for bucket, count in buckets.items()
            if isinstance(count, int)
        }
    )


def _held(run: Run, grain: Grain) -> Iterator[tuple[datetime, datetime]]:
    """Yield for how long the run held a place, cut where an hour or a day ends."""
    if run.started_at is None or run.ended_at is None:
        return
    since, end = run.started_at, min(run.ended_at, run.started_at + _LONGEST)
    while since < end:
        until = min(end, grain.start_of(since) + grain.length)
        yield since, until
        since = until


def _readings(since: datetime, until: datetime) -> dict[str, int]:
    """Return what makes the call count at each full minute of this hour from `since` to before `until`.

    Kept as differences to the minute before: so a call changes two numbers, however long it was.
    """
    hour = Grain.HOUR.start_of(since)
    first, after = -(-(since - hour) // _MINUTE), -(-(until - hour) // _MINUTE)
    if first == after:
        return {}
    # What goes on into the next hour is begun anew there.
    return {names.live(first): 1} | ({names.live(after): -1} if after < 60 else {})


def _milliseconds(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
