"""The bodies of the API key routes, and the public form of a key."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from functions.http.secrets import SecretReply
from functions.http.shown import Page
from offhook.documents import GivenDocument, examples, parts_of
from offhook.instants import Instant
from offhook.organizations.model import ApiKey, Scope

_KEY: dict[str, Any] = {
    "id": "0b0f6f3c-6f2b-4d57-9a56-0f3d6f8f2f11",
    "name": "crm",
    "key_prefix": "dg_Zk3vQ",
    "scopes": ["calls:write", "runs:read"],
    "is_active": True,
    "created_at": "2026-03-02T09:30:00.000Z",
    "expires_at": None,
    "last_used_at": None,
    "archived_at": None,
}


Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]


class NewApiKey(GivenDocument):
    """What a new key shall be called, and what it may do."""

    model_config = examples({"name": "crm", "scopes": ["calls:write", "runs:read"]})

    name: Name
    scopes: list[Scope] | None = Field(
        default=None, min_length=1, max_length=100, description="All of them when left out."
    )
    expires_at: Instant | None = Field(default=None, description="Never when left out.")


class ApiKeyDocument(BaseModel):
    """A key as it can be shown: the full key is in the reply that made it, and nowhere else."""

    model_config = examples(_KEY)

    id: str
    name: str
    key_prefix: str
    scopes: list[Scope]
    is_active: bool = Field(description="Neither archived nor expired.")
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None
    archived_at: Instant | None


class CreatedApiKey(ApiKeyDocument, SecretReply):
    """A key that was made just now."""

    model_config = examples(
        _KEY | {"api_key": "dg_Zk3vQ0c7mB1x9TtWb4uYH2sLq8nRfJ6pVdEaKgXoCiM", "note": None}
    )
    secret_fields: ClassVar[tuple[str, ...]] = ("api_key",)

    api_key: str | None = Field(
        description="The full key. It is not stored and can't be shown again: null in the reply to a repeated request."
    )


class ApiKeyList(Page[ApiKeyDocument]):
    """Keys, newest first."""


def key_document(key: ApiKey, now: datetime) -> ApiKeyDocument:
    shown = {"scopes": sorted(key.scopes), "is_active": key.is_usable(now)}
    return ApiKeyDocument.model_validate(parts_of(key) | shown)
