"""Makers of values for tests; each call makes another one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from offhook.agents.model import Agent, AgentStatus, Trigger, Version, VersionStatus
from offhook.campaigns.model import Campaign
from offhook.donotcall.model import Entry, EntrySource
from offhook.ids import new_campaign_id, new_uuid, run_id_floor
from offhook.json_types import JsonObject, JsonValue
from offhook.knowledge.model import KnowledgeDocument
from offhook.organizations.idempotency import Claim
from offhook.organizations.limits import Limits
from offhook.organizations.model import ApiKey, Scope
from offhook.runs.ledger import Admission
from offhook.runs.log.entry import LogEntry
from offhook.runs.model import Direction, Run, RunStatus
from offhook.telephony.model import PhoneNumber, TelephonyConfiguration
from offhook.tools.model import Credential, Tool, ToolCategory

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
AGENT = "0b0f9f5e-6e8a-4b43-9f0f-0a3f0a2f7d11"
"""Whose calls admissions are, if a test names nobody."""
DEFINITION: JsonObject = {
    "nodes": [{"id": "1", "position": {"x": 0.1, "y": -3}, "data": {"nothing": None, "name": "", "é": "€"}}],
    "edges": [],
    "large": 2**60,
}
"""No workflow, but every kind of value that a stored one may hold."""
_numbers = count(1)


def make_run(organization_id: str = "acme", **changes: Any) -> Run:
    """Return a queued outbound run whose id is larger than those made before."""
    run = Run(
        id=run_id_floor(NOON) + next(_numbers),
        organization_id=organization_id,
        name="WR-API-0001",
        agent_uuid=new_uuid(),
        version=1,
        status=RunStatus.QUEUED,
        direction=Direction.OUTBOUND,
        mode="cloudonix",
        created_at=NOON,
    )
    return replace(run, **changes)


def make_entry(organization_id: str, number: str = "+14155550100", **changes: Any) -> Entry:
    """Return an entry of the do-not-call list."""
    entry = Entry(
        organization_id=organization_id,
        number=number,
        reason="Asked by letter.",
        source=EntrySource.API,
        added_by="key",
        added_at=NOON,
    )
    return replace(entry, **changes)


def make_event(seq: int, type_: str = "dtmf", at: datetime = NOON, **data: JsonValue) -> LogEntry:
    """Return an event as it is read where this is stored."""
    return LogEntry.read(seq=seq, at=at, type_=type_, data=data)


def make_events(first_seq: int, number: int) -> list[LogEntry]:
    """Return so many consecutive events, each with its seq in its data."""
    return [make_event(seq, digit=str(seq)) for seq in range(first_seq, first_seq + number)]


def make_agent(organization_id: str) -> tuple[Agent, Version]:
    """Return an agent and its first draft."""
    agent = Agent(
        uuid=new_uuid(),
        organization_id=organization_id,
        name="Reminder",
        status=AgentStatus.ACTIVE,
        created_at=NOON,
        updated_at=NOON,
        draft_version=1,
    )
    return agent, make_version(agent, 1)


def make_version(agent: Agent, number: int) -> Version:
    return Version(
        agent_uuid=agent.uuid,
        number=number,
        status=VersionStatus.DRAFT,
        workflow_definition=DEFINITION,
        settings={"voice": {"speed": 1.5}},
        created_at=NOON,
    )


def make_trigger(agent: Agent) -> Trigger:
    return Trigger(trigger_path=new_uuid(), agent_uuid=agent.uuid, organization_id=agent.organization_id)


def make_key(organization_id: str, **changes: object) -> ApiKey:
    id_ = new_uuid()
    key = ApiKey(
        id=id_,
        organization_id=organization_id,
        name="for tests",
        key_prefix="dg_abcde",
        key_hash=f"hash-of-{id_}",
        scopes=frozenset({Scope.RUNS_READ, Scope.CALLS_WRITE}),
        created_at=NOON,
        expires_at=NOON + timedelta(days=1),
    )
    return replace(key, **changes)  # type: ignore[arg-type]


def make_admission(organization_id: str, **changes: Any) -> Admission:
    admission = Admission(
        organization_id=organization_id, run_id=make_run().id, agent_uuid=AGENT, limits=Limits()
    )
    return replace(admission, **changes)


def make_claim(organization_id: str, **changes: Any) -> Claim:
    claim = Claim(
        organization_id=organization_id,
        key="order of Jane at +14155550100",
        fingerprint="f",
        resource_id=new_uuid(),
        attempt=new_uuid(),
        claimed_at=NOON,
    )
    return replace(claim, **changes)


def make_campaign(organization_id: str, **changes: Any) -> Campaign:
    """Return a draft whose id is in the order of making."""
    campaign = Campaign(
        id=new_campaign_id(NOON + timedelta(milliseconds=next(_numbers))),
        organization_id=organization_id,
        name="Reminders",
        agent_uuid=AGENT,
        created_at=NOON,
    )
    return replace(campaign, **changes)


def make_number(configuration: TelephonyConfiguration, address: str) -> PhoneNumber:
    return PhoneNumber(
        id=new_uuid(),
        configuration_id=configuration.id,
        organization_id=configuration.organization_id,
        address=address,
    )


def make_document(organization_id: str, **changes: Any) -> KnowledgeDocument:
    """Return a document, without a text in any store."""
    document = KnowledgeDocument(
        uuid=new_uuid(),
        organization_id=organization_id,
        name="Hours",
        characters=16,
        text_id="first",
        created_at=NOON,
        updated_at=NOON,
    )
    return replace(document, **changes)


def make_tool(organization_id: str, name: str = "look_up", credential: Credential | None = None) -> Tool:
    return Tool(
        uuid=new_uuid(),
        organization_id=organization_id,
        name=name,
        description="Looks an order up.",
        category=ToolCategory.HTTP_API,
        definition={
            "url": "https://crm.example.com",
            "credential_uuid": credential.uuid if credential else None,
        },
        created_at=NOON,
        updated_at=NOON,
    )
