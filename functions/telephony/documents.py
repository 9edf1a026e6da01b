"""The bodies of the routes for telephony configurations and phone numbers, and their public form."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from offhook.clock import to_iso
from offhook.telephony.model import PhoneNumber, Provider, TelephonyConfiguration
from offhook.telephony.secrets import MAX_SECRET_CHARACTERS
from offhook.telephony.usecases import ConfigurationForm, shown_form

_CONFIGURATION_ID = "5d0c2b8e-4c0f-4c39-8f5e-0f5b7f2f8f10"
_NUMBER_ID = "c2a4f7d6-7a4d-4b2e-9d0a-3b6f1f0e9a55"
_AGENT_UUID = "7b8f9c1e-2f64-4c0d-8a4b-6f1d2e3c4b5a"
_CONFIGURATION: dict[str, Any] = {
    "id": _CONFIGURATION_ID,
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
_NUMBER: dict[str, Any] = {
    "id": _NUMBER_ID,
    "telephony_configuration_id": _CONFIGURATION_ID,
    "address": "+14155550100",
    "label": "Front desk",
    "inbound_agent_uuid": _AGENT_UUID,
    "is_default_caller": True,
    "created_at": "2026-03-02T09:31:00.000Z",
}

ConfigurationId = Annotated[
    str, Path(max_length=64, description="`id` of the configuration.", examples=[_CONFIGURATION_ID])
]
NumberId = Annotated[str, Path(max_length=64, description="`id` of the phone number.", examples=[_NUMBER_ID])]

_Text = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
# A mask, "…1234", is shorter than any secret may be long.
_Secret = Annotated[str, Field(min_length=1, max_length=MAX_SECRET_CHARACTERS)]
_Domain = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$",
        description="The Cloudonix domain; `acme` stands for `acme.cloudonix.net`.",
    ),
]


class NewCredentials(BaseModel):
    """What Cloudonix knows the organization by."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"bearer_token": "XI-4b7d0c2e9a614f2c", "domain_id": "acme"}]},
    )

    bearer_token: _Secret
    domain_id: _Domain
    application_name: _Text | None = None
    webhook_api_key: _Secret | None = None


class NewConfiguration(BaseModel):
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

    name: _Text
    provider: Literal[Provider.CLOUDONIX]
    credentials: NewCredentials
    is_default: bool = False


class CredentialChanges(BaseModel):
    """What is left out stays; so does a secret that is sent back as it was shown."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"bearer_token": "XI-9e0d1c6b7a584a7f"}]}
    )

    bearer_token: _Secret | None = Field(default=None, description="Stays when left out or null.")
    domain_id: _Domain | None = Field(default=None, description="Stays when left out or null.")
    application_name: _Text | None = None
    webhook_api_key: _Secret | None = None


class ConfigurationChanges(BaseModel):
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

    name: _Text | None = Field(default=None, description="Stays when left out or null.")
    credentials: CredentialChanges = Field(default_factory=CredentialChanges)
    is_default: bool | None = Field(default=None, description="Stays when left out or null.")

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
    created_at: str
    updated_at: str | None
    verified_at: str | None = Field(description="When the carrier last accepted token and domain.")


class ConfigurationList(BaseModel):
    """Telephony configurations: the default one first, then newest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [_CONFIGURATION], "next_cursor": None}]}
    )

    items: list[ConfigurationDocument]
    next_cursor: str | None


_Address = Annotated[
    str,
    Field(
        min_length=1,
        max_length=400,
        description="In E.164, such as +14155550100, or a sip: URI. "
        "Spaces, hyphens and parentheses within a number are left out.",
    ),
]
_AgentUuid = Annotated[str, Field(min_length=1, max_length=64)]


class NewNumber(BaseModel):
    """A number of the configuration."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"address": "+1 (415) 555-0100", "label": "Front desk", "is_default_caller": True},
            ]
        },
    )

    address: _Address
    label: _Text | None = None
    inbound_agent_uuid: _AgentUuid | None = Field(default=None, description="Who answers calls to it.")
    is_default_caller: bool = False


class NumberChanges(BaseModel):
    """What is left out stays; null takes it away. A number's address never changes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"label": "Back office", "inbound_agent_uuid": None}]},
    )

    label: _Text | None = None
    inbound_agent_uuid: _AgentUuid | None = None
    is_default_caller: bool | None = Field(default=None, description="Stays when left out or null.")

    def given(self) -> dict[str, Any]:
        """Return what changes, by the name of the number's attribute."""
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if (name, value) != ("is_default_caller", None)}


class NumberDocument(BaseModel):
    """A phone number."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NUMBER]})

    id: str
    telephony_configuration_id: str
    address: str
    label: str | None
    inbound_agent_uuid: str | None
    is_default_caller: bool
    created_at: str | None


class NumberList(BaseModel):
    """Phone numbers: the default caller first, then newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_NUMBER], "next_cursor": None}]})

    items: list[NumberDocument]
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
        created_at=to_iso(configuration.created_at),
        updated_at=to_iso(configuration.updated_at) if configuration.updated_at else None,
        verified_at=to_iso(configuration.verified_at) if configuration.verified_at else None,
    )


def number_document(number: PhoneNumber) -> NumberDocument:
    """Show a number."""
    return NumberDocument(
        id=number.id,
        telephony_configuration_id=number.configuration_id,
        address=number.address,
        label=number.label,
        inbound_agent_uuid=number.inbound_agent_uuid,
        is_default_caller=number.is_default_caller,
        created_at=to_iso(number.created_at) if number.created_at else None,
    )
