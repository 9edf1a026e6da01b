"""What telephony needs from the outside: stored configurations, a box for secrets, and the carrier itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from offhook.telephony.instructions import Instruction
from offhook.telephony.model import CarrierCall, OutboundProfile, PhoneNumber, TelephonyConfiguration
from offhook.telephony.pace import PaceName, RequestKind

CARRIER_UNANSWERED = "carrier-unanswered"
"""Code of the CarrierError that leaves the outcome open: the request was sent and nothing certain came back."""


CALL_GONE = "call-gone"
"""Code of the CarrierError for a call that the carrier does not have, or no longer."""


class TelephonyRepository(Protocol):
    """Stored configurations and numbers. Synchronous; may block for a network round trip.

    An organization has at most one default configuration, and a configuration at most one default caller: a new one
    takes the place of the former. A number that was verified for another account than its configuration's is read as
    one that was not.
    """

    def add(self, configuration: TelephonyConfiguration) -> None:
        """Store a new configuration; raise ConflictError `id-taken` for a known id."""

    def get(self, organization_id: str, configuration_id: str) -> TelephonyConfiguration:
        """Return one configuration; raise NotFoundError."""

    def update(self, configuration: TelephonyConfiguration, *, former: TelephonyConfiguration) -> None:
        """Store a configuration in place of what was read as `former`; its claim on another account is released.

        Raises NotFoundError when it is gone, ConflictError `changed-meanwhile` when it is not `former` any more.
        """

    def remove(self, configuration: TelephonyConfiguration) -> None:
        """Remove a configuration with its numbers and its claim on the account; doing it again is harmless."""

    def outbound_profile(self, organization_id: str) -> OutboundProfile:
        """Return the organization's limits, configurations and numbers with one read."""

    def claim_account(self, configuration: TelephonyConfiguration) -> None:
        """Give the configuration's account at its provider to its organization.

        Raises ConflictError `domain-taken` when another organization has verified it before.
        """

    def owner_of_account(self, provider: str, account: str) -> tuple[str, str] | None:
        """Return organization and configuration of a verified account, with one read; None for any other."""

    def add_number(self, number: PhoneNumber) -> None:
        """Store a new phone number.

        Raises NotFoundError when its configuration is gone, ConflictError `phone-number-taken` when that has the
        address already, ConflictError `id-taken` for a known id.
        """

    def get_number(self, organization_id: str, configuration_id: str, number_id: str) -> PhoneNumber:
        """Return one number; raise NotFoundError."""

    def update_number(self, number: PhoneNumber) -> None:
        """Store a number's label, agent, verification and whether it is the default caller; raise NotFoundError."""

    def remove_number(self, number: PhoneNumber) -> None:
        """Remove a number; doing it again is harmless."""

    def list_numbers(self, organization_id: str, configuration_id: str) -> list[PhoneNumber]:
        """Return the configuration's numbers, the default caller first, then newest first."""

    def list(self, organization_id: str) -> list[TelephonyConfiguration]:
        """Return the organization's configurations, the default one first, then newest first."""


class DialPace(Protocol):
    """How fast all processes together may ask the carrier for one account. Synchronous; mostly one write."""

    def wait_seconds(self, name: PaceName, now: datetime, kind: RequestKind = RequestKind.DIAL) -> int:
        """Take a place for one request, and return 0; where none is free, take nothing and say when to try again."""

    def give_back(self, name: PaceName, now: datetime) -> None:
        """Free the place in the small share of an unproved request that turned out to be of a call, or was not made."""

    def note(self, name: PaceName, now: datetime) -> None:
        """Count a request that could not wait for a place, so that others wait the longer for theirs."""


class SecretBox(Protocol):
    """Seals small secrets for storage; `context` must be the same when opening, and is authenticated."""

    def seal(self, secret: str, context: Mapping[str, str]) -> str:
        """Return the sealed secret as text; raise InvalidInputError for an empty or too long one."""

    def open(self, sealed: str, context: Mapping[str, str]) -> str:
        """Return the secret; raise InvalidInputError when it was sealed elsewhere or for another context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierAccount:
    """An account at a provider, with the secrets that authorise us in the clear; never logged, never stored."""

    provider: str
    name: str
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def pace_name(self) -> PaceName:
        """What requests are counted under: who names an account without its secrets does not slow its owner down."""
        secrets = "\0".join(self.secrets[name] for name in sorted(self.secrets))
        account = f"{self.name}#{sha256(secrets.encode()).hexdigest()[:16]}"
        return PaceName(self.provider, account)

    def call(self, organization_id: str, call_id: str) -> CarrierCall:
        """Return the call of this id in this account, which is the organization's."""
        return CarrierCall(
            organization_id=organization_id, provider=self.provider, account=self.name, call_id=call_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DialRequest:
    """An outbound call: once answered it follows the instruction, and what becomes of it is told to `status_url`.

    It rings for `timeout_seconds`, or for as long as the carrier lets it.
    """

    called_number: str = field(repr=False)
    caller_number: str = field(repr=False)
    instruction: Instruction
    status_url: str = field(repr=False)
    timeout_seconds: int | None = None


class Carrier(Protocol):
    """What a provider can be asked for. Synchronous; every request has a time limit. Raises CarrierError."""

    def close(self) -> None:
        """Close what is kept open between requests; a request after that opens it again or fails."""

    def dial(self, account: CarrierAccount, request: DialRequest) -> str:
        """Start an outbound call; return the carrier's id of it.

        Raises CarrierError with `may_have_acted` when the outcome is not known: with the code CARRIER_UNANSWERED
        after silence, with another one after a failure that the carrier reported itself.
        """

    def hang_up(self, account: CarrierAccount, call_id: str) -> None:
        """End a call; one that has ended already is no error."""

    def is_live(self, account: CarrierAccount, call_id: str, *, is_proved: bool = True) -> bool:
        """Say whether the carrier has a live call with this id for this account.

        An id that is not proved to be of any call, and may be one of thousands that somebody makes up, never waits for a
        place, and few that turn out to be of none are asked for: CarrierError `carrier-busy`.
        """

    def switch(self, account: CarrierAccount, call_id: str, instruction: Instruction) -> None:
        """Have a live call leave what it does, and its media stream, and go on with this instruction.

        Raises CarrierError with the code CALL_GONE when there is no such call any more.
        """

    def has_number(self, account: CarrierAccount, address: str) -> bool:
        """Say whether this number, in E.164 or a SIP address, is the account's; answers within seconds."""

    def verify(self, account: CarrierAccount) -> None:
        """Return when the carrier accepts the secrets for the account; raise CarrierError when it does not."""
