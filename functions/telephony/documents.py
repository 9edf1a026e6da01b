"""The bodies of the routes for telephony configurations, and the public form of a configuration.

What they say of providers and credentials is left open here, and filled in by `provider_documents`.
"""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from functions.http.shown import Page, Shown
from offhook.documents import GivenDocument, parts_of
from offhook.errors import InvalidInputError
from offhook.instants import Instant
from offhook.telephony.credentials import CredentialFields
from offhook.telephony.form import ConfigurationForm, shown_form
from offhook.telephony.model import TelephonyConfiguration

EXAMPLE_CONFIGURATION_ID = "5d0c2b8e-4c0f-4c39-8f5e-0f5b7f2f8f10"
ConfigurationId = Annotated[
    str, Path(max_length=64, description="`id` of the configuration.", examples=[EXAMPLE_CONFIGURATION_ID])
]
Text = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]


class NewCredentials(GivenDocument):
    """What a provider knows the organization by."""


class CredentialChanges(BaseModel):
    """What is left out stays. Null takes away what is not necessary, and leaves the token and the domain as they are."""

    model_config = ConfigDict(extra="forbid")


class CredentialsDocument(BaseModel):
    """The credentials, each secret as its mask."""


class NewConfiguration(GivenDocument):
    """A way to the carrier."""

    name: Text
    provider: str
    credentials: NewCredentials
    is_default: StrictBool = False

    def form(self) -> ConfigurationForm:
        """Return the form as it is filled in."""
        return ConfigurationForm(
            name=self.name, is_default=self.is_default, credentials=self.credentials.model_dump()
        )


class ConfigurationChanges(GivenDocument):
    """What is left out stays."""

    name: Text | None = Field(default=None, description="Stays when left out or null.")
    credentials: CredentialChanges = Field(default_factory=CredentialChanges)
    is_default: StrictBool | None = Field(default=None, description="Stays when left out or null.")

    def applied_to(
        self, configuration: TelephonyConfiguration, fields: CredentialFields
    ) -> ConfigurationForm:
        """Return the configuration's form with these changes in it; raise InvalidInputError for another provider's."""
        shown, given = shown_form(configuration, fields), self.credentials.model_dump(exclude_unset=True)
        for name in given.keys() - shown.credentials.keys():
            raise InvalidInputError.at(
                "credentials", name, msg="This is no field of the configuration's provider."
            )
        optional = (fields.webhook_key, *fields.options)
        changes = {name: text for name, text in given.items() if text is not None or name in optional}
        return ConfigurationForm(
            name=self.name or shown.name,
            is_default=shown.is_default if self.is_default is None else self.is_default,
            credentials={**shown.credentials, **changes},
        )


class ConfigurationDocument(Shown):
    """A telephony configuration as it can be shown."""

    id: str
    name: str
    provider: str
    domain_id: str
    credentials: Mapping[str, str | None]
    is_default: bool
    created_at: Instant
    updated_at: Instant | None
    verified_at: Instant | None = Field(description="When the carrier last accepted token and domain.")


class ConfigurationList(Page[ConfigurationDocument]):
    """Telephony configurations: the default one first, then newest first."""


def configuration_document(
    configuration: TelephonyConfiguration, fields: CredentialFields
) -> ConfigurationDocument:
    """Show a configuration."""
    shown = {
        "domain_id": configuration.account,
        "credentials": shown_form(configuration, fields).credentials,
    }
    return ConfigurationDocument.model_validate(parts_of(configuration) | shown)
