"""How a number stands on the list: in one form, however it was written.

Campaigns read the numbers of their contacts more strictly: those must be ones that can be called. Here whatever was dialled, or
has called, must be found again, however odd it is.
"""

import re
from urllib.parse import unquote

from offhook.dialable import is_dialable, plain_sip
from offhook.errors import InvalidInputError

MAX_CHARACTERS = 256

_BETWEEN_DIGITS = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")
_DIGITS = re.compile(r"\+?([1-9][0-9]{6,14})")


def listed(text: str) -> str:
    """Return what was written, `+1 (415) 555-0100`, `0044 20…` or a `sip:` URI, as it stands on the list.

    Raises InvalidInputError for what is neither a number with its country code nor a SIP address.
    """
    address = _plain(text.strip())
    if len(text) > MAX_CHARACTERS or not is_dialable(address):
        raise InvalidInputError.at(
            "phone_number",
            msg="Write the number with its country code, such as +14155550100, or as a sip: URI.",
            code="invalid-number",
        )
    return address


def names_of(address: str) -> tuple[str, ...]:
    """Return all that may stand on the list against a dialable address: itself, and the number that a SIP address dials."""
    plain = _plain(address)
    if not plain.startswith("sip:"):
        return (plain,)
    # A gateway puts sip:+14155550100@… through to the telephone network.
    number = _DIGITS.fullmatch(unquote(plain.removeprefix("sip:").partition("@")[0]))
    return (plain, _in_e164(f"+{number[1]}")) if number else (plain,)


def _plain(address: str) -> str:
    scheme = address.partition(":")[0].lower()
    if scheme in ("sip", "sips"):
        # With its parameters and port, encrypted or not, it rings at the same desk.
        user, at, host = plain_sip(address).partition(":")[2].partition("@")
        bare = host if host.startswith("[") else host.partition(":")[0]
        return f"sip:{user}{at}{bare.partition(';')[0]}"
    digits = _BETWEEN_DIGITS.sub("", address)
    return _in_e164(f"+{digits[2:]}" if digits.startswith("00") else digits)


def _in_e164(number: str) -> str:
    """Return a number without what is no part of it, such as the zero of +49 (0)30; what is none stays as it is."""
    if not is_dialable(number):
        return number
    # Its tables take some 30 ms to load, which only who reads numbers should pay for.
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
