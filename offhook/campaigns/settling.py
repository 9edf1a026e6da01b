"""Settling an attempt: what a run has become is written into its campaign, once, and says whether another attempt follows."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from offhook.callinghours import local_day
from offhook.campaigns.editing import changed
from offhook.campaigns.gate import opening_of
from offhook.campaigns.model import Campaign, CampaignStatus, ContactState, ContactStatus, Group
from offhook.campaigns.outcomes import outcome_of
from offhook.campaigns.ports import Attempts, CampaignQueue, Campaigns, CampaignWork
from offhook.clock import Clock
from offhook.errors import ConflictError, NotFoundError
from offhook.json_types import figure
from offhook.runs.model import Run
from offhook.runs.placing.campaigns import CLOSED, HELD_BACK, NUMBER_LIMIT, OVER, STOPPING
from offhook.runs.placing.permits import ON_THE_LIST, DialledToday
from offhook.runs.ports import RunRepository

HELD_BACK_FOR = timedelta(minutes=1)
"""When a contact is tried again whose call waited too long, or whose campaign did not run."""
CANCELED = "canceled"

_TRIES = 5
# Of a disposition, which may be any text: among the counts it is a name.
_MOST_CHARACTERS = 100
_MOST_DELAY_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Implements CampaignAccounts."""

    campaigns: Campaigns
    attempts: Attempts
    runs: RunRepository
    dialled_today: DialledToday
    queue: CampaignQueue
    clock: Clock

    def settle(self, run: Run) -> Run:
        call = run.campaign
        if call is None or call.is_settled or not run.status.is_final:
            return run
        try:
            campaign = self.campaigns.get(run.organization_id, call.campaign_id)
        except NotFoundError:
            return self.runs.note_settled(run)
        self._settle(campaign, run)
        return run if run.has_open_review else self.runs.note_settled(run)

    def _settle(self, campaign: Campaign, run: Run) -> None:
        for _ in range(_TRIES):
            state = self.attempts.get(campaign.id, run.telephony.called_number or "")
            # One that was held back is no attempt of its contact any more.
            if state is None or not state.run_ids or state.run_ids[-1] != run.id:
                break
            latest = self._become(campaign, run, state)
            if latest == state or self._move(run, state, latest):
                self._send(campaign, latest)
                return
        self._send(campaign, None)

    def _become(self, campaign: Campaign, run: Run, state: ContactState) -> ContactState:
        """Return what the contact is to be now."""
        if state.status is ContactStatus.CALLING:
            return (
                self._held_back(campaign, run, state)
                if is_held_back(run)
                else self._tried(campaign, run, state)
            )
        if state.status is ContactStatus.DONE and not run.has_open_review:
            # Its review may have had another opinion of it.
            disposition = disposition_of(run) if run.disposition else state.disposition
            return replace(state, disposition=disposition, in_review=False)
        return state

    def _move(self, run: Run, state: ContactState, latest: ContactState) -> bool:
        if state.status is not ContactStatus.CALLING or is_held_back(run):
            return self.attempts.move(state, latest) is not None
        moved = self.attempts.move(
            state,
            latest,
            attempts=int(run.started_at is not None),
            cost_usd=Decimal(str(figure(run.cost, "total_usd"))),
            call_seconds=round(figure(run.usage, "call_duration_seconds")),
        )
        return moved is not None

    def _tried(self, campaign: Campaign, run: Run, state: ContactState) -> ContactState:
        outcome = outcome_of(run)
        rule = None if outcome is None or campaign.status.is_final else campaign.retries.after(outcome)
        used = 0 if outcome is None else int(figure(state.retries, outcome.value))
        if outcome is None or rule is None or used >= rule.times:
            return done(state, disposition_of(run), in_review=run.has_open_review)
        ended_at = run.ended_at or self.clock()
        return self._waiting(
            campaign,
            replace(
                state, retries={**state.retries, outcome.value: used + 1}, disposition=disposition_of(run)
            ),
            ended_at + timedelta(minutes=rule.after_minutes),
        )

    def _held_back(self, campaign: Campaign, run: Run, state: ContactState) -> ContactState:
        code, now = run.error.code if run.error else "", self.clock()
        zone = Group.named(state.group).zone
        self.dialled_today.give_back(
            run.organization_id, state.number, local_day(zone, run.ended_at or now), run.id
        )
        if code == OVER:
            return done(state, CANCELED)
        if code in STOPPING:
            pause(self.campaigns, campaign, code, now)
        return self.given_back(campaign, state, again_at(code, zone, now))

    def given_back(self, campaign: Campaign, state: ContactState, due_at: datetime) -> ContactState:
        """Return the state of a contact whose last call was not dialled: it waits, and that was no attempt."""
        return self._waiting(campaign, replace(state, run_ids=state.run_ids[:-1]), due_at)

    def _waiting(self, campaign: Campaign, state: ContactState, due_at: datetime) -> ContactState:
        opening = opening_of(campaign, Group.named(state.group), due_at)
        return replace(state, status=ContactStatus.WAITING, due_at=opening or due_at + timedelta(days=1))

    def _send(self, campaign: Campaign, state: ContactState | None) -> None:
        self.queue.send(campaign.organization_id, campaign.id, CampaignWork.FEED)
        if state is None or state.status is not ContactStatus.WAITING or state.due_at is None:
            return
        # The tick is exact to a minute.
        wait_seconds = int((state.due_at - self.clock()).total_seconds()) + 1
        if 0 < wait_seconds <= _MOST_DELAY_SECONDS:
            self.queue.send(
                campaign.organization_id, campaign.id, CampaignWork.FEED, delay_seconds=wait_seconds
            )


def pause(campaigns: Campaigns, campaign: Campaign, code: str, now: datetime) -> None:
    """Pause a running campaign that can't go on; the code says why."""

    def paused(former: Campaign) -> Campaign:
        if former.status is not CampaignStatus.RUNNING:
            return former
        return replace(former, status=CampaignStatus.PAUSED, paused_reason=code, updated_at=now)

    try:
        changed(campaigns, campaign.organization_id, campaign.id, paused)
    except ConflictError:
        # Others change it all the time, and the next call that it holds back pauses it.
        return


def is_held_back(run: Run) -> bool:
    """Say whether a finished run was not dialled, and so is no attempt."""
    return run.started_at is None and run.error is not None and run.error.code in HELD_BACK


def again_at(code: str, zone: str, now: datetime) -> datetime:
    """Return when what held a call back may be over, but for the calling hours."""
    if code == CLOSED:
        return now
    if code == NUMBER_LIMIT:
        return _next_day(zone, now)
    if code == "spend-limit":
        return datetime.combine(now.astimezone(UTC) + timedelta(days=1), time(0), UTC)
    return now + HELD_BACK_FOR


def disposition_of(run: Run) -> str:
    """Return what a contact's last attempt is counted as."""
    if run.error is not None and run.error.code == ON_THE_LIST:
        return "do_not_call"
    return (run.disposition or run.status.value)[:_MOST_CHARACTERS]


def _next_day(zone: str, now: datetime) -> datetime:
    """Return the first full hour at which it is another day for whoever is there."""
    today, hour = local_day(zone, now), now.replace(minute=0, second=0, microsecond=0)
    hours = (hour + timedelta(hours=each) for each in range(1, 50))
    return next(each for each in hours if local_day(zone, each) != today)


def done(state: ContactState, disposition: str, *, in_review: bool = False) -> ContactState:
    """Return the state of a contact after whom nothing more follows."""
    return replace(
        state, status=ContactStatus.DONE, due_at=None, disposition=disposition, in_review=in_review
    )
