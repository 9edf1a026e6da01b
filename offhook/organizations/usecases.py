"""Making, checking and retiring API keys."""

import hashlib
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from offhook.errors import ForbiddenError, StorageError, UnauthenticatedError
from offhook.ids import new_uuid
from offhook.organizations.model import ApiKey, Scope
from offhook.organizations.ports import OrganizationRepository

_KEY_MARK = "dg_"
_KEY_BYTES = 32
_PREFIX_CHARACTERS = 8
_TOUCH_INTERVAL = timedelta(minutes=1)


def create_key(
    organizations: OrganizationRepository,
    organization_id: str,
    *,
    name: str,
    scopes: Iterable[Scope] | None,
    now: datetime,
    expires_at: datetime | None = None,
    maker: ApiKey | None = None,
    key_id: str | None = None,
) -> tuple[ApiKey, str]:
    """Store a new key and return it with its full text, which nobody can read again.

    Without `scopes` the key has all. `maker` is the key that asks: it can't make one that may do more, or for longer,
    than itself (ForbiddenError); None is the operator. Without `key_id` the key gets an id of its own.
    """
    full_key = _KEY_MARK + secrets.token_urlsafe(_KEY_BYTES)
    key = ApiKey(
        id=key_id or new_uuid(),
        organization_id=organization_id,
        name=name,
        key_prefix=full_key[:_PREFIX_CHARACTERS],
        key_hash=hash_key(full_key),
        scopes=frozenset(Scope) if scopes is None else frozenset(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    _check_not_beyond(key, maker)
    organizations.add_key(key)
    return key, full_key


def hash_key(full_key: str) -> str:
    """Return what is stored of a key. No salt: 256 random bits can't be guessed from a hash."""
    return hashlib.sha256(full_key.encode()).hexdigest()


def authenticate(organizations: OrganizationRepository, presented: str | None, now: datetime) -> ApiKey:
    """Return the usable key that was presented; raise UnauthenticatedError, the same for every reason."""
    if not presented:
        raise UnauthenticatedError("An API key is needed: send it in the X-API-Key header.")
    key = organizations.find_key(hash_key(presented))
    if key is None or not key.is_usable(now):
        raise UnauthenticatedError("The API key is not valid: it is unknown, archived or expired.")
    if key.last_used_at is None or now - key.last_used_at >= _TOUCH_INTERVAL:
        # A note about a key is no reason to refuse it.
        with suppress(StorageError):
            organizations.touch_key(key, now)
    return key


def require_scope(key: ApiKey, scope: Scope) -> None:
    """Raise ForbiddenError unless the key has the scope."""
    if scope not in key.scopes:
        raise ForbiddenError(
            f"This API key lacks the scope {scope.value}: use a key that has it.", code="scope-required"
        )


def archive_key(
    organizations: OrganizationRepository, organization_id: str, key_id: str, now: datetime
) -> ApiKey:
    """Make a key open nothing any more; archiving twice changes nothing."""
    key = organizations.get_key(organization_id, key_id)
    return key if key.archived_at else _set_archived(organizations, key, now)


def reactivate_key(organizations: OrganizationRepository, key_id: str, maker: ApiKey) -> ApiKey:
    """Make an archived key of the maker's organization usable again; one that has expired stays so.

    Raises ForbiddenError for a key that may do more, or for longer, than the one that asks: its text may be known to
    whoever holds that one.
    """
    key = organizations.get_key(maker.organization_id, key_id)
    _check_not_beyond(key, maker)
    return _set_archived(organizations, key, None) if key.archived_at else key


def _set_archived(organizations: OrganizationRepository, key: ApiKey, archived_at: datetime | None) -> ApiKey:
    organizations.set_archived(key, archived_at)
    return replace(key, archived_at=archived_at)


def _check_not_beyond(key: ApiKey, maker: ApiKey | None) -> None:
    """Raise ForbiddenError when the key would open more, or for longer, than the key that asks for it."""
    if maker is None:
        return
    missing = key.scopes - maker.scopes
    if missing:
        names = ", ".join(sorted(missing))
        raise ForbiddenError(
            f"This API key can't give away scopes that it lacks: {names}. Name scopes that it has, or use another key.",
            code="scope-required",
        )
    if maker.expires_at is not None and (key.expires_at is None or key.expires_at > maker.expires_at):
        raise ForbiddenError(
            "This API key expires before the one that you ask for would: choose an earlier expires_at, or use another "
            "key.",
            code="expiry-beyond-own",
        )
