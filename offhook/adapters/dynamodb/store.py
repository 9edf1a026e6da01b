"""Everything that is stored in DynamoDB, behind one connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from offhook.adapters.carriers.by_provider import pace_of
from offhook.adapters.dynamodb.agents.agents import DynamoAgents
from offhook.adapters.dynamodb.items.database import Database
from offhook.adapters.dynamodb.organizations.audit import DynamoAuditLog
from offhook.adapters.dynamodb.organizations.idempotency import DynamoIdempotencyKeys
from offhook.adapters.dynamodb.organizations.organizations import DynamoOrganizations
from offhook.adapters.dynamodb.organizations.quotas import DynamoQuotas
from offhook.adapters.dynamodb.runs.event_log import DynamoEventLog
from offhook.adapters.dynamodb.runs.ledgers import DynamoLedgers
from offhook.adapters.dynamodb.runs.runs import DynamoRuns
from offhook.adapters.dynamodb.telephony.pace import DynamoDialPace
from offhook.adapters.dynamodb.telephony.telephony import DynamoTelephony
from offhook.adapters.dynamodb.tools.tools import DynamoCredentials, DynamoTools
from offhook.clock import Clock, system_clock
from offhook.ports import Repositories
from offhook.settings import Settings

if TYPE_CHECKING:
    from offhook.adapters.dynamodb.campaigns.attempts import DynamoAttempts
    from offhook.adapters.dynamodb.campaigns.campaigns import DynamoCampaigns
    from offhook.adapters.dynamodb.campaigns.contacts import DynamoContacts
    from offhook.adapters.dynamodb.campaigns.dialled_today import DynamoDialledToday
    from offhook.adapters.dynamodb.campaigns.exports import DynamoExports
    from offhook.adapters.dynamodb.donotcall import DynamoDoNotCallList
    from offhook.adapters.dynamodb.knowledge import DynamoKnowledge
    from offhook.adapters.dynamodb.organizations.sign_in_codes import DynamoSignInCodes
    from offhook.adapters.dynamodb.runs.counters import DynamoCounters
    from offhook.adapters.dynamodb.runs.waits import DynamoWaitPlaces
    from offhook.adapters.dynamodb.runs.wakes import DynamoWakes
    from offhook.adapters.dynamodb.sessions.deployments import DynamoDeployments
    from offhook.adapters.dynamodb.sessions.mailbox import DynamoMailbox


@dataclass(frozen=True, kw_only=True)
class Store(Repositories):
    """The repositories of one install."""

    database: Database = field(repr=False)

    @cached_property
    def attempts(self) -> DynamoAttempts:
        from offhook.adapters.dynamodb.campaigns.attempts import DynamoAttempts

        return DynamoAttempts(self.database)

    @cached_property
    def campaigns(self) -> DynamoCampaigns:
        from offhook.adapters.dynamodb.campaigns.campaigns import DynamoCampaigns

        return DynamoCampaigns(self.database)

    @cached_property
    def contacts(self) -> DynamoContacts:
        from offhook.adapters.dynamodb.campaigns.contacts import DynamoContacts

        return DynamoContacts(self.database)

    @cached_property
    def counters(self) -> DynamoCounters:
        from offhook.adapters.dynamodb.runs.counters import DynamoCounters

        return DynamoCounters(self.database)

    @cached_property
    def deployments(self) -> DynamoDeployments:
        from offhook.adapters.dynamodb.sessions.deployments import DynamoDeployments

        return DynamoDeployments(self.database)

    @cached_property
    def dialled_today(self) -> DynamoDialledToday:
        from offhook.adapters.dynamodb.campaigns.dialled_today import DynamoDialledToday

        return DynamoDialledToday(self.database)

    @cached_property
    def do_not_call(self) -> DynamoDoNotCallList:
        from offhook.adapters.dynamodb.donotcall import DynamoDoNotCallList

        return DynamoDoNotCallList(self.database)

    @cached_property
    def exports(self) -> DynamoExports:
        from offhook.adapters.dynamodb.campaigns.exports import DynamoExports

        return DynamoExports(self.database)

    @cached_property
    def knowledge(self) -> DynamoKnowledge:
        from offhook.adapters.dynamodb.knowledge import DynamoKnowledge

        return DynamoKnowledge(self.database)

    @cached_property
    def mailbox(self) -> DynamoMailbox:
        from offhook.adapters.dynamodb.sessions.mailbox import DynamoMailbox

        return DynamoMailbox(self.database)

    @cached_property
    def sign_in_codes(self) -> DynamoSignInCodes:
        from offhook.adapters.dynamodb.organizations.sign_in_codes import DynamoSignInCodes

        return DynamoSignInCodes(self.database)

    @cached_property
    def waits(self) -> DynamoWaitPlaces:
        from offhook.adapters.dynamodb.runs.waits import DynamoWaitPlaces

        return DynamoWaitPlaces(self.database)

    @cached_property
    def wakes(self) -> DynamoWakes:
        from offhook.adapters.dynamodb.runs.wakes import DynamoWakes

        return DynamoWakes(self.database)


def connect(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    endpoint_url: str | None = None,
) -> Store:
    """Return the store of these settings; nothing is sent before the first use.

    Without `endpoint_url` the SDK's own variables decide (AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL).
    """
    database = Database(settings, endpoint_url=endpoint_url)
    return Store(
        organizations=DynamoOrganizations(database),
        agents=DynamoAgents(database, clock),
        telephony=DynamoTelephony(database),
        runs=DynamoRuns(database, clock),
        events=DynamoEventLog(database),
        ledgers=DynamoLedgers(database),
        idempotency=DynamoIdempotencyKeys(database),
        audit=DynamoAuditLog(database),
        pace=DynamoDialPace(database, pace_of),
        quotas=DynamoQuotas(database),
        tools=DynamoTools(database),
        credentials=DynamoCredentials(database),
        database=database,
    )
