"""Telephony configurations and phone numbers: how an organization reaches its carrier."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from offhook.organizations.limits import Limits


class Provider(StrEnum):
    """Who carries the call."""

    CLOUDONIX = "cloudonix"


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonyConfiguration:
    """One organization's credentials and identifiers at one provider; secrets are sealed by a SecretBox.

    The hints are the last characters of the secrets, for people to recognise them by. `webhook_api_key` is what the
    provider sends with its webhooks. `verified_at` is when the provider last accepted token and domain.
    """

    id: str
    organization_id: str
    name: str
    provider: Provider
    cloudonix_domain: str
    sealed_bearer_token: str
    bearer_token_hint: str = ""
    application_name: str | None = None
    sealed_webhook_api_key: str | None = None
    webhook_api_key_hint: str = ""
    is_default: bool
    created_at: datetime
    updated_at: datetime | None = None
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """A number of a telephony configuration: its address is in E.164, or a SIP address."""

    id: str
    configuration_id: str
    organization_id: str
    address: str
    label: str | None = None
    inbound_agent_uuid: str | None = None
    is_default_caller: bool = False
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundProfile:
    """All that placing a call must know of its organization: its limits and its lines, the default ones first."""

    limits: Limits
    configurations: tuple[TelephonyConfiguration, ...]
    numbers: tuple[PhoneNumber, ...]

    def numbers_of(self, configuration_id: str) -> tuple[PhoneNumber, ...]:
        """Return the numbers of one configuration, the default caller id first."""
        return tuple(number for number in self.numbers if number.configuration_id == configuration_id)


def normalise_cloudonix_domain(text: str) -> str:
    """Write a Cloudonix domain in the one form we store and compare: lower case, no final dots, fully qualified."""
    domain = text.strip().rstrip(".").lower()
    return domain if "." in domain else f"{domain}.cloudonix.net"
