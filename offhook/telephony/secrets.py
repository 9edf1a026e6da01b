"""How the secrets of a telephony configuration look from outside: a mask, and enough to recognise them by."""

import re

from offhook.errors import InvalidInputError

MAX_SECRET_CHARACTERS = 2048

_MASK = "…"
_HINT_CHARACTERS = 4
# What an HTTP header can carry; a masked secret is no such text.
_SECRET = re.compile(rf"[!-~]{{1,{MAX_SECRET_CHARACTERS}}}")


def hint_of(secret: str) -> str:
    """Return the end of a secret, for people to recognise it by; nothing of one that is short."""
    return secret[-_HINT_CHARACTERS:] if len(secret) >= 2 * _HINT_CHARACTERS else ""


def mask(hint: str) -> str:
    """Return what is shown in place of a secret."""
    return _MASK + hint


def check_new_secret(text: str, field: str) -> None:
    """Raise InvalidInputError for what is no secret, such as another secret's mask."""
    if _SECRET.fullmatch(text) is None:
        raise InvalidInputError.at(
            "credentials",
            field,
            msg="Enter the secret itself, 1 to 2048 characters without spaces; "
            "only its own mask, as it is shown, leaves it unchanged.",
        )
