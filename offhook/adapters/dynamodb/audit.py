"""AuditLog in DynamoDB.

entry   config table, pk `ORG#<id>#AUDIT`, sk `<instant with microseconds>#<action>#<subject>`
"""

from datetime import UTC

from pynamodb.attributes import UnicodeAttribute, UTCDateTimeAttribute

from offhook.adapters.dynamodb.database import Database, Item
from offhook.adapters.dynamodb.tables import CONFIG_TABLE
from offhook.organizations.audit import AuditAction, AuditEntry


class AuditItem(Item):
    """An entry of the audit log."""

    TABLE = CONFIG_TABLE
    KIND = "audit-entry"

    organization_id = UnicodeAttribute()
    at = UTCDateTimeAttribute()
    action = UnicodeAttribute()
    subject = UnicodeAttribute()
    key_id = UnicodeAttribute(null=True)


class DynamoAuditLog:
    """Implements AuditLog."""

    def __init__(self, database: Database) -> None:
        self._entries = database.items(AuditItem)

    def record(self, entry: AuditEntry) -> None:
        """Store an entry; doing it again is harmless."""
        self._entries.put(
            self._entries.new(
                _pk(entry.organization_id),
                _sk(entry),
                organization_id=entry.organization_id,
                at=entry.at,
                action=entry.action,
                subject=entry.subject,
                key_id=entry.key_id,
            )
        )

    def newest(self, organization_id: str, *, limit: int) -> list[AuditEntry]:
        """Return the organization's last entries, newest first."""
        items, _ = next(self._entries.pages(_pk(organization_id), None, looked_at=limit), ([], None))
        return [_to_entry(item) for item in items]


def _pk(organization_id: str) -> str:
    return f"ORG#{organization_id}#AUDIT"


def _sk(entry: AuditEntry) -> str:
    return f"{entry.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}#{entry.action}#{entry.subject}"


def _to_entry(item: AuditItem) -> AuditEntry:
    return AuditEntry(
        organization_id=item.organization_id,
        at=item.at,
        action=AuditAction(item.action),
        subject=item.subject,
        key_id=item.key_id,
    )
