"""Seals secrets with a key in a file, where there is no KMS."""

import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from offhook.errors import InvalidInputError, NotConfiguredError

_MARK = "file1."
_KEY_BYTES = 32
_NONCE_BYTES = 12
_MAX_SECRET_BYTES = 4096  # What KMS takes: a secret that fits here fits there.


class KeyFileSecretBox:
    """Implements SecretBox with AES-256-GCM; the context is authenticated, not stored."""

    def __init__(self, path: Path) -> None:
        """Read the key, or make the file with a new one, which only its owner can read."""
        self._cipher = AESGCM(_read_key(path) if path.exists() else _make_key(path))

    def seal(self, secret: str, context: Mapping[str, str]) -> str:
        plain = secret.encode()
        if not 1 <= len(plain) <= _MAX_SECRET_BYTES:
            raise InvalidInputError(f"A secret has 1 to {_MAX_SECRET_BYTES} bytes.")
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _MARK + urlsafe_b64encode(nonce + self._cipher.encrypt(nonce, plain, _bound(context))).decode()

    def open(self, sealed: str, context: Mapping[str, str]) -> str:
        if not sealed.startswith(_MARK):
            raise _sealed_elsewhere()
        try:
            box = urlsafe_b64decode(sealed.removeprefix(_MARK))
            return self._cipher.decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], _bound(context)).decode()
        except (InvalidTag, ValueError):
            raise _sealed_elsewhere() from None


def _bound(context: Mapping[str, str]) -> bytes:
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":")).encode()


def _make_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
        file.write(urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)))
        file.flush()
        os.fsync(file.fileno())
    # A link never replaces: of two processes that start together one makes the key and both use it.
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    try:
        key = urlsafe_b64decode(path.read_bytes())
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise NotConfiguredError(f"{path} is not a key file of Offhook; move it away to have a new one made.")
    return key


def _sealed_elsewhere() -> InvalidInputError:
    return InvalidInputError("The secret was sealed by another key or for something else; enter it again.")
