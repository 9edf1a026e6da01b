"""Campaigns that are due: each gets a message to the feeder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offhook.campaigns.ports import CampaignQueue, CampaignWork
from offhook.waking import Wake, WakeKind, Wakes

REMINDER = timedelta(minutes=2)
"""When a campaign is woken again whose feed has set no wake of its own by then: its message may be lost."""


def wake_of(organization_id: str, campaign_id: str, due_at: datetime) -> Wake:
    """Return the wake of a campaign."""
    return Wake(kind=WakeKind.CAMPAIGN, id=campaign_id, organization_id=organization_id, due_at=due_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignWaker:
    """Implements Waker."""

    wakes: Wakes
    campaigns: CampaignQueue

    def wake(self, wakes: Sequence[Wake], now: datetime) -> None:
        for wake in wakes:
            # First the wake: one that was moved meanwhile has had its feed.
            if self.wakes.postpone(wake, now + REMINDER):
                self.campaigns.send(wake.organization_id, wake.id, CampaignWork.FEED)
