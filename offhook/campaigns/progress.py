"""How far a campaign has come, and when it will be over at its pace."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from offhook.callinghours import may_call, next_opening
from offhook.campaigns.gate import hours_of
from offhook.campaigns.model import Campaign, CampaignStatus, ContactStatus, Counts, Group
from offhook.campaigns.ports import Attempts, Contacts
from offhook.runs.ledger import Ledgers
from offhook.runs.model import RunStatus
from offhook.runs.ports import RunRepository

RINGING_S = 20
"""How long an attempt holds its place beside the talk: a phone rings four times, as a rule."""
TALKING_S = 30
"""How long calls are taken to last before there were any."""

_STEP = timedelta(minutes=15)
# What is further away is not foreseen: the walk there costs by the day and the group.
_MOST_AHEAD = timedelta(days=60)
_MOST_GROUPS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A campaign's counts, how many of its calls are talking, and when it will be over, as far as that can be told."""

    campaign: Campaign
    counts: Counts
    talking: int
    estimated_end_at: datetime | None = None

    @property
    def new(self) -> int:
        """Return how many contacts were not tried yet, and still may be."""
        return 0 if self.campaign.status.is_final else self._untried

    @property
    def waiting(self) -> int:
        """Return how many contacts are to be called again."""
        return 0 if self.campaign.status.is_final else self.counts.waiting

    @property
    def canceled(self) -> int:
        """Return how many contacts nobody calls any more, although they were still to be called."""
        return self._untried + self.counts.waiting if self.campaign.status.is_final else 0

    @property
    def _untried(self) -> int:
        return max(0, self.counts.contacts - self.counts.started - self.counts.duplicates)

    @property
    def dialling(self) -> int:
        """Return how many calls are under way in which nobody talks yet, those that wait for their dial among them."""
        return self.counts.calling - self.talking


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReader:
    """Reads how far campaigns are: counts, the organization's live runs, and the groups; nothing for each contact."""

    contacts: Contacts
    attempts: Attempts
    ledgers: Ledgers
    runs: RunRepository

    def read(self, campaign: Campaign, now: datetime) -> Progress:
        """Return a campaign's progress."""
        counts = self.attempts.counts(campaign.id)
        progress = Progress(
            campaign=campaign,
            counts=counts,
            talking=min(self._talking(campaign), counts.calling) if counts.calling else 0,
        )
        if campaign.status is not CampaignStatus.RUNNING:
            return progress
        return replace(progress, estimated_end_at=self._end(progress, now))

    def _talking(self, campaign: Campaign) -> int:
        live = self.ledgers.get(campaign.organization_id).live
        return sum(
            run.status is RunStatus.IN_PROGRESS
            and run.campaign is not None
            and run.campaign.campaign_id == campaign.id
            for run in self.runs.get_many(sorted(live))
        )

    def _end(self, progress: Progress, now: datetime) -> datetime | None:
        campaign, counts = progress.campaign, progress.counts
        groups = self.contacts.groups(campaign.id)
        begin = max(now, campaign.start_at or now)
        try:
            end = opened_after(campaign, groups, begin, seconds_left(progress))
        except OverflowError:
            # It begins on the last days that there are: no later one can be looked at.
            end = None
        if counts.waiting and end is not None:
            end = max(end, self.attempts.next_due(campaign.id, ContactStatus.WAITING) or end)
        if campaign.end_at is not None:
            return campaign.end_at if end is None else min(end, campaign.end_at)
        return end


def seconds_left(progress: Progress) -> float:
    """Return how long the campaign calls still, at its limits and as long as its calls were and as often as they had to be."""
    campaign, counts = progress.campaign, progress.counts
    done = sum(counts.done.values())
    left = progress.new + counts.waiting + counts.calling
    attempts_each = max(1.0, counts.attempts / done) if done else 1.0
    talk_s = counts.call_seconds / counts.attempts if counts.attempts else TALKING_S
    attempt_s = max(60 / campaign.calls_per_minute, (RINGING_S + talk_s) / campaign.max_concurrent_calls)
    return left * attempts_each * attempt_s


def opened_after(
    campaign: Campaign, groups: Sequence[Group], begin: datetime, seconds: float
) -> datetime | None:
    """Return when some of the groups will have been callable for so many seconds; None where that is too far away."""
    hours = hours_of(campaign)
    left, at = timedelta(seconds=seconds), begin
    places = [(group.country, group.zone) for group in groups[:_MOST_GROUPS]]
    while at - begin < _MOST_AHEAD:
        if not left:
            return at
        if any(may_call(hours, *place, at) for place in places):
            step = min(left, _STEP)
            left, at = left - step, at + step
        else:
            openings = [next_opening(hours, *place, at) for place in places]
            known = [opening for opening in openings if opening is not None]
            if not known:
                return None
            at = min(known)
    return None
