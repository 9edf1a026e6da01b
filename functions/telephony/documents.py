"""The bodies of the routes for telephony configurations, and the public form of a configuration."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from offhook.documents import GivenDocument
from offhook.instants import Instant
from offhook.telephony.form import ConfigurationForm, shown_form
from offhook.telephony.model import Provider, TelephonyConfiguration
from offhook.telephony.secrets import MAX_SECRET_CHARACTERS

EXAMPLE_CONFIGURATION_ID = "5d0c2b8e-4c0f-4c39-8f5e-0f5b7f2f8f10"
_CONFIGURATION: dict[str, Any] = {
    "id": EXAMPLE_CONFIGURATION_ID,
    "name": "Main line",
    "provider": "cloudonix",
    "domain_id": "acme.cloudonix.net",
    "credentials": {
        "bearer_token": "…4f2c",
        "domain_id": "acme.cloudonix.net",
        "application_name": None,
        "webhook_api_key": None,
    },
    "is_default": True,
    "created_at": "2026-03-02T09:30:00.000Z",
    "updated_at": None,
    "verified_at": None,
}
ConfigurationId = Annotated[
    str, Path(max_length=64, description="`id` of the configuration.", examples=[EXAMPLE_CONFIGURATION_ID])
]

Text = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
# The patterns are for whoever reads the document: a sentence of our own says what is wrong with a secret.
_Secret = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_SECRET_CHARACTERS,
        description="Stored encrypted, and never shown again but for its last characters.",
        json_schema_extra={"pattern": "^[!-~]+$"},
    ),
]
_SecretOrMask = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_SECRET_CHARACTERS,
        description="A new secret. The present one's mask, as it is shown, leaves it unchanged.",
        json_schema_extra={"pattern": "^(…[!-~]{0,4}|[!-~]+)$"},
    ),
]
_Domain = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$",
        description="The Cloudonix domain; `acme` stands for `acme.cloudonix.net`.",
    ),
]


class NewCredentials(GivenDocument):
    """What Cloudonix knows the organization by."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"bearer_token": "XI-4b7d0c2e9a614f2c", "domain_id": "acme"}]},
    )

    bearer_token: _Secret
    domain_id: _Domain
    application_name: Text | None = None
    webhook_api_key: _Secret | None = None


class NewConfiguration(GivenDocument):
    """A way to the carrier."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Main line",
                    "provider": "cloudonix",
                    "credentials": {"bearer_token": "XI-4b7d0c2e9a614f2c", "domain_id": "acme"},
                    "is_default": True,
                }
            ]
        },
    )

    name: Text
    provider: Literal[Provider.CLOUDONIX]
    credentials: NewCredentials
    is_default: StrictBool = False


class CredentialChanges(BaseModel):
    """What is left out stays. Null takes away what is not necessary, and leaves the token and the domain as they are."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"bearer_token": "XI-9e0d1c6b7a584a7f"}]}
    )

    bearer_token: _SecretOrMask | None = None
    domain_id: _Domain | None = None
    application_name: Text | None = None
    webhook_api_key: _SecretOrMask | None = None


class ConfigurationChanges(GivenDocument):
    """What is left out stays."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Main line",
                    "credentials": {"bearer_token": "…4f2c", "webhook_api_key": "whk-2d7e8f90a1b2c3d4"},
                }
            ]
        },
    )

    name: Text | None = Field(default=None, description="Stays when left out or null.")
    credentials: CredentialChanges = Field(default_factory=CredentialChanges)
    is_default: StrictBool | None = Field(default=None, description="Stays when left out or null.")

    def applied_to(self, configuration: TelephonyConfiguration) -> ConfigurationForm:
        """Return the configuration's form with these changes in it."""
        shown, changes = shown_form(configuration), self.credentials
        given = changes.model_fields_set
        return ConfigurationForm(
            name=self.name or shown.name,
            cloudonix_domain=changes.domain_id or shown.cloudonix_domain,
            bearer_token=changes.bearer_token or shown.bearer_token,
            application_name=(
                changes.application_name if "application_name" in given else shown.application_name
            ),
            webhook_api_key=changes.webhook_api_key if "webhook_api_key" in given else shown.webhook_api_key,
            is_default=shown.is_default if self.is_default is None else self.is_default,
        )


class CredentialsDocument(BaseModel):
    """The credentials, each secret as its mask."""

    bearer_token: str
    domain_id: str
    application_name: str | None
    webhook_api_key: str | None


class ConfigurationDocument(BaseModel):
    """A telephony configuration as it can be shown."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CONFIGURATION]})

    id: str
    name: str
    provider: Provider
    domain_id: str
    credentials: CredentialsDocument
    is_default: bool
    created_at: Instant
    updated_at: Instant | None
    verified_at: Instant | None = Field(description="When the carrier last accepted token and domain.")


class ConfigurationList(BaseModel):
    """Telephony configurations: the default one first, then newest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [_CONFIGURATION], "next_cursor": None}]}
    )

    items: list[ConfigurationDocument]
    next_cursor: str | None


def configuration_document(configuration: TelephonyConfiguration) -> ConfigurationDocument:
    """Show a configuration."""
    shown = shown_form(configuration)
    return ConfigurationDocument(
        id=configuration.id,
        name=configuration.name,
        provider=configuration.provider,
        domain_id=configuration.cloudonix_domain,
        credentials=CredentialsDocument(
            bearer_token=shown.bearer_token,
            domain_id=configuration.cloudonix_domain,
            application_name=shown.application_name,
            webhook_api_key=shown.webhook_api_key,
        ),
        is_default=configuration.is_default,
        created_at=configuration.created_at,
        updated_at=configuration.updated_at,
        verified_at=configuration.verified_at,
    )
