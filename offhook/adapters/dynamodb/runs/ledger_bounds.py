"""The limits of an organization as bounds on its ledger: conditions of a write, and the words of a refusal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import ceil

from pynamodb.expressions.condition import Condition, size

from offhook.adapters.dynamodb.runs.ledger_item import (
    LIVE,
    QUEUED,
    LedgerItem,
    agent_set,
    campaign_counter,
    day_counter,
    minute_counter,
    month_counter,
    part,
)
from offhook.errors import LimitReachedError, OffhookError, QuotaExceededError
from offhook.runs.ledger import MAX_QUEUED, Admission

MICRO_USD = 1_000_000
_BUSY_RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A set or a counter that must be below `most` before a run gets its place, and the error if it is not."""

    name: str
    most: int
    is_set: bool = False
    refusal: Callable[[], OffhookError]

    @property
    def condition(self) -> Condition:
        """Say the same to DynamoDB; what is not there counts as nothing."""
        measure = part(self.name)
        if self.is_set:
            measure = size(measure)  # type: ignore[no-untyped-call]
        if self.most <= 0:
            nothing_allowed: Condition = part(self.name).exists() & (measure < 0)
            return nothing_allowed
        below: Condition = part(self.name).does_not_exist() | (measure < self.most)
        return below

    def is_reached(self, ledger: LedgerItem) -> bool:
        """Say whether the ledger leaves no room."""
        return (len(ledger.members(self.name)) if self.is_set else ledger.amount(self.name)) >= self.most


def bounds_of_admission(admission: Admission, now: datetime) -> list[Bound]:
    """Return what bounds the runs that may be live, in the order in which a refusal tells of them."""
    bounds = list(_bounds_of_use(admission, now))
    bounds.append(_bound_of_places(admission))
    if admission.campaign is not None:
        name, most = campaign_counter(admission.campaign, now), admission.campaign.calls_per_minute
        bounds.append(Bound(name=name, most=most, refusal=partial(_campaign_too_fast, now)))
    if admission.agent_limit is not None:
        name = agent_set(admission.agent_uuid)
        bounds.append(Bound(name=name, most=admission.agent_limit, is_set=True, refusal=_too_many_of_agent))
    return bounds


def _bound_of_places(admission: Admission) -> Bound:
    if admission.campaign is None:
        return Bound(
            name=LIVE, most=admission.limits.max_concurrent_calls, is_set=True, refusal=too_many_calls
        )
    return Bound(name=LIVE, most=admission.limits.campaign_calls, is_set=True, refusal=_too_many_of_campaigns)


def bounds_of_queue(admission: Admission, now: datetime) -> list[Bound]:
    """Return what bounds the runs that may wait for their dial."""
    queue = Bound(name=QUEUED, most=MAX_QUEUED, is_set=True, refusal=_queue_full)
    return [*_bounds_of_use(admission, now), queue]


def bounds_of_rate(admission: Admission, now: datetime) -> list[Bound]:
    """Return what bounds the calls that the key may order in this minute; nothing bounds those of no key."""
    if admission.key_id is None:
        return []
    name, most = minute_counter(admission.key_id, now), admission.limits.calls_per_minute_per_key
    return [Bound(name=name, most=most, refusal=partial(_too_fast, now))]


def _bounds_of_use(admission: Admission, now: datetime) -> Iterator[Bound]:
    limits = admission.limits
    if limits.minutes_per_month is not None:
        most = limits.minutes_per_month * 60
        yield Bound(name=month_counter(now), most=most, refusal=_quota_used_up)
        if admission.estimated_seconds:
            # What is used and what is estimated may be the whole.
            most += 1 - admission.estimated_seconds
            yield Bound(name=month_counter(now), most=most, refusal=partial(_budget_exceeded, admission))
    if limits.spend_per_day_usd is not None:
        most = int(limits.spend_per_day_usd * MICRO_USD)
        yield Bound(name=day_counter(now), most=most, refusal=partial(_spent, now))
    yield from bounds_of_rate(admission, now)


def too_many_calls() -> LimitReachedError:
    """Return the error for an organization whose places are all taken."""
    return _busy("All concurrent calls of your organization are in use; try again when one has ended.")


def _too_many_of_agent() -> LimitReachedError:
    return _busy("All concurrent calls of this agent are in use; try again when one has ended.")


def _too_many_of_campaigns() -> LimitReachedError:
    return _busy(
        "As many concurrent calls of your organization are in use as campaigns may add to; try again when one has ended."
    )


def _busy(sentence: str) -> LimitReachedError:
    return LimitReachedError(sentence, retry_after_seconds=_BUSY_RETRY_SECONDS)


def _queue_full() -> LimitReachedError:
    return LimitReachedError(
        f"{MAX_QUEUED} calls of your organization wait for their dial already; try again when some have begun.",
        retry_after_seconds=_BUSY_RETRY_SECONDS,
        code="queue-full",
    )


def _too_fast(now: datetime) -> LimitReachedError:
    return LimitReachedError(
        "This API key has ordered as many calls as it may in one minute; try again in the next one.",
        retry_after_seconds=_seconds_of_minute(now),
        code="rate-limit",
    )


def _campaign_too_fast(now: datetime) -> LimitReachedError:
    return LimitReachedError(
        "The campaign has begun as many calls as it may in one minute; the next ones follow in the next one.",
        retry_after_seconds=_seconds_of_minute(now),
        code="rate-limit",
    )


def _spent(now: datetime) -> LimitReachedError:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return LimitReachedError(
        "Your organization has spent what it may in one day (UTC); try again tomorrow, or raise its limit.",
        retry_after_seconds=_seconds_until(midnight, now),
        code="spend-limit",
    )


def _quota_used_up() -> QuotaExceededError:
    return QuotaExceededError(
        "Your organization has used up its minutes of this month (UTC); raise its limit, or wait for the next month."
    )


def _budget_exceeded(admission: Admission) -> QuotaExceededError:
    return QuotaExceededError(
        f"The estimated {admission.estimated_seconds} seconds are more than your organization has left of its minutes of "
        "this month (UTC): estimate less, raise its limit, or wait for the next month.",
        code="budget-exceeded",
    )


def _seconds_of_minute(now: datetime) -> int:
    next_minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return _seconds_until(next_minute, now)


def _seconds_until(instant: datetime, now: datetime) -> int:
    return ceil((instant - now).total_seconds())
