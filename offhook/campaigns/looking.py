"""Looking after attempts that are under way: each comes to its one run, whoever is lost on the way."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from offhook.campaigns.calling import AttemptCaller, Terms
from offhook.campaigns.model import Campaign, CampaignStatus, Contact, ContactState, Group
from offhook.campaigns.newcomers import PageReader
from offhook.campaigns.ports import Attempts, Campaigns
from offhook.campaigns.settling import CANCELED, Accounts, again_at, done, pause
from offhook.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LimitReachedError,
    NotConfiguredError,
    NotFoundError,
    QuotaExceededError,
)
from offhook.runs.model import Run
from offhook.runs.ports import RunRepository

LOOK_AFTER = timedelta(minutes=2)
"""When it is looked whether an attempt has come to a run: whoever claimed it had so long to make one."""
LOOK_AGAIN = timedelta(minutes=5)
"""How often a call under way is looked at, whose end may not have been told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """Has the runs of claimed attempts made, and makes up for what was lost."""

    campaigns: Campaigns
    attempts: Attempts
    runs: RunRepository
    pages: PageReader
    caller: AttemptCaller
    accounts: Accounts

    def look(self, campaign: Campaign, state: ContactState, now: datetime) -> None:
        """See what has become of a contact that is `calling`: settle its run, or make it if nobody has."""
        run = next(iter(self.runs.get_many(state.run_ids[-1:])), None)
        if run is None or not _is_attempt(run, state):
            self._make_up(campaign, state, run, now)
        elif run.status.is_final and run.campaign is not None:
            self.accounts.settle(replace(run, campaign=replace(run.campaign, is_settled=False)))
        else:
            self.attempts.move(state, replace(state, due_at=now + LOOK_AGAIN))

    def _make_up(self, campaign: Campaign, state: ContactState, other: Run | None, now: datetime) -> None:
        # First the state: who has claimed the attempt and stood still since then gives no other run to it any more.
        claimed = self.attempts.move(state, replace(state, due_at=now + LOOK_AFTER))
        if claimed is None:
            return
        terms = self.terms(campaign, now) if campaign.status is CampaignStatus.RUNNING else None
        if terms is None:
            self._give_back(campaign, claimed, "", now)
            return
        if other is not None:
            claimed = self.caller.renumber(claimed, now)
        self.call(campaign, terms, self.contact(claimed), claimed, now, is_repeated=other is None)

    def terms(self, campaign: Campaign, now: datetime) -> Terms | None:
        """Return what its calls have in common; None, and it is paused, where something is in the way of all of them."""
        try:
            return self.caller.terms(campaign, now)
        except (NotFoundError, NotConfiguredError, ForbiddenError, InvalidInputError) as error:
            pause(self.campaigns, campaign, error.code, now)
            return None

    def call(
        self,
        campaign: Campaign,
        terms: Terms,
        contact: Contact,
        state: ContactState,
        now: datetime,
        *,
        is_repeated: bool = False,
    ) -> bool:
        """Have an attempt's run made; say False where it is refused, after which it is for another time."""
        try:
            self.caller.call(campaign, terms, contact, state, now, is_repeated=is_repeated)
        except (LimitReachedError, QuotaExceededError) as error:
            if isinstance(error, QuotaExceededError):
                pause(self.campaigns, campaign, error.code, now)
            self._give_back(campaign, state, error.code, now)
            return False
        except ConflictError:
            # Somebody else looks after this contact by now, or will when it is due.
            return True
        return True

    def contact(self, state: ContactState) -> Contact:
        """Return the contact as it was imported."""
        return self.pages.page(state.campaign_id, state.page_key).contacts[state.index]

    def _give_back(self, campaign: Campaign, state: ContactState, code: str, now: datetime) -> None:
        if campaign.status.is_final:
            self.attempts.move(state, replace(done(state, CANCELED), run_ids=state.run_ids[:-1]))
            return
        due_at = again_at(code, Group.named(state.group).zone, now)
        self.attempts.move(state, self.accounts.given_back(campaign, state, due_at))


def _is_attempt(run: Run, state: ContactState) -> bool:
    call = run.campaign
    return call is not None and (call.campaign_id, call.contact_id) == (state.campaign_id, state.contact_id)
