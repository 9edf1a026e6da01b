"""What organizations need from the outside."""

from datetime import datetime
from typing import Protocol

from offhook.organizations.limits import Limits
from offhook.organizations.model import ApiKey, Organization


class OrganizationRepository(Protocol):
    """Stored organizations and keys. Synchronous; may block for a network round trip."""

    def ensure(self, organization: Organization) -> None:
        """Store the organization unless it is there already."""

    def limits(self, organization_id: str) -> Limits:
        """Return the organization's limits; the default ones where none were set."""

    def set_limits(self, organization_id: str, limits: Limits) -> None:
        """Store the organization's limits in place of the former ones."""

    def add_key(self, key: ApiKey) -> None:
        """Store a new key; raise ConflictError when its id or hash is taken."""

    def find_key(self, key_hash: str) -> ApiKey | None:
        """Return the key with this hash, of whatever organization, with one read."""

    def get_key(self, organization_id: str, key_id: str) -> ApiKey:
        """Return one of the organization's keys by its id; raise NotFoundError."""

    def list_keys(self, organization_id: str) -> list[ApiKey]:
        """Return the organization's keys, newest first, archived ones too."""

    def set_archived(self, key: ApiKey, archived_at: datetime | None) -> None:
        """Archive the key, or with None make it usable again."""

    def touch_key(self, key: ApiKey, now: datetime) -> None:
        """Record that the key was used, unless that was recorded within the last minute."""
