"""Where an organization's calls may go: toll fraud is somebody else's premium number on one's own bill."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from offhook.dialable import plain_sip
from offhook.errors import ForbiddenError
from offhook.telephony.model import OutboundProfile

_NO_COUNTRY = "001"
# Extensions of a house are shorter.
_LIKE_A_NUMBER = re.compile(r"[0-9*#().,-]{7,}")


def check_destination(profile: OutboundProfile, address: str) -> None:
    """Raise ForbiddenError unless the organization may call this address, a dialable one."""
    allowed = profile.limits.allowed_destinations
    if not (_is_home(profile, address) if allowed is None else _has_prefix(address, allowed)):
        raise ForbiddenError(
            "Your organization's limits do not allow calls to this destination: add its prefix to "
            "allowed_destinations, or have a number of that country verified (PUT it once more to ask the carrier).",
            code="destination-not-allowed",
        )


def _has_prefix(address: str, prefixes: Iterable[str]) -> bool:
    return any(_begins_with(_plain_sip(address), _plain_sip(prefix)) for prefix in prefixes)


def _begins_with(address: str, prefix: str) -> bool:
    """Say whether the prefix covers the address; one that names a host covers that host, not those that go on from it."""
    if not address.startswith(prefix):
        return False
    following = address[len(prefix) :]
    return "@" not in prefix or prefix.endswith("@") or not following or following[0] in ":;"


def _plain_sip(address: str) -> str:
    # Encrypted or not, it is the same network that charges for it.
    plain = plain_sip(address)
    return "sip:" + plain.removeprefix("sips:") if plain.startswith("sips:") else plain


def _is_home(profile: OutboundProfile, address: str) -> bool:
    if _plain_sip(address).startswith("sip:"):
        return _is_home_user(profile, unquote(address.partition(":")[2].partition("@")[0]))
    # What somebody has only written down is no proof that they have business there.
    own = [number.address for number in profile.numbers if number.verified_at is not None]
    country = _country(address)
    return country is not None and any(_country(number) == country for number in own)


def _is_home_user(profile: OutboundProfile, user: str) -> bool:
    # The carrier's own domain, like many a gateway, puts sip:+19005550123@… through to the telephone network.
    if user.startswith("+"):
        return _is_home(profile, user)
    return _LIKE_A_NUMBER.fullmatch(user) is None


def _country(address: str) -> str | None:
    """Return the region of a number, finer than its country code: +1 is not only the United States.

    None for what is no number, and for one whose calls pay whoever is called.
    """
    # Its tables take some 30 ms to load, which only a function that dials should pay for.
    import phonenumbers

    try:
        number = phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        return None
    code = number.country_code or 0
    region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(code)
    # Satellite and other numbers of no country share one region, and not one price.
    return f"+{code}" if region == _NO_COUNTRY else region
