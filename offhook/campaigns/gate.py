"""Whether a campaign's call may be made at this moment: asked at its dial, however long it has waited for that."""

from dataclasses import dataclass
from datetime import datetime

from offhook.callinghours import Hours, local_day, may_call, next_opening
from offhook.campaigns.model import Campaign, CampaignStatus, Group
from offhook.campaigns.ports import Campaigns
from offhook.errors import NotFoundError
from offhook.organizations.limits import Limits
from offhook.runs.ledger import CampaignPace
from offhook.runs.model import CampaignCall, Run
from offhook.runs.placing.campaigns import CLOSED, NUMBER_LIMIT, OVER, HeldBackError
from offhook.runs.placing.permits import DialledToday

NEVER_OPEN = "never-open"
"""Why nobody can be called who is left: the campaign's windows and the hours of their country have no moment in common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Implements CampaignGate."""

    campaigns: Campaigns
    dialled_today: DialledToday

    def open(self, run: Run, call: CampaignCall, limits: Limits, now: datetime) -> CampaignPace:
        campaign, group = self._running(run.organization_id, call, now), Group.named(call.group)
        if not may_call(hours_of(campaign), group.country, group.zone, now):
            raise HeldBackError("It is not a time of day at which this contact may be called.", code=CLOSED)
        number, day = run.telephony.called_number or "", local_day(group.zone, now)
        most = limits.calls_per_number_per_day
        if not self.dialled_today.take(run.organization_id, number, day, run.id, most=most):
            raise HeldBackError(
                "Campaigns have called this number as often today as they may.", code=NUMBER_LIMIT
            )
        return CampaignPace(campaign_id=campaign.id, calls_per_minute=campaign.calls_per_minute)

    def _running(self, organization_id: str, call: CampaignCall, now: datetime) -> Campaign:
        try:
            campaign = self.campaigns.get(organization_id, call.campaign_id)
        except NotFoundError:
            raise HeldBackError("The campaign was deleted while the call waited.", code=OVER) from None
        if campaign.status.is_final or (campaign.end_at is not None and now >= campaign.end_at):
            raise HeldBackError("The campaign was over before the call was placed.", code=OVER)
        if campaign.status is not CampaignStatus.RUNNING or is_early(campaign, now):
            raise HeldBackError("The campaign does not run at this moment.")
        return campaign


def hours_of(campaign: Campaign) -> Hours:
    """Return when a campaign may call."""
    return Hours(windows=campaign.windows, respects_country=campaign.respects_calling_hours)


def opening_of(campaign: Campaign, group: Group, now: datetime) -> datetime | None:
    """Return when somebody of a group may be called next; None where the campaign's windows never meet its country's hours."""
    return next_opening(hours_of(campaign), group.country, group.zone, now)


def is_early(campaign: Campaign, now: datetime) -> bool:
    """Say whether the campaign is to begin later."""
    return campaign.start_at is not None and now < campaign.start_at
