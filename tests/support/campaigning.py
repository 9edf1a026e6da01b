"""A campaign in this process: its feeder, dialer and aftercall take each other's messages in turn, under a hand-set clock."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from functions.aftercall.services import make_services as make_aftercall
from functions.dialer.services import make_services as make_dialer
from functions.feeder.services import make_services as make_feeder
from local.install.ports import LocalPorts
from offhook.adapters.dynamodb.store import Store, connect
from offhook.campaigns.model import Campaign, CampaignStatus, Contact, Counts
from offhook.campaigns.ports import CampaignWork
from offhook.clock import system_clock
from offhook.organizations.limits import Limits
from offhook.runs.model import Run, RunStatus
from offhook.runs.ports import RunFilter
from tests.support.backstage import HandSetClock, NotedQueue
from tests.support.contacts import import_contacts
from tests.support.rest import Install, Tenant

Outcome = Callable[[Run], RunStatus]
CarryOut = Callable[[Callable[[], None]], None]


def _carry_out(part: Callable[[], None]) -> None:
    part()


@dataclass(slots=True)
class NotedCampaigns:
    """Implements CampaignQueue by noting what was sent, with its delay in seconds."""

    sent: list[tuple[CampaignWork, int]] = field(default_factory=list)

    def send(
        self,
        organization_id: str,
        campaign_id: str,
        work: CampaignWork,
        *,
        number: int = 0,
        delay_seconds: int = 0,
    ) -> None:
        self.sent.append((work, delay_seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStage:
    """One campaign, and what works at it."""

    ports: LocalPorts
    tenant: Tenant
    campaign: Campaign
    contacts: list[Contact]
    clock: HandSetClock
    dials: NotedQueue
    aftercalls: NotedQueue
    queue: NotedCampaigns

    @property
    def store(self) -> Store:
        return self.ports.store

    @property
    def stored(self) -> Campaign:
        return self.store.campaigns.get(self.campaign.organization_id, self.campaign.id)

    @property
    def runs(self) -> list[Run]:
        """Its runs, oldest first."""
        ids = self.store.runs.ids(
            self.campaign.organization_id, RunFilter(campaign_id=self.campaign.id), ascending=True
        )
        return sorted(self.store.runs.get_many([*ids]), key=lambda run: run.id)

    @property
    def counts(self) -> Counts:
        return self.store.attempts.counts(self.campaign.id)

    def limit(self, **limits: Any) -> None:
        self.store.organizations.set_limits(
            self.campaign.organization_id, Limits(allowed_destinations=("+",), **limits)
        )

    def change(self, **changes: Any) -> Campaign:
        former = self.stored
        return self.store.campaigns.update(replace(former, **changes), former)

    def feed(self) -> None:
        make_feeder(self.ports).works[CampaignWork.FEED](
            self.campaign.organization_id, self.campaign.id, 0, self.clock()
        )

    def dial(self) -> None:
        """Have all that waits in the queue dialled that may be."""
        dialer = make_dialer(self.ports)
        for message in [*self.dials.sent]:
            dialer.calls.dial(message[0], self.clock())
            # Only now: a message whose function is lost comes again.
            self.dials.sent.remove(message)

    def end(self, outcome: Outcome) -> None:
        """End all calls under way, as the carrier would tell it."""
        for run in self.runs:
            if run.status is RunStatus.DIALING:
                status = outcome(run)
                self.ports.ender.end(replace(run, disposition=status.value), status)

    def follow(self) -> None:
        """Do what follows the calls that are over."""
        aftercall = make_aftercall(self.ports)
        for message in [*self.aftercalls.sent]:
            aftercall.follow(message[0])
            self.aftercalls.sent.remove(message)

    def remind(self) -> None:
        """Send the messages again that were lost before they were sent, as the reaper does, which walks other tests' runs too."""
        known = {run_id for run_id, _ in self.dials.sent}
        for run in self.runs:
            if run.status is RunStatus.QUEUED and run.id not in known:
                self.dials.send(run.id)

    def turn(self, outcome: Outcome) -> None:
        """Have each part do what is to be done for it, once."""
        self.feed()
        self.dial()
        self.end(outcome)
        self.follow()

    def go_on(self, outcome: Outcome, *, most: int = 60, carry_out: CarryOut = _carry_out) -> None:
        """Turn, and let the time pass, until the campaign is over; `carry_out` does each part's work."""
        for _ in range(most):
            for part in (self.feed, self.dial, self.follow):
                carry_out(part)
                self.end(outcome)
            if self.stored.status.is_final:
                return
            self.remind()
            self.clock.move(minutes=1)
        states = self.store.attempts.get_many(self.campaign.id, [each.number for each in self.contacts])
        raise AssertionError(
            f"Not at its end: {self.stored.status}, {self.stored.paused_reason}, {self.attempts()}, "
            f"{self.store.attempts.counts(self.campaign.id)}, {[(each.status, each.due_at, each.run_ids) for each in states]}"
        )

    def attempts(self) -> dict[str, list[str]]:
        """Return by number what its dialled calls came to, in their order."""
        found: dict[str, list[str]] = {}
        for run in self.runs:
            if run.started_at is not None:
                found.setdefault(run.telephony.called_number or "", []).append(run.status.value)
        return found


MakeCampaign = Callable[..., CampaignStage]


def make_campaign(install: Install, tenant: Tenant, *, contacts: int = 3, **changes: Any) -> CampaignStage:
    """Start a campaign of so many contacts."""
    clock = HandSetClock(system_clock().replace(microsecond=0))
    settings = install.ports.settings
    ports = LocalPorts(settings, key_file=install.ports._key_file, clock=clock)
    dials, aftercalls, queue = NotedQueue(), NotedQueue(), NotedCampaigns()
    ports.store, ports.media = connect(settings, clock=clock), install.ports.media
    ports.carrier, ports.dials, ports.aftercalls = install.ports.carrier, dials, aftercalls
    ports.campaign_queue = queue
    campaign = Campaign(
        **{
            "id": f"cmp-{secrets.token_hex(6)}",
            "organization_id": tenant.organization_id,
            "name": "Reminders",
            "agent_uuid": tenant.agent_uuid,
            "version": 1,
            "status": CampaignStatus.RUNNING,
            "respects_calling_hours": False,
            "created_at": clock(),
            "key_id": tenant.api_key_id,
            **changes,
        }
    )
    ports.store.campaigns.add(campaign)
    stage = CampaignStage(
        ports=ports,
        tenant=tenant,
        campaign=campaign,
        contacts=import_contacts(ports.store, campaign, contacts),
        clock=clock,
        dials=dials,
        aftercalls=aftercalls,
        queue=queue,
    )
    ports.store.organizations.set_limits(tenant.organization_id, Limits(allowed_destinations=("+",)))
    return stage


@pytest.fixture
def start(install: Install, tenant: Tenant) -> MakeCampaign:
    """Return what starts a campaign of this test's own."""
    return lambda **changes: make_campaign(install, tenant, **changes)
