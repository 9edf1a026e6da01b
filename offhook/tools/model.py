"""Tools and credentials."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from offhook.json_types import JsonObject


class ToolStatus(StrEnum):
    """Whether a tool can be used by agents."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class ToolCategory(StrEnum):
    """What a tool does."""

    HTTP_API = "http_api"
    END_CALL = "end_call"
    TRANSFER_CALL = "transfer_call"
    HANDOFF = "handoff"
    CALCULATOR = "calculator"
    SCHEDULE_CALLBACK = "schedule_callback"
    MCP = "mcp"


class CredentialType(StrEnum):
    """How a credential is presented."""

    API_KEY = "api_key"
    BEARER_TOKEN = "bearer_token"  # noqa: S105 (the name of a kind)
    BASIC_AUTH = "basic_auth"
    CUSTOM_HEADER = "custom_header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Something that the language model may call; `definition` is the JSON document of its category."""

    uuid: str
    organization_id: str
    name: str
    description: str
    category: ToolCategory
    definition: JsonObject = field(default_factory=dict)
    status: ToolStatus = ToolStatus.ACTIVE
    created_at: datetime
    updated_at: datetime

    @property
    def credential_uuid(self) -> str | None:
        """The credential that its definition names."""
        named = self.definition.get("credential_uuid")
        return named if isinstance(named, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a tool or a webhook presents to somebody else's service.

    `public` are the fields that are no secret (a header's or a user's name), `sealed` the secret itself, sealed by a
    SecretBox, `hint` the end of it for people to recognise it by.
    """

    uuid: str
    organization_id: str
    name: str
    type: CredentialType
    public: JsonObject = field(default_factory=dict)
    sealed: str
    hint: str
    created_at: datetime
    updated_at: datetime
