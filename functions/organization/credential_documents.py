"""The bodies of the credential routes, and the public form of a credential."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, Field

from functions.http.shown import Page
from offhook.documents import GivenDocument, examples, parts_of
from offhook.instants import Instant
from offhook.tools.credentials import MAX_SECRET_CHARACTERS, shown_secret
from offhook.tools.model import Credential, CredentialType

_CREDENTIAL_UUID = "41c7e0aa-90c4-4f0e-8f4e-5d0f6a1b2c3d"
_CREDENTIAL: dict[str, Any] = {
    "uuid": _CREDENTIAL_UUID,
    "name": "Order system",
    "type": "bearer_token",
    "header_name": None,
    "username": None,
    "api_key": None,
    "token": "…9c1d",
    "password": None,
    "header_value": None,
    "created_at": "2026-03-02T09:30:00.000Z",
    "updated_at": "2026-03-02T09:30:00.000Z",
}

CredentialUuid = Annotated[
    str, Path(max_length=64, description="`uuid` of the credential.", examples=[_CREDENTIAL_UUID])
]

_Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
_Text = Annotated[str, Field(min_length=1, max_length=256)]
_Secret = Annotated[str, Field(min_length=1, max_length=MAX_SECRET_CHARACTERS)]


class _Fields(GivenDocument):
    """The fields of all types; which of them a type has is the use case's to say."""

    header_name: _Text | None = Field(
        default=None, description="Of `api_key` (X-API-Key) and `custom_header`."
    )
    username: _Text | None = Field(default=None, description="Of `basic_auth`.")
    api_key: _Secret | None = Field(default=None, description="Of `api_key`.")
    token: _Secret | None = Field(default=None, description="Of `bearer_token`.")
    password: _Secret | None = Field(default=None, description="Of `basic_auth`.")
    header_value: _Secret | None = Field(default=None, description="Of `custom_header`.")

    def given(self) -> dict[str, str]:
        """Return the fields that hold something."""
        return self.model_dump(include=set(_Fields.model_fields), exclude_none=True)


class NewCredential(_Fields):
    """What a tool presents to somebody else's service."""

    model_config = examples(
        {"name": "Order system", "type": "bearer_token", "token": "ord-5f3b8a70c29c1d"},
        {
            "name": "CRM",
            "type": "api_key",
            "header_name": "X-API-Key",
            "api_key": "crm-2a9f60d17b44e8",
        },
        {
            "name": "Warehouse",
            "type": "basic_auth",
            "username": "offhook",
            "password": "a long phrase that nobody guesses",
        },
        {
            "name": "Calendar",
            "type": "custom_header",
            "header_name": "X-Calendar-Access",
            "header_value": "cal-77e1f0b3c6",
        },
    )

    name: _Name
    type: CredentialType


class CredentialUpdate(_Fields):
    """What is left out or null stays; so does a secret that is sent back as it was shown."""

    model_config = examples({"name": "Order system", "token": "ord-91d4c7e2b8605a"})

    name: _Name | None = None
    type: CredentialType | None = Field(default=None, description="Never changes: make another credential.")


class CredentialDocument(BaseModel):
    """A credential as it can be shown: its secret as a mask, what its type does not have as null."""

    model_config = examples(_CREDENTIAL)

    uuid: str
    name: str
    type: CredentialType
    header_name: str | None = None
    username: str | None = None
    api_key: str | None = None
    token: str | None = None
    password: str | None = None
    header_value: str | None = None
    created_at: Instant
    updated_at: Instant


class CredentialList(Page[CredentialDocument]):
    """Credentials, newest first."""


def credential_document(credential: Credential) -> CredentialDocument:
    """Show a credential."""
    secret = dict([shown_secret(credential)])
    return CredentialDocument.model_validate({**parts_of(credential), **credential.public, **secret})
