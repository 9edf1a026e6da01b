"""What can be dialled: phone numbers in E.164, and SIP addresses. One rule for triggers, workflows and the dialler."""

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# RFC 3261, 19.1.1: a user, a name, an IPv4 or IPv6 host, a port, parameters; no headers, which a dial does not send.
_SIP = re.compile(
    r"sips?:[A-Za-z0-9._~!*'()%&=+$,/-]{1,64}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::[0-9]{1,5})?"
    r"(?:;[A-Za-z0-9._~!*'()%+$&:/\[\]-]{1,64}(?:=[A-Za-z0-9._~!*'()%+$&:/\[\]-]{1,64})?){0,8}",
    re.IGNORECASE,
)
LONGEST_ADDRESS = 256

HOW_TO_WRITE = "Write the number in E.164, such as +14155550100, or as a sip: URI."
"""What whoever has written something else is told."""


def is_dialable(address: str) -> bool:
    """Say whether this is a phone number in E.164 or a `sip:` URI."""
    return len(address) <= LONGEST_ADDRESS and bool(_E164.fullmatch(address) or _SIP.fullmatch(address))


def plain_sip(address: str) -> str:
    """Write the scheme and the host of a SIP address, which know no case, in small letters; anything else as it is."""
    scheme, colon, rest = address.partition(":")
    if scheme.lower() not in ("sip", "sips"):
        return address
    user, at, host = rest.rpartition("@")
    return f"{scheme.lower()}{colon}{user}{at}{host.lower()}"
