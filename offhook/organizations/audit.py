"""What must be told of later although the thing itself is gone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class AuditAction(StrEnum):
    """What was done."""

    RUN_DELETED = "run-deleted"
    RUN_EXPIRED = "run-expired"
    DO_NOT_CALL_REMOVED = "do-not-call-removed"
    CAMPAIGN_STARTED = "campaign-started"
    CAMPAIGN_PAUSED = "campaign-paused"
    CAMPAIGN_RESUMED = "campaign-resumed"
    CAMPAIGN_CANCELED = "campaign-canceled"
    CAMPAIGN_REMOVED = "campaign-removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Who did what to which thing, and when; `key_id` is None for what the system did by itself."""

    organization_id: str
    at: datetime
    action: AuditAction
    subject: str
    key_id: str | None = None


class AuditLog(Protocol):
    """The stored entries. Synchronous; may block for a network round trip."""

    def record(self, entry: AuditEntry) -> None:
        """Store an entry; doing it again is harmless."""

    def newest(self, organization_id: str, *, limit: int) -> list[AuditEntry]:
        """Return the organization's last entries, newest first."""
