"""Tokens of the session socket: who may open the socket of one session, for five minutes, and what they may do there."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from offhook.errors import UnauthenticatedError
from offhook.runs.model import Run

LIFE = timedelta(minutes=5)
"""How long a token opens the socket, as often as its client has to come back."""

MAX_TOKEN_CHARACTERS = 1024

# RFC 8725, section 3.1: the verifier names the algorithm, never the token.
_ALGORITHM = "HS256"
_PURPOSE = b"session-token"
_CLAIMS = ("session", "organization", "scope", "exp")


class TokenScope(StrEnum):
    """What a client may do: everything, or look and listen."""

    OPERATE = "operate"
    OBSERVE = "observe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a good token says: whose session it opens, and for what."""

    organization_id: str
    scope: TokenScope


class SessionTokens:
    """Mints and verifies tokens (JWT, HS256); those that were made with one of the `others` are as good."""

    def __init__(self, secret: str, others: Sequence[str] = ()) -> None:
        self._keys = [hmac.digest(each.encode(), _PURPOSE, hashlib.sha256) for each in (secret, *others)]

    def mint(self, run: Run, scope: TokenScope, now: datetime) -> str:
        """Return a token for the session of this run, good for five minutes."""
        import jwt

        claims = {
            "session": run.session_id,
            "organization": run.organization_id,
            "scope": scope,
            "exp": int((now + LIFE).timestamp()),
        }
        return jwt.encode(claims, self._keys[0], algorithm=_ALGORITHM)

    def verify(self, token: str, session_id: str, now: datetime) -> Grant:
        """Return what the token allows in this session; raise UnauthenticatedError for any that was not made for it."""
        claims = self._claims(token)
        if claims["session"] != session_id:
            raise UnauthenticatedError("This token is for another session: mint one for this.")
        if not isinstance(claims["exp"], int) or claims["exp"] <= now.timestamp():
            raise UnauthenticatedError("The token has expired: mint another one.")
        try:
            scope = TokenScope(claims["scope"])
        except ValueError:
            detail = "The token allows what this version does not know: mint another one."
            raise UnauthenticatedError(detail) from None
        return Grant(organization_id=str(claims["organization"]), scope=scope)

    def _claims(self, token: str) -> dict[str, Any]:
        # Here, for the functions that make other tokens start without it.
        import jwt

        if len(token) <= MAX_TOKEN_CHARACTERS and token.isascii():
            # Whether it has expired is told by the clock that we are given.
            options: Any = {"require": list(_CLAIMS), "verify_exp": False}
            for key in self._keys:
                try:
                    return jwt.decode(token, key, algorithms=[_ALGORITHM], options=options)
                except jwt.InvalidTokenError:
                    continue
        raise UnauthenticatedError("The token was not made by this install, or is damaged: mint another one.")
