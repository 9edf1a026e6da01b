"""Which header fields a tenant's request may bring along."""

import re

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}", re.ASCII)
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,4094}[\x21-\x7e])?", re.ASCII)

# Those of one connection, and those that frame the message or name its host: with them a request could be read as two.
_RESERVED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_SECRET = frozenset({"authorization", "cookie", "x-api-key", "api-key", "x-auth-token"})


def is_name(text: str) -> bool:
    """Say whether a header can be called so."""
    return _NAME.fullmatch(text) is not None


def is_value(text: str) -> bool:
    """Say whether this can be a header's value: printable ASCII without space at its ends."""
    return _VALUE.fullmatch(text) is not None


def is_reserved(name: str) -> bool:
    """Say whether this header is ours to set."""
    lowered = name.lower()
    return lowered in _RESERVED or lowered.startswith("proxy-")


def carries_secret(name: str) -> bool:
    """Say whether this header is one that shows who asks, whose value belongs into a credential."""
    return name.lower() in _SECRET
