"""Making the run of an attempt: queued for its dial, once, under the id that its contact's state names."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from offhook.agents.executable import Executable, find_version
from offhook.agents.ports import AgentRepository
from offhook.campaigns.model import Campaign, Contact, ContactState
from offhook.campaigns.ports import Attempts
from offhook.errors import ConflictError, ForbiddenError, InvalidInputError, NotConfiguredError, StorageError
from offhook.ids import new_run_id, run_name
from offhook.organizations.limits import Limits
from offhook.organizations.model import ApiKey
from offhook.organizations.ports import OrganizationRepository
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ledger import Admission
from offhook.runs.model import CampaignCall, Run, RunStatus, TriggerMode
from offhook.runs.placing.creating import RunCreator
from offhook.runs.placing.orders import CallOrder, RunNumber, new_run
from offhook.runs.queues import WorkQueue
from offhook.telephony.model import OutboundProfile
from offhook.telephony.ports import TelephonyRepository
from offhook.telephony.usecases import Line, choose_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What all calls of a campaign have in common at this moment: in whose name, by which version and lines."""

    key: ApiKey
    executable: Executable
    lines: Sequence[Line]
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCaller:
    """Makes the runs of attempts that are claimed."""

    organizations: OrganizationRepository
    agents: AgentRepository
    telephony: TelephonyRepository
    ender: RunEnder
    attempts: Attempts
    dials: WorkQueue

    def terms(self, campaign: Campaign, now: datetime) -> Terms:
        """Read them; raise NotFoundError, NotConfiguredError or ForbiddenError for what stands in the way of all calls."""
        profile = self.telephony.outbound_profile(campaign.organization_id)
        return Terms(
            key=self._key(campaign, now),
            executable=find_version(
                self.agents, campaign.organization_id, campaign.agent_uuid, campaign.version or 0
            ),
            lines=_lines(campaign, profile),
            limits=profile.limits,
        )

    def _key(self, campaign: Campaign, now: datetime) -> ApiKey:
        key = self.organizations.get_key(campaign.organization_id, campaign.key_id or "")
        if not key.is_usable(now):
            raise ForbiddenError(
                "The API key in whose name the campaign calls was archived or has expired.",
                code="api-key-not-usable",
            )
        return key

    def call(
        self,
        campaign: Campaign,
        terms: Terms,
        contact: Contact,
        state: ContactState,
        now: datetime,
        *,
        is_repeated: bool = False,
    ) -> None:
        """Queue the run of a contact that is `calling`; `is_repeated` when an earlier try may have come as far.

        Raises LimitReachedError or QuotaExceededError, after which there is no such run, and StorageError, after which there
        may be one.
        """
        run = _new_run(campaign, terms, contact, state, now)
        admission = Admission(
            organization_id=run.organization_id,
            run_id=run.id,
            agent_uuid=run.agent_uuid,
            limits=terms.limits,
        )

        def another() -> int:
            nonlocal state
            state = self.renumber(state, now)
            return state.run_ids[-1]

        number = RunNumber(run_id=run.id, another=another, is_repeated=is_repeated)
        creator = RunCreator(ender=self.ender)
        run, is_new = creator.create(run, admission, self.ender.ledgers.enqueue, number, now)
        if is_new:
            # The ledger knows that it waits: the reaper sends a message that is lost here.
            with suppress(StorageError):
                self.dials.send(run.id)

    def renumber(self, state: ContactState, now: datetime) -> ContactState:
        """Give the attempt that is under way another run's id, since another run has its own; raise ConflictError."""
        renumbered = replace(state, run_ids=(*state.run_ids[:-1], new_run_id(now)))
        stored = self.attempts.move(state, renumbered)
        if stored is None:
            raise ConflictError("Another process looks after this contact.", code="contact-moved")
        return stored


def _new_run(campaign: Campaign, terms: Terms, contact: Contact, state: ContactState, now: datetime) -> Run:
    order = CallOrder(
        key=terms.key,
        mode=TriggerMode.PRODUCTION,
        agent_identifier=campaign.agent_uuid,
        called_number=state.number,
        initial_context=contact.context,
        callback_url=campaign.callback_url,
    )
    number = len(state.run_ids)
    # Each number in its turn; whoever makes the run anew takes the same one.
    line = terms.lines[(contact.row + number) % len(terms.lines)]
    run = new_run(order, terms.executable, line, run_id=state.run_ids[-1], status=RunStatus.QUEUED, now=now)
    call = CampaignCall(campaign_id=campaign.id, contact_id=contact.id, number=number, group=contact.group)
    return replace(run, name=run_name("WR-CMP", 4), campaign=call)


def _lines(campaign: Campaign, profile: OutboundProfile) -> Sequence[Line]:
    configuration_id = campaign.telephony_configuration_id
    if not campaign.from_phone_number_ids:
        return [choose_line(profile, configuration_id=configuration_id)]
    found = []
    for number_id in campaign.from_phone_number_ids:
        # Of the numbers that were chosen some may be gone.
        with suppress(InvalidInputError):
            found.append(choose_line(profile, configuration_id=configuration_id, number_id=number_id))
    if not found:
        raise NotConfiguredError(
            "None of the numbers that the campaign calls from is there any more.",
            code="from-phone-number-not-found",
        )
    return found
