"""Keys and tokens derived from the one install secret, each bound to a purpose."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

_TOKEN_CHARACTERS = 32  # 192 bits of a SHA-256 MAC in base64url


def webhook_secret(install_secret: str, organization_id: str) -> str:
    """Return what the organization checks our posts to its addresses with: `whsec_` and 256 bits in hexadecimal."""
    purpose = f"webhook:{organization_id}"
    return "whsec_" + hmac.digest(install_secret.encode(), purpose.encode(), hashlib.sha256).hex()


class Signer:
    """Signs short texts for one purpose; a token made for one purpose is worthless for another."""

    def __init__(self, install_secret: str, purpose: str) -> None:
        self._key = hmac.digest(install_secret.encode(), purpose.encode(), hashlib.sha256)

    def sign(self, text: str) -> str:
        """Return the token of this text: 32 URL-safe characters."""
        mac = hmac.digest(self._key, text.encode(), hashlib.sha256)
        return urlsafe_b64encode(mac).decode()[:_TOKEN_CHARACTERS]

    def verify(self, text: str, token: str) -> bool:
        """Say whether the token was made for this text, in constant time."""
        return hmac.compare_digest(self.sign(text).encode(), token.encode())
