"""The ledger of an organization: which of its runs are live, and what it has used, so that its limits hold.

A run stands in one of three sets: `queued` until it is dialled, `live` while it holds a place among the concurrent
calls, `owed` while something is left to do after it: deliveries, a review. The sets hold ids and nothing else: they are small, and
say for the reaper, without any search, which runs may need a push.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from offhook.organizations.limits import Limits
from offhook.runs.model import Run

MAX_QUEUED = 1000
"""Runs that may wait for their dial in one organization; more would make its ledger slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPace:
    """How many calls a campaign may begin in one minute."""

    campaign_id: str
    calls_per_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A run that asks for a place; `agent_limit` bounds its agent's concurrent calls, None does not.

    `key_id` is whose rate is counted; None for calls that no key has ordered. `estimated_seconds` must be left of the
    month's minutes. `campaign` is what it is an attempt of.
    """

    organization_id: str
    run_id: int
    agent_uuid: str
    limits: Limits
    agent_limit: int | None = None
    key_id: str | None = None
    estimated_seconds: int = 0
    campaign: CampaignPace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What stands in an organization's ledger at this moment."""

    organization_id: str
    queued: frozenset[int] = frozenset()
    live: frozenset[int] = frozenset()
    owed: frozenset[int] = frozenset()


class Ledgers(Protocol):
    """The stored ledgers. Synchronous; each change is one conditional write, and harmless when made again."""

    def count_order(self, admission: Admission, now: datetime) -> None:
        """Count a call that is ordered for later against the rate of its key; it takes no place yet.

        Raises LimitReachedError `rate-limit`. What enqueues it when it is due counts no rate again.
        """

    def admit(self, admission: Admission, now: datetime) -> None:
        """Give the run a place among the live ones, if limits allow; a run that waits in the queue leaves it.

        Raises LimitReachedError: `concurrency-limit` (organization, agent, or the share of campaigns, Retry-After 5),
        `rate-limit` (calls of this key or campaign in this minute; Retry-After to the next), `spend-limit` (today's USD; Retry-After to midnight UTC);
        QuotaExceededError for the month's minutes, `budget-exceeded` where less is left of them than the call is
        estimated to take. Nothing is stored then.
        """

    def enqueue(self, admission: Admission, now: datetime) -> None:
        """Note a run that waits for its dial; what `admit` says of rate, spend and quota holds, concurrency does not.

        Raises LimitReachedError `queue-full` beyond MAX_QUEUED. The later `admit` of a queued run counts no rate again.
        """

    def release(self, run: Run, now: datetime) -> None:
        """Give the place of a final run back, add what it used and count it, once; it is owed if something follows.

        Does nothing for a run that holds no place: one that was called off before it was to be dialled.
        """

    def owe(self, run: Run) -> None:
        """Note that something is left to do after a run that was done with."""

    def forget(self, organization_id: str, run_id: int, agent_uuid: str | None = None) -> None:
        """Take a run out of every set: it was never made, or all that follows it is done."""

    def get(self, organization_id: str) -> Ledger:
        """Return one organization's ledger, an empty one where there is none."""

    def all(self) -> Iterator[Ledger]:
        """Yield the ledgers of all organizations, without a scan."""
