"""Seals secrets with a key that never leaves KMS."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, cast

from botocore.exceptions import ClientError

from offhook.adapters.kms.opened_secrets import OpenedSecrets
from offhook.adapters.sdk import make_client
from offhook.adapters.sdk_errors import error_code, sdk_errors
from offhook.errors import InvalidInputError

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

MAX_SECRET_BYTES = 4096
"""What KMS encrypts without a data key."""

_MARK = "kms1."
_REFUSALS = ("InvalidCiphertextException", "IncorrectKeyException", "ValidationException")


class KmsSecretBox:
    """Implements SecretBox; the context is KMS's encryption context, and shows in the account's audit trail.

    What it has opened it opens again without KMS for some minutes: every dial would otherwise wait for that.
    """

    def __init__(self, key_id: str) -> None:
        self._key_id = key_id
        self._opened = OpenedSecrets()

    @cached_property
    def _client(self) -> "KMSClient":
        return cast("KMSClient", make_client("kms"))

    def seal(self, secret: str, context: Mapping[str, str]) -> str:
        plain = secret.encode()
        if not 1 <= len(plain) <= MAX_SECRET_BYTES:
            raise InvalidInputError(f"A secret has 1 to {MAX_SECRET_BYTES} bytes.")
        with sdk_errors("KMS"):
            reply = self._client.encrypt(KeyId=self._key_id, Plaintext=plain, EncryptionContext=context)
        return _MARK + b64encode(reply["CiphertextBlob"]).decode()

    def open(self, sealed: str, context: Mapping[str, str]) -> str:
        secret = self._opened.find(sealed, context)
        if secret is None:
            secret = self._decrypt(sealed, context)
            self._opened.remember(sealed, context, secret)
        return secret

    def _decrypt(self, sealed: str, context: Mapping[str, str]) -> str:
        with sdk_errors("KMS"):
            try:
                reply = self._client.decrypt(
                    KeyId=self._key_id, CiphertextBlob=_unwrap(sealed), EncryptionContext=context
                )
            except ClientError as error:
                if error_code(error) not in _REFUSALS:
                    raise
                raise _sealed_elsewhere() from error
        return reply["Plaintext"].decode()


def _unwrap(sealed: str) -> bytes:
    if not sealed.startswith(_MARK):
        raise _sealed_elsewhere()
    try:
        return b64decode(sealed.removeprefix(_MARK), validate=True)
    except ValueError:
        raise _sealed_elsewhere() from None


def _sealed_elsewhere() -> InvalidInputError:
    return InvalidInputError("The secret was sealed by another key or for something else; enter it again.")
