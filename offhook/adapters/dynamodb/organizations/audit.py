"""AuditLog in DynamoDB.

entry   config table, pk `ORG#<id>#AUDIT`, sk `<instant with microseconds>#<action>#<subject>`
"""

from datetime import UTC

from offhook.adapters.dynamodb.items.database import Database
from offhook.adapters.dynamodb.items.mapping import ModelItem, attributes, to_model
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.organizations.audit import AuditEntry


class AuditItem(ModelItem):
    """An entry of the audit log."""

    TABLE = CONFIG_TABLE
    KIND = "audit-entry"
    MODEL = AuditEntry


class DynamoAuditLog:
    """Implements AuditLog."""

    def __init__(self, database: Database) -> None:
        self._entries = database.items(AuditItem)

    def record(self, entry: AuditEntry) -> None:
        pk, sk = _pk(entry.organization_id), _sk(entry)
        self._entries.put(self._entries.new(pk, sk, **attributes(AuditItem, entry)))

    def newest(self, organization_id: str, *, limit: int) -> list[AuditEntry]:
        items = self._entries.query(_pk(organization_id), None, forward=False, limit=limit)
        return [to_model(AuditEntry, item) for item in items]


def _pk(organization_id: str) -> str:
    return f"ORG#{organization_id}#AUDIT"


def _sk(entry: AuditEntry) -> str:
    return f"{entry.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}#{entry.action}#{entry.subject}"
