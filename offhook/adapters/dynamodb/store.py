"""Everything that is stored in DynamoDB, behind one connection."""

from dataclasses import dataclass, field

from offhook.adapters.dynamodb.agents import DynamoAgents
from offhook.adapters.dynamodb.audit import DynamoAuditLog
from offhook.adapters.dynamodb.database import Database
from offhook.adapters.dynamodb.event_log import DynamoEventLog
from offhook.adapters.dynamodb.idempotency import DynamoIdempotencyKeys
from offhook.adapters.dynamodb.ledgers import DynamoLedgers
from offhook.adapters.dynamodb.organizations import DynamoOrganizations
from offhook.adapters.dynamodb.pace import DynamoDialPace
from offhook.adapters.dynamodb.runs import DynamoRuns
from offhook.adapters.dynamodb.telephony import DynamoTelephony
from offhook.adapters.dynamodb.tools import DynamoCredentials, DynamoTools
from offhook.agents.ports import AgentRepository
from offhook.clock import Clock, system_clock
from offhook.organizations.audit import AuditLog
from offhook.organizations.idempotency import IdempotencyKeys
from offhook.organizations.ports import OrganizationRepository
from offhook.runs.ledger import Ledgers
from offhook.runs.ports import EventLog, RunRepository
from offhook.settings import Settings
from offhook.telephony.ports import DialPace, TelephonyRepository
from offhook.tools.ports import CredentialRepository, ToolRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The repositories of one install; safe to share between threads, every call blocks."""

    organizations: OrganizationRepository
    agents: AgentRepository
    telephony: TelephonyRepository
    runs: RunRepository
    events: EventLog
    ledgers: Ledgers
    idempotency: IdempotencyKeys
    audit: AuditLog
    pace: DialPace
    tools: ToolRepository
    credentials: CredentialRepository
    database: Database = field(repr=False)

    def warm(self) -> None:
        """Build the client and open a connection, so that the first request does not wait for that.

        Raises StorageError when DynamoDB can't be reached or the tables are not there.
        """
        self.organizations.find_key("warm")


def connect(settings: Settings, *, clock: Clock = system_clock, endpoint_url: str | None = None) -> Store:
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
        pace=DynamoDialPace(database),
        tools=DynamoTools(database),
        credentials=DynamoCredentials(database),
        database=database,
    )
