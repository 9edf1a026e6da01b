"""Keys and tokens derived from the one install secret, each bound to a purpose."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

_TOKEN_CHARACTERS = 32  # 192 bits of a SHA-256 MAC in base64url


LEAST_SECRET_CHARACTERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallSecret:
    """The secret that signs, and those that verify beside it while one takes the place of another."""

    current: str = field(repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)


def webhook_secret(install_secret: str, organization_id: str) -> str:
    """Return what the organization checks our posts to its addresses with: `whsec_` and 256 bits in hexadecimal."""
    purpose = f"webhook:{organization_id}"
    return "whsec_" + hmac.digest(install_secret.encode(), purpose.encode(), hashlib.sha256).hex()


class Signer:
    """Signs short texts for one purpose; a token made for one purpose is worthless for another.

    Tokens that were made with one of the `others` are as good.
    """

    def __init__(self, install_secret: str, purpose: str, others: Sequence[str] = ()) -> None:
        secrets = (install_secret, *others)
        self._keys = [hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256) for secret in secrets]

    def sign(self, text: str) -> str:
        """Return the token of this text: 32 URL-safe characters."""
        return _token(self._keys[0], text)

    def verify(self, text: str, token: str) -> bool:
        """Say whether the token was made for this text, in constant time."""
        return any(hmac.compare_digest(_token(key, text).encode(), token.encode()) for key in self._keys)


def _token(key: bytes, text: str) -> str:
    mac = hmac.digest(key, text.encode(), hashlib.sha256)
    return urlsafe_b64encode(mac).decode()[:_TOKEN_CHARACTERS]
