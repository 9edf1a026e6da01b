"""Tenants for tests, copied of one: two requests to the store, where making one takes eleven."""

import json
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3

from offhook.clock import system_clock
from offhook.ids import new_uuid
from offhook.organizations.usecases import create_key
from offhook.telephony.form import seal_context

if TYPE_CHECKING:
    from tests.support.rest import Install, Tenant


class TenantCopies:
    """Has one tenant made as the product makes it, and stores what that is again under other names."""

    def __init__(self, install: "Install", bearer_token: str) -> None:
        self._install = install
        self._bearer_token = bearer_token
        self._first = install.new_tenant(f"org-{secrets.token_hex(6)}")
        self._configuration = install.store.telephony.get(
            self._first.organization_id, self._first.configuration_id
        )
        self._table = install.ports.settings.config_table
        self._client = boto3.client("dynamodb")
        self._items = json.dumps(self._stored())

    def new_tenant(self, organization_id: str) -> "Tenant":
        """Store a tenant like the first, with an organization, a key, an agent and a line of its own."""
        first = self._first
        tenant = replace(
            first,
            organization_id=organization_id,
            agent_uuid=new_uuid(),
            trigger_path=f"t-{secrets.token_hex(8)}",
            configuration_id=new_uuid(),
            number_id=new_uuid(),
            cloudonix_domain=f"{organization_id}.cloudonix.net",
        )
        names = ("organization_id", "agent_uuid", "trigger_path", "configuration_id", "number_id")
        renamed = {getattr(first, name): getattr(tenant, name) for name in names}
        self._store(renamed | self._sealed_anew(tenant))
        key, full_key = create_key(
            self._install.store.organizations, organization_id, name="tests", scopes=None, now=system_clock()
        )
        return replace(tenant, api_key=full_key, api_key_id=key.id)

    def _sealed_anew(self, tenant: "Tenant") -> dict[str, str]:
        """A secret is sealed for its organization and configuration."""
        place = replace(
            self._configuration, id=tenant.configuration_id, organization_id=tenant.organization_id
        )
        sealed = self._install.ports.secret_box.seal(self._bearer_token, seal_context(place))
        return {self._configuration.secrets["bearer_token"].sealed: sealed}

    def _stored(self) -> list[dict[str, Any]]:
        """Return what lies in the first tenant's partitions, but its key."""
        first = self._first
        pks = (f"ORG#{first.organization_id}", f"AGENT#{first.agent_uuid}", f"TRIGGER#{first.trigger_path}")
        found = [
            self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": pk}},
            )
            for pk in pks
        ]
        return [item for page in found for item in page["Items"] if item["kind"]["S"] != "api-key"]

    def _store(self, renamed: dict[str, str]) -> None:
        text = self._items
        for old, new in renamed.items():
            text = text.replace(old, new)
        puts: list[Any] = [{"PutRequest": {"Item": item}} for item in json.loads(text)]
        reply = self._client.batch_write_item(RequestItems={self._table: puts})
        assert not reply["UnprocessedItems"]
