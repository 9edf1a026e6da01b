"""Reads the install secret, and those that it follows and that follow it, so that a rotation cuts nothing off."""

from typing import Any

from offhook.adapters.sdk import make_client
from offhook.adapters.sdk_errors import sdk_errors
from offhook.adapters.secrets_manager.plain_secret import text_of
from offhook.errors import NotConfiguredError
from offhook.signing import LEAST_SECRET_CHARACTERS, InstallSecret

# Processes that already sign with what is pending here, and those that still sign with what was current before.
_OTHERS = ("AWSPREVIOUS", "AWSPENDING")


def read_install_secret(secret_id: str) -> InstallSecret:
    """Read the versions of a secret by their staging labels: the current one signs, the others verify.

    Raises NotConfiguredError where there is no current version, or a version is too short; StorageError.
    """
    client = make_client("secretsmanager")
    with sdk_errors("Secrets Manager"):
        current = _version(client, secret_id, "AWSCURRENT")
        if current is None:
            raise NotConfiguredError(
                "The secret that OFFHOOK_INSTALL_SECRET_ID names has no value in this account and region: "
                "put one there, or mend the name."
            )
        others = [_version(client, secret_id, label) for label in _OTHERS]
    return InstallSecret(
        current=current, others=tuple(dict.fromkeys(each for each in others if each and each != current))
    )


def _version(client: Any, secret_id: str, label: str) -> str | None:
    text = text_of(client, secret_id, label)
    if text is not None and len(text) < LEAST_SECRET_CHARACTERS:
        raise NotConfiguredError(
            f"The secret that OFFHOOK_INSTALL_SECRET_ID names is too short ({label}): "
            f"make it a text of at least {LEAST_SECRET_CHARACTERS} characters."
        )
    return text
