"""Organizations and their API keys."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What an API key may do."""

    CALLS_WRITE = "calls:write"
    RUNS_READ = "runs:read"
    RUNS_WRITE = "runs:write"
    AGENTS_READ = "agents:read"
    AGENTS_WRITE = "agents:write"
    TELEPHONY_READ = "telephony:read"
    TELEPHONY_WRITE = "telephony:write"
    API_KEYS_READ = "api-keys:read"
    API_KEYS_WRITE = "api-keys:write"
    STREAMING_WORKFLOWS_READ = "streaming-workflows:read"
    STREAMING_WORKFLOWS_DEPLOY = "streaming-workflows:deploy"
    STREAMING_SESSIONS_READ = "streaming-sessions:read"
    STREAMING_SESSIONS_WRITE = "streaming-sessions:write"
    CAMPAIGNS_READ = "campaigns:read"
    CAMPAIGNS_WRITE = "campaigns:write"
    ORGANIZATION_READ = "organization:read"
    ORGANIZATION_WRITE = "organization:write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """The tenant; owns everything. `id` is a short lower-case name that the operator chooses."""

    id: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An organization's credential as stored: never the key itself, only its SHA-256 in hexadecimal."""

    id: str
    organization_id: str
    name: str
    key_prefix: str
    key_hash: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    archived_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_usable(self, now: datetime) -> bool:
        """Say whether the key opens anything now."""
        return self.archived_at is None and (self.expires_at is None or now < self.expires_at)
