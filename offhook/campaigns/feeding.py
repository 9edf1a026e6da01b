"""Feeding: the contacts of a campaign that may be called now get their attempts, as many as there are places for.

An attempt is claimed first, in its contact's state and with the id of its run, and the run is made after that. So who is
lost in between leaves a contact that is `calling` and has no run: whoever looks at it later makes that very run.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from offhook.callinghours import may_call
from offhook.campaigns.calling import Terms
from offhook.campaigns.gate import NEVER_OPEN, hours_of, is_early, opening_of
from offhook.campaigns.looking import LOOK_AFTER, Lookout
from offhook.campaigns.model import (
    Campaign,
    CampaignStatus,
    Contact,
    ContactState,
    ContactStatus,
    Counts,
    Group,
)
from offhook.campaigns.newcomers import Newcomers
from offhook.campaigns.notices import Notices
from offhook.campaigns.ports import Attempts, CampaignQueue, Campaigns, CampaignWork, Contacts
from offhook.campaigns.settling import pause
from offhook.campaigns.waking import wake_of
from offhook.clock import Clock
from offhook.errors import ConflictError, LimitReachedError, NotFoundError
from offhook.ids import new_run_id
from offhook.runs.model import Delivery
from offhook.waking import WakeKind, Wakes

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 50
"""Contacts that one feed looks at; another one follows for more."""
_SOON = timedelta(minutes=1)
_LATER = timedelta(days=1)
# Whoever is called again is so within weeks.
_FAR = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeder:
    """Feeds campaigns. Two feeds of one campaign at once do no harm."""

    campaigns: Campaigns
    contacts: Contacts
    attempts: Attempts
    lookout: Lookout
    notices: Notices
    queue: CampaignQueue
    wakes: Wakes
    clock: Clock
    on_standstill: Callable[[str], None] = lambda _: None
    """Told of each campaign, by its id, that could call somebody, of which no call is under way and none was begun."""

    def feed(self, organization_id: str, campaign_id: str) -> None:
        """Do what is due for a campaign, and have it woken when something is due again; raise StorageError."""
        try:
            campaign = self.campaigns.get(organization_id, campaign_id)
        except NotFoundError:
            # It was removed, and the message of that may be lost. Its wake stays until nothing is left of it.
            self.queue.send(organization_id, campaign_id, CampaignWork.REMOVE)
            return
        due_at = self._feed(campaign, self.clock())
        if due_at is None:
            self.wakes.clear(WakeKind.CAMPAIGN, campaign_id)
        else:
            self.wakes.set(wake_of(organization_id, campaign_id, due_at))

    def _feed(self, campaign: Campaign, now: datetime) -> datetime | None:
        """Do what is due, and return when something is due again; None where nothing more is."""
        # Groups before counts: whoever was called before a group was noted is counted by then.
        groups = self.contacts.groups(campaign.id)
        counts = self.attempts.counts(campaign.id)
        if counts.calling:
            for state in self.due(campaign, ContactStatus.CALLING, now):
                self.lookout.look(campaign, state, now)
        if campaign.status is CampaignStatus.RUNNING:
            if campaign.start_at is not None and is_early(campaign, now):
                return campaign.start_at
            if campaign.end_at is None or now < campaign.end_at:
                return _Feed(self, campaign, groups, counts, now).run()
            if not counts.calling:
                return self.complete(campaign, counts, now)
        return now + _SOON if counts.calling else self.notices.deliver(campaign, now)

    def due(self, campaign: Campaign, status: ContactStatus, now: datetime) -> Sequence[ContactState]:
        """Return the contacts of this status that are to be looked at by now."""
        return self.attempts.due(campaign.id, status, now, limit=MOST_AT_ONCE)

    def complete(self, campaign: Campaign, counts: Counts, now: datetime) -> datetime | None:
        """End a campaign of which nothing more comes, unless it is changed, or contacts are added, at this moment.

        Calls that are still to be judged are waited for: what is told of the end is how they ended.
        """
        if counts.in_review:
            return now + _SOON
        url = campaign.callback_url
        completed = replace(
            campaign,
            status=CampaignStatus.COMPLETED,
            ended_at=now,
            updated_at=now,
            notice=None if url is None else Delivery(url=url),
        )
        try:
            completed = self.campaigns.update(completed, campaign)
        except ConflictError:
            return now + _SOON
        logger.info("campaign completed", extra={"campaign_id": campaign.id})
        return self.notices.deliver(completed, now)


class _FullError(Exception):
    """Nobody more may be called at this moment."""


class _Feed:
    """One feed of a running campaign."""

    def __init__(
        self, feeder: Feeder, campaign: Campaign, groups: Sequence[Group], counts: Counts, now: datetime
    ) -> None:
        self._feeder, self._campaign, self._counts, self._now = feeder, campaign, counts, now
        self._hours, self._begun = hours_of(campaign), 0
        self._is_never_open = False
        opened = {group.name: self._may_call(group.name) for group in groups}
        self._closed = [group for group in groups if not opened[group.name]]
        self._newcomers = Newcomers(
            campaign.id,
            [group for group in groups if opened[group.name]],
            pages=feeder.lookout.pages,
            contacts=feeder.contacts,
            attempts=feeder.attempts,
        )

    def run(self) -> datetime | None:
        """Call whom there are places for, and return when something is due again; None of a campaign that is over."""
        counts = self._counts
        openings = [*self._openings()]
        if not openings and not counts.calling and not counts.waiting and self._newcomers.next() is None:
            return self._idle()
        if not openings and not counts.calling and self._newcomers.next() is None and self._nobody_opens():
            self._pause()
            return None
        if counts.calling < self._campaign.max_concurrent_calls:
            self._call()
        return self._next(openings)

    def _idle(self) -> datetime | None:
        if self._campaign.importing is not None:
            return self._now + _SOON
        if self._is_never_open:
            self._pause()
            return None
        return self._feeder.complete(self._campaign, self._counts, self._now)

    def _nobody_opens(self) -> bool:
        """Say whether all who wait, of whom there are some, are where the campaign may never call."""
        if self._campaign.importing is not None:
            return False
        far = self._now + _FAR
        waiting = self._feeder.due(self._campaign, ContactStatus.WAITING, far)
        # Of more than are looked at at once, somebody may still open.
        return len(waiting) == self._counts.waiting and not any(
            opening_of(self._campaign, Group.named(state.group), self._now) for state in waiting
        )

    def _pause(self) -> None:
        pause(self._feeder.campaigns, self._campaign, NEVER_OPEN, self._now)

    def _call(self) -> None:
        waiting = ContactStatus.WAITING
        due = self._feeder.due(self._campaign, waiting, self._now) if self._counts.waiting else ()
        if not due and self._newcomers.next() is None:
            return
        terms = self._feeder.lookout.terms(self._campaign, self._now)
        if terms is None:
            return
        free = min(self._campaign.max_concurrent_calls, terms.limits.campaign_calls) - self._counts.calling
        try:
            free = self._repeat(due, terms, free)
            self._begin(terms, free)
        except _FullError:
            if not (self._begun or self._counts.calling):
                logger.warning("campaign stands still", extra={"campaign_id": self._campaign.id})
                self._feeder.on_standstill(self._campaign.id)
        finally:
            self._newcomers.note()

    def _repeat(self, due: Sequence[ContactState], terms: Terms, free: int) -> int:
        """Call again who is due, and return how many places are left."""
        for state in due:
            if not self._may_call(state.group):
                opening = opening_of(self._campaign, Group.named(state.group), self._now)
                self._feeder.attempts.move(state, replace(state, due_at=opening or self._now + _LATER))
            elif free > 0:
                latest = replace(
                    state,
                    status=ContactStatus.CALLING,
                    run_ids=(*state.run_ids, new_run_id(self._now)),
                    due_at=self._now + LOOK_AFTER,
                )
                free -= self._attempt(state, latest, self._feeder.lookout.contact(state), terms)
        return free

    def _begin(self, terms: Terms, free: int) -> None:
        """Call those who come next for the first time."""
        left = MOST_AT_ONCE
        while free > 0 and (contact := self._newcomers.next()) is not None:
            if not left:
                self._feeder.queue.send(self._campaign.organization_id, self._campaign.id, CampaignWork.FEED)
                return
            left -= 1
            if self._attempt(None, self._first(contact), contact, terms):
                free -= 1
                self._newcomers.pass_called(contact)
            else:
                self._newcomers.pass_known(contact)

    def _first(self, contact: Contact) -> ContactState:
        group = self._newcomers.group(contact)
        return ContactState(
            campaign_id=self._campaign.id,
            organization_id=self._campaign.organization_id,
            contact_id=contact.id,
            number=contact.number,
            page_key=group.page_key,
            index=group.index,
            status=ContactStatus.CALLING,
            run_ids=(new_run_id(self._now),),
            due_at=self._now + LOOK_AFTER,
        )

    def _attempt(
        self, former: ContactState | None, latest: ContactState, contact: Contact, terms: Terms
    ) -> bool:
        """Claim an attempt and have its run made; say False for a contact that another process has dealt with."""
        try:
            claimed = self._feeder.attempts.claim(self._campaign, former, latest)
        except LimitReachedError:
            raise _FullError from None
        if claimed is None:
            return False
        if not self._feeder.lookout.call(self._campaign, terms, contact, claimed, self._now):
            raise _FullError
        self._begun += 1
        return True

    def _next(self, openings: Sequence[datetime]) -> datetime:
        """Return when something is due again."""
        due = [*openings]
        if self._newcomers.next() is not None or self._campaign.importing is not None:
            due.append(self._now + _SOON)
        if self._counts.calling or self._counts.waiting or not due:
            due.append(self._next_due())
        if self._campaign.end_at is not None:
            due.append(self._campaign.end_at)
        first = min(due)
        # What is overdue waits for a place, and a call that ends brings the next feed.
        return first if first > self._now else self._now + _SOON

    def _next_due(self) -> datetime:
        statuses = (ContactStatus.CALLING, ContactStatus.WAITING)
        found = (self._feeder.attempts.next_due(self._campaign.id, status) for status in statuses)
        # The index may be late, and an attempt that was claimed just now is due later than that.
        return min((each for each in found if each is not None), default=self._now + _SOON)

    def _openings(self) -> Iterator[datetime]:
        """Yield when groups open that are closed and of which somebody is left."""
        for group in self._closed:
            if group.page_key != group.last_key or self._is_left(group):
                opening = opening_of(self._campaign, group, self._now)
                self._is_never_open |= opening is None
                if opening is not None:
                    yield opening

    def _is_left(self, group: Group) -> bool:
        page = self._feeder.lookout.pages.page(self._campaign.id, group.page_key)
        return group.index < len(page.contacts)

    def _may_call(self, name: str) -> bool:
        group = Group.named(name)
        return may_call(self._hours, group.country, group.zone, self._now)
