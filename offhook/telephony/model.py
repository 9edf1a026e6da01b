"""Telephony configurations and phone numbers: how an organization reaches its carrier."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Provider(StrEnum):
    """Who carries the call."""

    CLOUDONIX = "cloudonix"


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonyConfiguration:
    """One organization's credentials and identifiers at one provider; the token is sealed by a SecretBox."""

    id: str
    organization_id: str
    name: str
    provider: Provider
    cloudonix_domain: str
    sealed_bearer_token: str
    is_default: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """A number of a telephony configuration, in E.164."""

    id: str
    configuration_id: str
    organization_id: str
    address: str
    label: str | None = None
    inbound_agent_uuid: str | None = None
    is_default_caller: bool = False


_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SIP = re.compile(r"sips?:[^\s@:;?<>\"]{1,64}@[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?")


def is_dialable(address: str) -> bool:
    """Say whether this is a phone number in E.164 or a `sip:` URI."""
    return bool(_E164.fullmatch(address) or _SIP.fullmatch(address))


def normalise_cloudonix_domain(text: str) -> str:
    """Write a Cloudonix domain in the one form we store and compare: lower case, no final dots, fully qualified."""
    domain = text.strip().rstrip(".").lower()
    return domain if "." in domain else f"{domain}.cloudonix.net"
