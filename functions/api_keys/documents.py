"""The bodies of the API key routes, and the public form of a key."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from offhook.clock import to_iso
from offhook.organizations.model import ApiKey, Scope

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]


class NewApiKey(BaseModel):
    """What a new key shall be called, and what it may do."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "crm", "scopes": ["calls:write", "runs:read"]}]},
    )

    name: Name
    scopes: list[Scope] | None = Field(default=None, min_length=1, description="All of them when left out.")
    expires_at: AwareDatetime | None = Field(default=None, description="Never when left out.")


class ApiKeyDocument(BaseModel):
    """A key as it can be shown: the full key is in the reply that made it, and nowhere else."""

    id: str
    name: str
    key_prefix: str
    scopes: list[Scope]
    is_active: bool
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    archived_at: str | None


class CreatedApiKey(ApiKeyDocument):
    """A key that was made just now."""

    api_key: str = Field(description="The full key; it is not stored and can't be shown again.")


class ApiKeyList(BaseModel):
    """Keys, newest first."""

    items: list[ApiKeyDocument]
    next_cursor: str | None


def key_document(key: ApiKey) -> ApiKeyDocument:
    """Show a key."""
    return ApiKeyDocument(
        id=key.id,
        name=key.name,
        key_prefix=key.key_prefix,
        scopes=sorted(key.scopes),
        is_active=key.archived_at is None,
        created_at=to_iso(key.created_at),
        expires_at=to_iso(key.expires_at) if key.expires_at else None,
        last_used_at=to_iso(key.last_used_at) if key.last_used_at else None,
        archived_at=to_iso(key.archived_at) if key.archived_at else None,
    )
