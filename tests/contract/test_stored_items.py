"""How things lie in DynamoDB: what an earlier version has stored is read, and the names of its attributes are kept."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import pytest

from offhook.adapters.dynamodb.store import Store, connect
from offhook.adapters.dynamodb.tables import create_tables
from offhook.agents.model import Agent, AgentStatus, Trigger, Version, VersionStatus
from offhook.json_types import JsonObject
from offhook.organizations.audit import AuditAction, AuditEntry
from offhook.organizations.limits import Limits
from offhook.organizations.model import ApiKey, Organization, Scope
from offhook.runs.model import (
    Delivery,
    DeliveryStatus,
    Direction,
    Ownership,
    Review,
    ReviewStatus,
    Run,
    RunError,
    RunStatus,
    RunTelephony,
    RunTransfer,
    SessionTerms,
    TransferStatus,
)
from offhook.settings import Settings
from offhook.tools.model import Credential, CredentialType, Tool, ToolCategory
from tests.support.makers import NOON

STORED: list[dict[str, Any]] = json.loads(Path(__file__).with_name("stored_items.json").read_text("utf-8"))
US = "stored-before"
LATER = NOON + timedelta(hours=1)
DOCUMENT: JsonObject = {"nodes": [1.0, 2**60, None, "é"]}

AGENT = Agent(
    uuid="stored-agent",
    organization_id=US,
    name="Zoë",
    status=AgentStatus.ACTIVE,
    created_at=NOON,
    updated_at=NOON,
)
DRAFT = Version(
    agent_uuid="stored-agent",
    number=1,
    status=VersionStatus.DRAFT,
    workflow_definition=DOCUMENT,
    settings={"voice": "x"},
    created_at=NOON,
)
TRIGGER = Trigger(trigger_path="stored-path", agent_uuid="stored-agent", organization_id=US)
CREDENTIAL = Credential(
    uuid="stored-cred",
    organization_id=US,
    name="CRM",
    type=CredentialType.BASIC_AUTH,
    public={"username": "ü"},
    sealed="sealed",
    hint="9z",
    created_at=NOON,
    updated_at=NOON,
)
TOOL = Tool(
    uuid="stored-tool",
    organization_id=US,
    name="Look up",
    description="Finds.",
    category=ToolCategory.HTTP_API,
    definition={"credential_uuid": "stored-cred", "n": 1.5},
    created_at=NOON,
    updated_at=NOON,
)
LIMITS = Limits(
    max_concurrent_calls=3,
    spend_per_day_usd=Decimal("12.50"),
    calls_per_minute_per_key=7,
    allowed_destinations=("+1415", "sip:"),
)
KEY = ApiKey(
    id="stored-key",
    organization_id=US,
    name="Key",
    key_prefix="oh_ab",
    key_hash="stored-hash",
    scopes=frozenset({Scope.RUNS_READ, Scope.CALLS_WRITE}),
    created_at=NOON,
    expires_at=NOON + timedelta(days=1),
)
ENTRY = AuditEntry(
    organization_id=US, at=NOON, action=AuditAction.RUN_DELETED, subject="4711", key_id="stored-key"
)
RUN = Run(
    id=373205151490048,
    organization_id=US,
    name="WR-API-7823",
    agent_uuid="stored-agent",
    version=1,
    status=RunStatus.COMPLETED,
    direction=Direction.OUTBOUND,
    mode="cloudonix",
    created_at=NOON,
    ended_at=LATER,
    end_reason="end_call",
    initial_context={"price": 0.1, "none": None},
    logs={"inbound_webhook": {"to": "+14155550100"}},
    telephony=RunTelephony(called_number="+14155550100", call_id="session"),
    usage={"stt_seconds": 1.5},
    error=RunError(code="engine-failed", message="It failed."),
    stream_number=2,
    callback=Delivery(url="https://example.com/hook", status=DeliveryStatus.DELIVERED, attempts=1),
    webhooks=(Delivery(node_id="crm", answer="503"), Delivery(node_id="erp")),
    review=Review(status=ReviewStatus.DONE, attempts=1),
    annotations={"qa_check": {"score": 8}},
    retention_days=30,
    transfer=RunTransfer(number=1, status=TransferStatus.JOINED, call_id="leg"),
    session=SessionTerms(
        expires_at=LATER, deployment_id="dep_1", max_duration_seconds=600, metadata={"callerId": "é"}
    ),
    ownership=Ownership(owner="streamer-1", epoch=2, lease_until=LATER),
)


@pytest.fixture
def settings(aws_endpoint_url: str, organization_id: str) -> Settings:
    """Return settings whose tables are empty and nobody else's."""
    assert aws_endpoint_url, "the credentials come from there"
    settings = Settings(
        config_table=f"{organization_id}-config",
        runs_table=f"{organization_id}-runs",
        events_table=f"{organization_id}-events",
    )
    create_tables(boto3.client("dynamodb"), settings)
    return settings


