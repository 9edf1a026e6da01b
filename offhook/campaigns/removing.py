"""Removing campaigns: at once for whoever asks, and then all that is stored of their contacts, which may be a million."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from offhook.campaigns.model import Campaign, CampaignStatus
from offhook.campaigns.ports import Attempts, CampaignQueue, Campaigns, CampaignWork, Contacts
from offhook.campaigns.waking import wake_of
from offhook.clock import Clock
from offhook.errors import ConflictError, StorageError
from offhook.organizations.audit import AuditAction, AuditEntry, AuditLog
from offhook.revisions import Revisions, check_revision
from offhook.waking import WakeKind, Wakes


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRemover:
    """Removes campaigns. Runs stay: they are removed by their own retention, or one by one."""

    campaigns: Campaigns
    contacts: Contacts
    attempts: Attempts
    wakes: Wakes
    queue: CampaignQueue
    audit: AuditLog
    clock: Clock

    def remove(
        self, organization_id: str, campaign_id: str, *, key_id: str, expected: Revisions = None
    ) -> None:
        """Remove a campaign that was never started or is over, and have the rest of it removed.

        Raises StaleError for one that is not as `expected`, ConflictError `campaign-state` for one that may still call, or has calls or an import under way.
        """
        campaign = self.campaigns.get(organization_id, campaign_id)
        check_revision("campaign", campaign.revision, expected)
        self._check_idle(campaign)
        now = self.clock()
        entry = AuditEntry(
            organization_id=organization_id,
            at=now,
            action=AuditAction.CAMPAIGN_REMOVED,
            subject=campaign_id,
            key_id=key_id,
        )
        self.audit.record(entry)
        # Where the message is lost the tick sends another.
        self.wakes.set(wake_of(organization_id, campaign_id, now))
        self.campaigns.remove(campaign)
        with suppress(StorageError):
            self.queue.send(organization_id, campaign_id, CampaignWork.REMOVE)

    def go_on(self, organization_id: str, campaign_id: str, until: datetime) -> None:
        """Remove what is left of a removed campaign, page by page; after `until` the rest is another message's.

        Nothing is removed of a campaign that is there.
        """
        if self.campaigns.is_removed(campaign_id) and not self._remove_rest(campaign_id, until):
            self.queue.send(organization_id, campaign_id, CampaignWork.REMOVE)
            return
        self.wakes.clear(WakeKind.CAMPAIGN, campaign_id)

    def _remove_rest(self, campaign_id: str, until: datetime) -> bool:
        """Remove pages with their states, and then all else; say whether nothing is left."""
        for page in self.contacts.pages(campaign_id):
            # First the states: who goes on finds their numbers in the page.
            self.attempts.forget(campaign_id, [contact.number for contact in page.contacts])
            self.contacts.remove_page(campaign_id, page.key)
            if self.clock() >= until:
                return False
        self.contacts.remove_faults(campaign_id)
        self.campaigns.forget(campaign_id)
        return True

    def _check_idle(self, campaign: Campaign) -> None:
        if not campaign.status.is_final and campaign.status is not CampaignStatus.DRAFT:
            raise _not_now(f"The campaign is {campaign.status.value}: cancel it first.")
        if campaign.importing is not None:
            raise _not_now("Contacts of the campaign are being imported: wait until that is done.")
        if self.attempts.counts(campaign.id).calling:
            raise _not_now("Calls of the campaign are under way: wait until they have ended.")


def _not_now(detail: str) -> ConflictError:
    return ConflictError(detail, code="campaign-state")
