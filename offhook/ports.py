"""What a room is made of: the adapters, each made once, on first use, and what is the same whoever made them.

Nothing is imported before it is made: a function starts with what it uses of all this.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from offhook.addresses import AddressPolicy
from offhook.clock import Clock, system_clock
from offhook.errors import NotConfiguredError
from offhook.settings import Settings

if TYPE_CHECKING:
    from offhook.agents.offered import Offered
    from offhook.agents.ports import AgentRepository
    from offhook.agents.quotas import Quotas
    from offhook.analytics.ports import StoredCounters
    from offhook.campaigns.exporting import Exporter
    from offhook.campaigns.exports import ExportFiles, Exports
    from offhook.campaigns.importing import Importer
    from offhook.campaigns.ports import Attempts, CampaignQueue, Campaigns, ContactFiles, Contacts
    from offhook.campaigns.removing import CampaignRemover
    from offhook.campaigns.settling import Accounts
    from offhook.donotcall.ports import DoNotCallList
    from offhook.knowledge.ports import Embedder, KnowledgeRepository
    from offhook.models.ports import Models
    from offhook.organizations.audit import AuditLog
    from offhook.organizations.idempotency import IdempotencyKeys
    from offhook.organizations.ports import OrganizationRepository
    from offhook.organizations.sign_in import SignInCodes
    from offhook.runs.carrier.dialect import Dialects
    from offhook.runs.carrier.hangup import CarrierCalls, HangUps
    from offhook.runs.ending.deletion import RunRemover
    from offhook.runs.ending.ender import RunEnder
    from offhook.runs.ending.prices import PriceList
    from offhook.runs.ending.settling import Settler
    from offhook.runs.ledger import Ledgers
    from offhook.runs.placing.permits import DialledToday
    from offhook.runs.placing.scheduled import ScheduledRuns
    from offhook.runs.ports import Courier, EventLog, MediaStore, RunRepository, WaitPlaces
    from offhook.runs.queues import WorkQueue
    from offhook.sessions.deployments import DeploymentRepository
    from offhook.sessions.mailbox import Commander, Mailbox
    from offhook.sessions.tokens import SessionTokens
    from offhook.signing import InstallSecret
    from offhook.telephony.links import CarrierLinks
    from offhook.telephony.ports import Carrier, DialPace, SecretBox, TelephonyRepository
    from offhook.tools.ports import CredentialRepository, ToolRepository
    from offhook.waking import Wakes


@dataclass(frozen=True, slots=True, kw_only=True)
class Repositories(Protocol):
    """Everything that is stored; safe to share between threads, every call blocks.

    What few rooms use is made when it is first asked for.
    """

    organizations: OrganizationRepository
    agents: AgentRepository
    telephony: TelephonyRepository
    runs: RunRepository
    events: EventLog
    ledgers: Ledgers
    idempotency: IdempotencyKeys
    audit: AuditLog
    pace: DialPace
    quotas: Quotas
    tools: ToolRepository
    credentials: CredentialRepository

    @property
    def attempts(self) -> Attempts:
        """What has become of the contacts of campaigns."""

    @property
    def campaigns(self) -> Campaigns:
        """Calls to many people."""

    @property
    def contacts(self) -> Contacts:
        """Contacts of campaigns, as they were imported."""

    @property
    def counters(self) -> StoredCounters:
        """What runs add up to."""

    @property
    def deployments(self) -> DeploymentRepository:
        """Deployments of workflows."""

    @property
    def dialled_today(self) -> DialledToday:
        """How often campaigns have called a number in one day."""

    @property
    def do_not_call(self) -> DoNotCallList:
        """Whom organizations do not call."""

    @property
    def exports(self) -> Exports:
        """Exports of campaigns."""

    @property
    def knowledge(self) -> KnowledgeRepository:
        """Documents that agents read."""

    @property
    def mailbox(self) -> Mailbox:
        """Commands on their way to the owners of calls."""

    @property
    def sign_in_codes(self) -> SignInCodes:
        """Codes that stand for keys, for a minute."""

    @property
    def waits(self) -> WaitPlaces:
        """Places of those who wait for events."""

    @property
    def wakes(self) -> Wakes:
        """What is to be looked at at an instant."""

    def warm(self) -> None:
        """Build the client and open a connection, so that the first request does not wait for that.

        Raises StorageError when the store can't be reached or its tables are not there.
        """
        self.organizations.find_key("warm")


class Supplied(Protocol):
    """What AWS supplies, and the local install (AWS but for KMS)."""

    @property
    def store(self) -> Repositories:
        """What is stored."""

    @property
    def install_secret(self) -> InstallSecret:
        """What tokens are signed with, and verified."""

    @property
    def media(self) -> MediaStore:
        """Recordings and transcripts."""

    @property
    def export_files(self) -> ExportFiles:
        """Where exports of campaigns lie."""

    @property
    def secret_box(self) -> SecretBox:
        """What seals the secrets of carriers and tools."""

    @property
    def carrier(self) -> Carrier:
        """The carrier, at the pace that it allows; a check waits for its place, a few seconds at most."""

    @property
    def impatient_carrier(self) -> Carrier:
        """The carrier for whoever must not be held up: a check without a place is refused, and dials take places too."""

    @property
    def dialects(self) -> Dialects:
        """How each provider speaks."""

    @property
    def dials(self) -> WorkQueue:
        """Runs that wait for their dial."""

    @property
    def aftercalls(self) -> WorkQueue:
        """Finished runs that something follows."""

    @property
    def campaign_queue(self) -> CampaignQueue:
        """Campaigns that something is to be done for."""

    @property
    def contact_files(self) -> ContactFiles:
        """Files of contacts, as they were sent."""

    @property
    def courier(self) -> Courier:
        """What goes to addresses of tenants."""

    @property
    def prices(self) -> PriceList:
        """The operator's price list, else the built-in one."""

    @property
    def models(self) -> Models:
        """The language models that agents may choose."""

    @property
    def embedder(self) -> Embedder | None:
        """What tells texts of like meaning; None where that is not switched on."""


