"""Reads a secret that is a text and nothing more."""

from typing import Any

from botocore.exceptions import ClientError

from offhook.adapters.sdk import make_client
from offhook.adapters.sdk_errors import error_code, sdk_errors
from offhook.errors import NotConfiguredError


def read_plain_secret(secret_id: str, setting: str) -> str:
    """Return the secret's current text; raise NotConfiguredError where it has none, which names the setting; StorageError."""
    client = make_client("secretsmanager")
    with sdk_errors("Secrets Manager"):
        text = (text_of(client, secret_id) or "").strip()
    if not text:
        raise NotConfiguredError(
            f"The secret that {setting} names has no value in this account and region: put one there, or mend the name."
        )
    return text


def text_of(client: Any, secret_id: str, label: str = "AWSCURRENT") -> str | None:
    """Return the text of the version with this staging label, None where there is none; raise what the SDK raises."""
    try:
        reply = client.get_secret_value(SecretId=secret_id, VersionStage=label)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        return None
    return str(reply.get("SecretString", ""))
