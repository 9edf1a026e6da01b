"""Campaigns that are due: each gets a message to the feeder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offhook.campaigns.ports import CampaignQueue, CampaignWork
from offhook.waking import Wake, Wakes

REMINDER = timedelta(minutes=2)
"""When a campaign is woken again whose feed has set no wake of its own by then: its message may be lost."""


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
