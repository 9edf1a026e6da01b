"""Making and editing campaigns: what is asked of them is held against the agent and the lines that there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from offhook.addresses import AddressPolicy
from offhook.agents.executable import find_by_uuid
from offhook.agents.ports import AgentRepository
from offhook.campaigns.model import Campaign
from offhook.campaigns.ports import Campaigns
from offhook.errors import ConflictError, FieldProblem, InvalidInputError, NotFoundError
from offhook.revisions import Revisions, check_revision
from offhook.runs.placing.orders import check_callback
from offhook.telephony.model import OutboundProfile
from offhook.telephony.ports import TelephonyRepository

Change = Callable[[Campaign], Campaign]

MOST_NUMBERS = 100
MOST_WINDOWS = 21
MOST_NAME_CHARACTERS = 100

_TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignEditor:
    """Makes and edits campaigns; what is faulty raises InvalidInputError that names each field."""

    campaigns: Campaigns
    agents: AgentRepository
    telephony: TelephonyRepository
    addresses: AddressPolicy

    def create(self, campaign: Campaign) -> Campaign:
        """Store a new campaign."""
        self.check(campaign)
        self.campaigns.add(campaign)
        return campaign

    def edit(
        self,
        organization_id: str,
        campaign_id: str,
        change: Change,
        now: datetime,
        expected: Revisions = None,
    ) -> Campaign:
        """Store an edit, which holds from the next call on.

        Raises StaleError for a campaign that is not as `expected`, ConflictError `campaign-over`, and `campaign-started` for another agent once its version is pinned.
        """

        def edited(former: Campaign) -> Campaign:
            check_revision("campaign", former.revision, expected)
            check_open(former)
            latest = change(former)
            if former.started_at is not None and latest.agent_uuid != former.agent_uuid:
                raise ConflictError(
                    "The campaign has called people with its agent: make another campaign for another one.",
                    code="campaign-started",
                )
            self.check(latest)
            return replace(latest, updated_at=now)

        return changed(self.campaigns, organization_id, campaign_id, edited)

    def check(self, campaign: Campaign) -> None:
        """Raise InvalidInputError for what can't be called, or not like this."""
        problems = [*self._agent_problems(campaign), *_time_problems(campaign)]
        if campaign.telephony_configuration_id or campaign.from_phone_number_ids:
            profile = self.telephony.outbound_profile(campaign.organization_id)
            problems += _line_problems(campaign, profile)
        if problems:
            raise InvalidInputError(problems[0].msg, problems=problems)
        check_callback(campaign.callback_url, self.addresses)

    def _agent_problems(self, campaign: Campaign) -> Iterator[FieldProblem]:
        try:
            find_by_uuid(self.agents, campaign.organization_id, campaign.agent_uuid, wants_draft=False)
        except NotFoundError as error:
            yield FieldProblem(loc=("agent_uuid",), msg=error.detail)


def changed(campaigns: Campaigns, organization_id: str, campaign_id: str, change: Change) -> Campaign:
    """Store what the change makes of a campaign, of its newest state where others change it at the same time.

    Nothing is stored where the change returns what it was given. `change` may be called several times.
    """
    for _ in range(_TRIES):
        former = campaigns.get(organization_id, campaign_id)
        latest = change(former)
        if latest == former:
            return former
        try:
            return campaigns.update(latest, former)
        except ConflictError as error:
            if error.code != "campaign-changed":
                raise
    raise ConflictError(
        "Others are changing this campaign at this moment: try again.", code="campaign-changed"
    )


def check_open(campaign: Campaign) -> None:
    """Raise ConflictError `campaign-over` for a campaign of which nothing more comes."""
    if campaign.status.is_final:
        raise ConflictError(
            f"The campaign is {campaign.status.value}: make another one for further calls.",
            code="campaign-over",
        )


def _time_problems(campaign: Campaign) -> Iterator[FieldProblem]:
    start, end = campaign.start_at, campaign.end_at
    if start is not None and end is not None and end <= start:
        yield FieldProblem(loc=("end_at",), msg="The end must come after the start.")


def _line_problems(campaign: Campaign, profile: OutboundProfile) -> Iterator[FieldProblem]:
    wanted = campaign.telephony_configuration_id
    found = [each for each in profile.configurations if wanted in (each.id, None)]
    if not found:
        msg = "There is no telephony configuration with this id in your organization."
        yield FieldProblem(loc=("telephony_configuration_id",), msg=msg)
        return
    # Without a name it is the default one, which stands first.
    known = {number.id for number in profile.numbers_of(found[0].id)}
    for place, number_id in enumerate(campaign.from_phone_number_ids):
        if number_id not in known:
            msg = "The telephony configuration has no such phone number."
            yield FieldProblem(loc=("from_phone_number_ids", place), msg=msg)
