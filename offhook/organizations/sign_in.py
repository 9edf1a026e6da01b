"""Signing in by a code: who has a key hands it to a browser that way, through nobody's hands and nobody's screen.

The code is good for a minute and for one use. What is stored is no use without it: a hash to find it by, and the key under
a pad that comes of the code. A pad of as many random bits as it hides, used once, can't be told from noise.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from offhook.errors import UnauthenticatedError
from offhook.organizations.ports import OrganizationRepository
from offhook.organizations.usecases import authenticate

CODE_LIFETIME = timedelta(minutes=1)
_CODE_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCode:
    """A code as it is stored."""

    hash: str
    padded_key: str = field(repr=False)
    expires_at: datetime


class SignInCodes(Protocol):
    """Stored codes. Synchronous; may block for a network round trip."""

    def add(self, code: SignInCode) -> None:
        """Store a new code."""

    def take(self, code_hash: str) -> SignInCode | None:
        """Return the code with this hash and remove it; of several who ask, one gets it."""


def make_code(codes: SignInCodes, full_key: str, now: datetime) -> tuple[str, datetime]:
    """Store a code that gives this key away, once; return it, and when it ends."""
    code, expires_at = secrets.token_urlsafe(_CODE_BYTES), now + CODE_LIFETIME
    codes.add(
        SignInCode(hash=_hash(code), padded_key=_padded(full_key.encode(), code).hex(), expires_at=expires_at)
    )
    return code, expires_at


def redeem_code(codes: SignInCodes, organizations: OrganizationRepository, code: str, now: datetime) -> str:
    """Return the key that a code gives away; raise UnauthenticatedError, the same for every reason."""
    stored = codes.take(_hash(code))
    if stored is None or now >= stored.expires_at:
        raise UnauthenticatedError(
            "The code is not valid: it was used, is older than a minute, or never was one. Run offhook open again, or sign "
            "in with an API key."
        )
    full_key = _padded(bytes.fromhex(stored.padded_key), code).decode()
    authenticate(organizations, full_key, now)
    return full_key


def _hash(code: str) -> str:
    return hmac.digest(code.encode(), b"find", "sha256").hex()


def _padded(text: bytes, code: str) -> bytes:
    """Hide a text that is no longer than 64 bytes, or show it again."""
    pad = hmac.digest(code.encode(), b"hide", "sha512")
    return bytes(one ^ other for one, other in zip(text, pad[: len(text)], strict=True))
