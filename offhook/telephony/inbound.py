"""Calls that come to us: whose account they are of, who says so, and which of our numbers is called."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from offhook.dialable import is_dialable
from offhook.errors import InvalidInputError, NotFoundError, UnauthenticatedError
from offhook.telephony.model import PhoneNumber, TelephonyConfiguration
from offhook.telephony.numbers import read_address
from offhook.telephony.ports import SecretBox, TelephonyRepository
from offhook.telephony.usecases import open_webhook_key

_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_PARAMETERS = re.compile(r"[;?].*", re.DOTALL)
_SIP_SCHEME = re.compile(r"sips?:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundAccount:
    """An account that its organization has verified, and the numbers behind it."""

    configuration: TelephonyConfiguration
    numbers: tuple[PhoneNumber, ...]


def find_account(telephony: TelephonyRepository, provider: str, account: str) -> InboundAccount:
    """Return a verified account, with two reads; raise NotFoundError for any other."""
    if owner := telephony.owner_of_account(provider, account):
        organization_id, configuration_id = owner
        profile = telephony.outbound_profile(organization_id)
        for configuration in profile.configurations:
            if configuration.id == configuration_id:
                numbers = profile.numbers_of(configuration_id)
                return InboundAccount(configuration=configuration, numbers=numbers)
    raise NotFoundError("Nobody has verified this domain here.", code="domain-not-verified")


def check_webhook_key(
    secret_box: SecretBox, configuration: TelephonyConfiguration, is_shown: Callable[[str], bool]
) -> bool:
    """Say whether the configuration's key proves that the carrier speaks; False where it has none.

    Raises UnauthenticatedError when it has one and the webhook does not show it.
    """
    expected = open_webhook_key(secret_box, configuration)
    if expected is None:
        return False
    if not is_shown(expected):
        raise UnauthenticatedError(
            "The carrier did not send the webhook_api_key of the telephony configuration.",
            code="webhook-key-wrong",
        )
    return True


def number_called(account: InboundAccount, addresses: Iterable[str]) -> PhoneNumber | None:
    """Return the number that is called: the first of these that the account has."""
    numbers = {number.address: number for number in account.numbers}
    return next((numbers[address] for address in addresses if address in numbers), None)


def caller_address(caller: str) -> str | None:
    """Return a caller's number in E.164, or what else the carrier says of who calls; None for nothing."""
    return _phone_number(_user(_bare(caller))) or _bare(caller) or None


def address_spellings(called: str, *, sip_host: str) -> Iterator[str]:
    """Yield the addresses that a carrier's text may stand for, in the form that we store: the whole before its part.

    A bare name is one of `sip_host`.
    """
    bare = _bare(called)
    sip = bare if _SIP_SCHEME.match(bare) else f"sip:{bare}"
    # Spaces and parentheses, for one, are of no SIP address.
    with suppress(InvalidInputError):
        yield read_address(sip if "@" in sip else f"{sip}@{sip_host}")
    if number := _phone_number(_user(bare)):
        yield number


def _bare(text: str) -> str:
    """Take off a display name, and the parameters of a SIP address."""
    in_brackets = _IN_BRACKETS.search(text)
    return _PARAMETERS.sub("", in_brackets[1] if in_brackets else text).strip()


def _user(bare: str) -> str:
    return _SIP_SCHEME.sub("", bare, count=1).partition("@")[0]


def _phone_number(user: str) -> str | None:
    """Write a number in E.164, also where the `+` is missing; None for what is no number."""
    digits = re.sub(r"[\s()+-]", "", user)
    return f"+{digits}" if is_dialable(f"+{digits}") else None
