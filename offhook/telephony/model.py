"""Telephony configurations and phone numbers: how an organization reaches its carrier."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from offhook.organizations.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecret:
    """A secret that a SecretBox has sealed; the hint is its last characters, for people to recognise it by."""

    sealed: str = field(repr=False)
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierCall:
    """A call at the carrier as one organization knows it; nobody reaches another's runs by naming its account.

    `account` is the account's name at the provider, `call_id` the carrier's REST id of the call.
    """

    organization_id: str
    provider: str
    account: str
    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TelephonyConfiguration:
    """One organization's account at one provider, and its credentials there.

    `account` is its name at the provider. `secrets` and `options` are the provider's fields by their names: what
    authorises us, and what is no secret. `webhook_key` is what the provider shows with its webhooks. `verified_at` is
    when it last accepted account and secrets.
    """

    id: str
    organization_id: str
    name: str
    provider: str
    account: str
    secrets: Mapping[str, SealedSecret] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    webhook_key: SealedSecret | None = None
    is_default: bool
    created_at: datetime
    updated_at: datetime | None = None
    verified_at: datetime | None = None

    def call(self, call_id: str) -> CarrierCall:
        """Return the call of this id in the configuration's own account."""
        return CarrierCall(
            organization_id=self.organization_id,
            provider=self.provider,
            account=self.account,
            call_id=call_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """A number of a telephony configuration: its address is in E.164, or a SIP address.

    `verified_at` is when the carrier last confirmed that `verified_account`, the configuration's, has it. Until then it
    is what somebody has written down.
    """

    id: str
    configuration_id: str
    organization_id: str
    address: str
    label: str | None = None
    inbound_agent_uuid: str | None = None
    is_default_caller: bool = False
    created_at: datetime | None = None
    verified_at: datetime | None = None
    verified_account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundProfile:
    """All that placing a call must know of its organization: its limits and its lines, the default ones first."""

    limits: Limits
    configurations: tuple[TelephonyConfiguration, ...]
    numbers: tuple[PhoneNumber, ...]

    def numbers_of(self, configuration_id: str) -> tuple[PhoneNumber, ...]:
        """Return the numbers of one configuration, the default caller id first."""
        return tuple(number for number in self.numbers if number.configuration_id == configuration_id)
