"""One of each thing that an organization can have, the keys that open nothing, and a view of all that is stored."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3

from offhook.clock import system_clock
from offhook.organizations.model import ApiKey, Scope
from offhook.organizations.usecases import archive_key, create_key
from offhook.settings import Settings
from tests.support.rest import Install, Tenant

TABLES = ("config_table", "runs_table", "events_table")


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """A tenant with one of each thing; `ids` fill the path parameters of the API by their names."""

    tenant: Tenant
    ids: dict[str, str]

    @property
    def own_ids(self) -> set[str]:
        """The ids that nobody else's reply may show."""
        return set(self.ids.values()) - {self.ids["version"], self.ids["import_number"]} | {
            self.tenant.organization_id
        }


def furnish(install: Install, tenant: Tenant) -> Belongings:
    """Make one of each thing for the tenant, over HTTP."""

    def make(path: str, body: dict[str, Any]) -> dict[str, Any]:
        reply = install.http.post(f"/api/v1{path}", json=body, headers=tenant.headers)
        assert reply.is_success, (path, reply.text)
        made: dict[str, Any] = reply.json()
        return made

    run = make(f"/public/agent/{tenant.trigger_path}", {"phone_number": "+14155550123"})
    credential = make(
        "/credentials", {"name": "crm", "type": "bearer_token", "token": "the-token-of-the-crm"}
    )
    # Not the key that makes the requests: the first to archive it would end them all.
    key = make("/user/api-keys", {"name": "spare"})
    definition = {"method": "GET", "url": "https://crm.example.com/orders"}
    tool = make(
        "/tools",
        {
            "name": "look_up_order",
            "description": "Looks an order up.",
            "category": "http_api",
            "definition": definition,
        },
    )
    entry = make("/organization/do-not-call", {"phone_number": "+14155550177"})
    document = make("/knowledge-documents", {"name": "Hours", "text": "We open at nine."})
    campaign = make("/campaigns", {"name": "Reminders", "agent_uuid": tenant.agent_uuid})
    imported = make(f"/campaigns/{campaign['id']}/contacts", {"contacts": [{"phone_number": "+14155550123"}]})
    return Belongings(
        tenant=tenant,
        ids={
            "agent_uuid": tenant.agent_uuid,
            "workflow_id": f"wf_{tenant.agent_uuid.replace('-', '')}",
            "trigger_path": tenant.trigger_path,
            "workflow_run_id": str(run["workflow_run_id"]),
            "session_id": f"sess_{run['workflow_run_id']}",
            "key_id": key["id"],
            "configuration_id": tenant.configuration_id,
            "number_id": tenant.number_id,
            "tool_uuid": tool["uuid"],
            "credential_uuid": credential["uuid"],
            "document_uuid": document["uuid"],
            "campaign_id": campaign["id"],
            "phone_number": entry["phone_number"],
            "import_number": str(imported["number"]),
            "version": "1",
        },
    )


def keys_that_open_nothing(
    install: Install, tenant: Tenant, scope: Scope | None
) -> Iterator[tuple[dict[str, str], int]]:
    """Yield headers with the status that they deserve: no key, a wrong one, an archived, an expired, a narrow one."""
    now = system_clock()
    yield {}, 401
    yield {"X-API-Key": "dg_" + "A" * 43}, 401
    archived, full_key = _key(install, tenant)
    archive_key(install.store.organizations, tenant.organization_id, archived.id, now)
    yield {"X-API-Key": full_key}, 401
    yield {"X-API-Key": _key(install, tenant, expires_at=now)[1]}, 401
    if scope is not None:
        yield {"X-API-Key": _key(install, tenant, scopes=set(Scope) - {scope})[1]}, 403


def stored_of(settings: Settings, organization_id: str) -> dict[str, str]:
    """Return what is stored of an organization, by key, without its keys' times of use. A scan, as only a test may do."""
    client = boto3.client("dynamodb")
    found = {}
    for table in TABLES:
        # Nothing else of the other tests' many items is sent.
        pages = client.get_paginator("scan").paginate(
            TableName=getattr(settings, table),
            FilterExpression="contains(pk, :o) OR organization_id = :o OR contains(gsi1pk, :o)",
            ExpressionAttributeValues={":o": {"S": organization_id}},
        )
        for page in pages:
            for item in page["Items"]:
                kept = {k: v for k, v in item.items() if k not in ("last_used_at", "write_id")}
                text = json.dumps(kept, sort_keys=True, default=repr)
                if organization_id in text:
                    found[f"{item['pk']['S']} {item['sk']['S']}"] = text
    return found


def _key(install: Install, tenant: Tenant, **options: Any) -> tuple[ApiKey, str]:
    return create_key(
        install.store.organizations,
        tenant.organization_id,
        **{"name": "x", "scopes": None, "now": system_clock(), **options},
    )
