"""What telephony needs from the outside: stored configurations, a box for secrets, and the carrier itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from offhook.telephony.model import PhoneNumber, TelephonyConfiguration

CARRIER_UNANSWERED = "carrier-unanswered"
"""Code of the CarrierError that leaves the outcome open: the request was sent and nothing certain came back."""


class TelephonyRepository(Protocol):
    """Stored configurations and numbers. Synchronous; may block for a network round trip."""

    def add(self, configuration: TelephonyConfiguration) -> None:
        """Store a new configuration."""

    def get(self, organization_id: str, configuration_id: str) -> TelephonyConfiguration:
        """Return one configuration; raise NotFoundError."""

    def add_number(self, number: PhoneNumber) -> None:
        """Store a new phone number."""

    def list_numbers(self, organization_id: str, configuration_id: str) -> list[PhoneNumber]:
        """Return the configuration's numbers, the default caller id first."""

    def list(self, organization_id: str) -> list[TelephonyConfiguration]:
        """Return the organization's configurations, the default one first."""


class SecretBox(Protocol):
    """Seals small secrets for storage; `context` must be the same when opening, and is authenticated."""

    def seal(self, secret: str, context: Mapping[str, str]) -> str:
        """Return the sealed secret as text."""

    def open(self, sealed: str, context: Mapping[str, str]) -> str:
        """Return the secret; raise InvalidInputError when it was sealed elsewhere or for another context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierAccount:
    """What authorises us at the carrier, with the secret in the clear; never logged, never stored."""

    cloudonix_domain: str
    bearer_token: str

    def __repr__(self) -> str:
        return f"CarrierAccount({self.cloudonix_domain})"


class Carrier(Protocol):
    """The provider's REST API. Synchronous; every call has a time limit. Raises CarrierError."""

    def dial(
        self, account: CarrierAccount, *, destination: str, caller_id: str, cxml: str, callback_url: str
    ) -> str:
        """Start an outbound call that runs `cxml` once answered; return the carrier's id of the call.

        Raises CarrierError with `may_have_acted` when the outcome is not known: with the code CARRIER_UNANSWERED
        after silence, with another one after a failure that the carrier reported itself.
        """

    def hang_up(self, account: CarrierAccount, call_id: str) -> None:
        """End a call; one that has ended already is no error."""