class Ports(Supplied):
    """What functions and streamer are composed of: what is supplied, and what is the same whoever supplies that.

    Nothing is opened before somebody asks for it, and then once. Not made for first use by several threads.
    """

    def __init__(self, settings: Settings, *, clock: Clock = system_clock) -> None:
        self.settings = settings
        self.clock = clock

    @cached_property
    def offered(self) -> Offered:
        """The engines that this install has."""
        from offhook.agents.offered import Offered

        return Offered.by(self.settings)

    @cached_property
    def addresses(self) -> AddressPolicy:
        """Where requests for tenants may go."""
        return AddressPolicy.from_setting(self.settings.allowed_networks)

    def check_install_secret(self) -> None:
        """Read the secret, if need be; raise NotConfiguredError where there is none that can be used."""
        if not self.install_secret.current:
            raise NotConfiguredError(
                "No secret to sign with: set OFFHOOK_INSTALL_SECRET_ID (on AWS) or OFFHOOK_INSTALL_SECRET."
            )

    @cached_property
    def links(self) -> CarrierLinks:
        """The addresses that the carrier is given."""
        from offhook.telephony.links import CarrierLinks

        return CarrierLinks(
            self.settings.public_base_url, self.install_secret.current, self.install_secret.others
        )

    @cached_property
    def session_tokens(self) -> SessionTokens:
        """What opens the sockets of sessions."""
        from offhook.sessions.tokens import SessionTokens

        return SessionTokens(self.install_secret.current, self.install_secret.others)

    @cached_property
    def ender(self) -> RunEnder:
        """What ends runs."""
        from offhook.runs.ending.ender import RunEnder

        return RunEnder(
            runs=self.store.runs,
            ledgers=self.store.ledgers,
            aftercalls=self.aftercalls if self.settings.aftercall_queue_url else None,
            clock=self.clock,
        )

    @cached_property
    def campaign_accounts(self) -> Accounts:
        """What writes into campaigns what became of their calls."""
        from offhook.campaigns.settling import Accounts

        return Accounts(
            campaigns=self.store.campaigns,
            attempts=self.store.attempts,
            runs=self.store.runs,
            dialled_today=self.store.dialled_today,
            queue=self.campaign_queue,
            clock=self.clock,
        )

    @cached_property
    def settler(self) -> Settler:
        """What settles runs whose calls are over."""
        from offhook.runs.ending.settling import Settler

        return Settler(
            ender=self.ender,
            log=self.store.events,
            media=self.media,
            prices=self.prices,
            infrastructure=self.settings.infrastructure,
            clock=self.clock,
        )

    @cached_property
    def calls(self) -> CarrierCalls:
        """The calls of runs, at the carrier."""
        from offhook.runs.carrier.hangup import CarrierCalls

        return CarrierCalls(telephony=self.store.telephony, secret_box=self.secret_box, carrier=self.carrier)

    @cached_property
    def importer(self) -> Importer:
        """What reads contacts that were sent."""
        from offhook.campaigns.importing import Importer

        return Importer(
            campaigns=self.store.campaigns,
            contacts=self.store.contacts,
            files=self.contact_files,
            queue=self.campaign_queue,
            clock=self.clock,
        )

    @cached_property
    def commander(self) -> Commander:
        """What has commands carried out by the processes that hold calls."""
        from offhook.sessions.mailbox import Commander

        return Commander(self.store.mailbox, self.clock)

    @cached_property
    def hang_ups(self) -> HangUps:
        """What ends live runs on request."""
        from offhook.runs.carrier.hangup import HangUps

        return HangUps(ender=self.ender, calls=self.calls, owners=self.commander)

    @cached_property
    def scheduled_runs(self) -> ScheduledRuns:
        """What brings scheduled runs into the queue."""
        from offhook.runs.placing.scheduled import ScheduledRuns

        return ScheduledRuns(
            ender=self.ender,
            dials=self.dials,
            organizations=self.store.organizations,
            wakes=self.store.wakes,
        )

    @cached_property
    def campaign_remover(self) -> CampaignRemover:
        """What removes campaigns."""
        from offhook.campaigns.removing import CampaignRemover

        return CampaignRemover(
            campaigns=self.store.campaigns,
            contacts=self.store.contacts,
            attempts=self.store.attempts,
            wakes=self.store.wakes,
            queue=self.campaign_queue,
            audit=self.store.audit,
            clock=self.clock,
        )

    @cached_property
    def remover(self) -> RunRemover:
        """What deletes runs."""
        from offhook.runs.ending.deletion import RunRemover

        return RunRemover(
            runs=self.store.runs,
            ledgers=self.store.ledgers,
            log=self.store.events,
            media=self.media,
            audit=self.store.audit,
        )

    @cached_property
    def exporter(self) -> Exporter:
        """What writes exports of campaigns."""
        from offhook.campaigns.exporting import Exporter

        return Exporter(
            campaigns=self.store.campaigns,
            contacts=self.store.contacts,
            attempts=self.store.attempts,
            runs=self.store.runs,
            exports=self.store.exports,
            files=self.export_files,
            clock=self.clock,
        )