@pytest.fixture
def fresh(settings: Settings) -> Store:
    return connect(settings, clock=lambda: LATER)


def items(table: str) -> Iterator[dict[str, Any]]:
    """Yield what lies there, without the names of the writes that left it so."""
    for item in boto3.client("dynamodb").scan(TableName=table)["Items"]:
        yield {name: value for name, value in item.items() if name != "write_id"}


def by_key(found: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in found}


def test_what_an_earlier_version_has_stored_is_read_as_it_was(fresh: Store, settings: Settings) -> None:
    client = boto3.client("dynamodb")
    for item in STORED:
        client.put_item(TableName=settings.config_table, Item=item)
    edited = replace(
        AGENT,
        description="Books.",
        updated_at=LATER,
        published_version=1,
        draft_version=2,
        last_version=2,
        revision=3,
    )
    assert fresh.agents.get(US, "stored-agent") == edited
    assert fresh.agents.page(US, status=None, limit=5, before=None).agents == (edited,)
    published = replace(DRAFT, status=VersionStatus.PUBLISHED, published_at=LATER)
    assert fresh.agents.versions("stored-agent", limit=5, before=None) == [
        replace(DRAFT, number=2, settings={}),
        published,
    ]
    assert fresh.agents.find_trigger("stored-path") == TRIGGER
    assert fresh.tools.list(US) == [TOOL]
    assert fresh.credentials.list(US) == [CREDENTIAL]
    assert fresh.organizations.limits(US) == LIMITS
    assert fresh.organizations.find_key("stored-hash") == KEY
    assert fresh.organizations.list_keys(US) == [KEY]
    assert fresh.audit.newest(US, limit=5) == [ENTRY]


def test_what_is_stored_lies_as_it_did(fresh: Store, settings: Settings) -> None:
    fresh.agents.create(AGENT, DRAFT, [TRIGGER])
    published = fresh.agents.publish(AGENT, DRAFT, [TRIGGER])
    fresh.agents.save(
        replace(published, description="Books."), replace(DRAFT, number=2, settings={}), [TRIGGER]
    )
    fresh.credentials.add(CREDENTIAL)
    fresh.tools.add(TOOL)
    fresh.organizations.ensure(Organization(id=US, created_at=NOON))
    fresh.organizations.set_limits(US, LIMITS)
    fresh.organizations.add_key(KEY)
    fresh.audit.record(ENTRY)
    found = by_key(items(settings.config_table))
    # Agents are public within their organization where nobody says otherwise, those that were stored before too.
    assert found[("AGENT#stored-agent", "AGENT")].pop("is_public") == {"BOOL": True}
    limits = found[(f"ORG#{US}", "ORG#LIMITS")]
    assert (limits.pop("calls_per_number_per_day"), limits.pop("campaign_share_percent")) == (
        {"N": "3"},
        {"N": "80"},
    )
    documents = (("TOOL#stored-tool", "definition"), ("CREDENTIAL#stored-cred", "public"))
    for sk, name in documents:
        # Their JSON has no spaces and no escapes any more.
        found[(f"ORG#{US}", sk)][name] = by_key(STORED)[(f"ORG#{US}", sk)][name]
    assert found == by_key(STORED)


