"""Starting, pausing, resuming and canceling campaigns: each is harmless when it is asked for again."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from offhook.agents.executable import find_by_uuid
from offhook.agents.ports import AgentRepository
from offhook.campaigns.editing import CampaignEditor, Change, changed, check_open
from offhook.campaigns.gate import NEVER_OPEN, opening_of
from offhook.campaigns.model import Campaign, CampaignStatus
from offhook.campaigns.ports import CampaignQueue, CampaignWork, Contacts
from offhook.campaigns.waking import wake_of
from offhook.errors import ConflictError, InvalidInputError, StorageError
from offhook.organizations.audit import AuditAction, AuditEntry, AuditLog
from offhook.revisions import Revisions, check_revision
from offhook.telephony.usecases import choose_line
from offhook.waking import Wakes

_DRAFT, _RUNNING, _PAUSED = CampaignStatus.DRAFT, CampaignStatus.RUNNING, CampaignStatus.PAUSED

_ADVICE = {
    _DRAFT: "start it first",
    _RUNNING: "pause it first",
    _PAUSED: "resume it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who turns which campaign, when, and in which state it is expected."""

    organization_id: str
    campaign_id: str
    key_id: str
    now: datetime
    expected: Revisions = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSteering:
    """Turns campaigns from one status to another.

    Raises StaleError for a campaign that is not as expected; ConflictError: `campaign-over`, `campaign-state` where the present status does not lead there, and for what can't
    call yet `no-contacts`, `never-open`, `end-passed` and `campaign-not-callable`; NotConfiguredError where there is no line.
    """

    campaigns: CampaignEditor
    contacts: Contacts
    agents: AgentRepository
    wakes: Wakes
    queue: CampaignQueue
    audit: AuditLog

    def start(self, turn: Turn) -> Campaign:
        """Begin to call, with the agent's version that is published now."""

        def started(draft: Campaign) -> Campaign:
            self._check_callable(draft, turn.now)
            executable = find_by_uuid(self.agents, draft.organization_id, draft.agent_uuid, wants_draft=False)
            return replace(draft, version=executable.version.number, started_at=turn.now, key_id=turn.key_id)

        return self._turn(turn, _RUNNING, {_DRAFT}, AuditAction.CAMPAIGN_STARTED, started)

    def pause(self, turn: Turn) -> Campaign:
        """Begin no call any more; those under way go on."""
        return self._turn(turn, _PAUSED, {_RUNNING}, AuditAction.CAMPAIGN_PAUSED)

    def resume(self, turn: Turn) -> Campaign:
        """Call on, in the name of the key that asks for it."""

        def resumed(paused: Campaign) -> Campaign:
            self._check_callable(paused, turn.now)
            return replace(paused, key_id=turn.key_id, paused_reason=None)

        return self._turn(turn, _RUNNING, {_PAUSED}, AuditAction.CAMPAIGN_RESUMED, resumed)

    def cancel(self, turn: Turn) -> Campaign:
        """Begin no call any more, for good; those under way go on."""

        def canceled(campaign: Campaign) -> Campaign:
            return replace(campaign, ended_at=turn.now, paused_reason=None)

        return self._turn(
            turn,
            CampaignStatus.CANCELED,
            {_DRAFT, _RUNNING, _PAUSED},
            AuditAction.CAMPAIGN_CANCELED,
            canceled,
        )

    def feed(self, campaign: Campaign) -> None:
        """Have it looked what may be called now; the tick sees to that where the message is lost."""
        with suppress(StorageError):
            self.queue.send(campaign.organization_id, campaign.id, CampaignWork.FEED)

    def _turn(
        self,
        turn: Turn,
        status: CampaignStatus,
        sources: Collection[CampaignStatus],
        action: AuditAction,
        change: Change = lambda campaign: campaign,
    ) -> Campaign:
        def turned(former: Campaign) -> Campaign:
            check_revision("campaign", former.revision, turn.expected)
            if former.status is status:
                return former
            check_open(former)
            if former.status not in sources:
                raise ConflictError(
                    f"The campaign is {former.status.value}: {_ADVICE[former.status]}.",
                    code="campaign-state",
                )
            latest = replace(change(former), status=status, updated_at=turn.now)
            # Before the write, and the same again: nothing is done of which nobody is told.
            entry = AuditEntry(
                organization_id=turn.organization_id,
                at=turn.now,
                action=action,
                subject=turn.campaign_id,
                key_id=turn.key_id,
            )
            self.audit.record(entry)
            self.wakes.set(wake_of(turn.organization_id, turn.campaign_id, turn.now))
            return latest

        campaign = changed(self.campaigns.campaigns, turn.organization_id, turn.campaign_id, turned)
        self.feed(campaign)
        return campaign

    def _check_callable(self, campaign: Campaign, now: datetime) -> None:
        groups = self.contacts.groups(campaign.id)
        if campaign.importing is None and not groups:
            raise ConflictError("There is nobody to call yet: add contacts first.", code="no-contacts")
        for group in groups if campaign.status is _DRAFT else ():
            if opening_of(campaign, group, now) is None:
                raise ConflictError(
                    f"Contacts in {group.country} could never be called: none of the `calling_windows` meets the calling hours "
                    "of their country. Widen the windows, or leave those contacts out.",
                    code=NEVER_OPEN,
                )
        if campaign.end_at is not None and campaign.end_at <= now:
            raise ConflictError(
                "The campaign's `end_at` has passed: set a later one first.", code="end-passed"
            )
        try:
            self.campaigns.check(campaign)
        except InvalidInputError as error:
            raise ConflictError(error.detail, code="campaign-not-callable") from None
        profile = self.campaigns.telephony.outbound_profile(campaign.organization_id)
        choose_line(profile, configuration_id=campaign.telephony_configuration_id)