def test_a_run_is_a_map_of_what_lists_show_and_what_it_tells_beside_that(
    fresh: Store, settings: Settings
) -> None:
    fresh.runs.create(RUN)
    assert list(items(settings.runs_table)) == [
        {
            "kind": {"S": "run"},
            "pk": {"S": "RUN#373205151490048"},
            "sk": {"S": "RUN"},
            "gsi1pk": {"S": "ORG#stored-before"},
            "gsi1sk": {"S": "0373205151490048"},
            "gsi2pk": {"S": "ORG#stored-before#AGENT#stored-agent"},
            "gsi3pk": {"S": "EXPIRES#2026-12-20"},
            "listed": {
                "M": {
                    "id": {"N": "373205151490048"},
                    "organization_id": {"S": "stored-before"},
                    "name": {"S": "WR-API-7823"},
                    "agent_uuid": {"S": "stored-agent"},
                    "version": {"N": "1"},
                    "is_draft": {"BOOL": False},
                    "status": {"S": "completed"},
                    "direction": {"S": "outbound"},
                    "mode": {"S": "cloudonix"},
                    "created_at": {"S": "2026-11-20T12:00:00.123456+0000"},
                    "ended_at": {"S": "2026-11-20T13:00:00.123456+0000"},
                    "end_reason": {"S": "end_call"},
                    "initial_context": {"S": '{"price":0.1,"none":null}'},
                    "gathered_context": {"S": "{}"},
                    "telephony": {"M": {"called_number": {"S": "+14155550100"}, "call_id": {"S": "session"}}},
                    "usage": {"S": '{"stt_seconds":1.5}'},
                    "error": {"M": {"code": {"S": "engine-failed"}, "message": {"S": "It failed."}}},
                    "callback": {
                        "M": {
                            "url": {"S": "https://example.com/hook"},
                            "status": {"S": "delivered"},
                            "attempts": {"N": "1"},
                        }
                    },
                }
            },
            "logs": {"S": '{"inbound_webhook":{"to":"+14155550100"}}'},
            "webhooks": {
                "L": [
                    {
                        "M": {
                            "node_id": {"S": "crm"},
                            "status": {"S": "pending"},
                            "attempts": {"N": "0"},
                            "answer": {"S": "503"},
                        }
                    },
                    {
                        "M": {
                            "node_id": {"S": "erp"},
                            "status": {"S": "pending"},
                            "attempts": {"N": "0"},
                        }
                    },
                ]
            },
            "review": {"M": {"status": {"S": "done"}, "attempts": {"N": "1"}}},
            "annotations": {"S": '{"qa_check":{"score":8}}'},
            "stream_number": {"N": "2"},
            "stream_repeats": {"N": "0"},
            "retention_days": {"N": "30"},
            "transfer": {"M": {"number": {"N": "1"}, "status": {"S": "joined"}, "call_id": {"S": "leg"}}},
            "session": {
                "M": {
                    "expires_at": {"S": "2026-11-20T13:00:00.123456+0000"},
                    "deployment_id": {"S": "dep_1"},
                    "max_duration_seconds": {"N": "600"},
                    "metadata": {"S": '{"callerId":"é"}'},
                }
            },
            "ownership": {
                "M": {
                    "owner": {"S": "streamer-1"},
                    "epoch": {"N": "2"},
                    "lease_until": {"S": "2026-11-20T13:00:00.123456+0000"},
                    "stream_number": {"N": "0"},
                    "address": {"S": ""},
                }
            },
        }
    ]
    assert fresh.runs.get(US, RUN.id) == RUN
    boto3.client("dynamodb").update_item(
        TableName=settings.runs_table,
        Key={"pk": {"S": "RUN#373205151490048"}, "sk": {"S": "RUN"}},
        UpdateExpression="REMOVE ownership.stream_number, ownership.address",
    )
    # As a former release has left it.
    assert fresh.runs.get(US, RUN.id) == RUN
