"""Turns the AWS SDK's failures into StorageError, for the adapters that use it directly."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from offhook.errors import StorageError


@contextmanager
def sdk_errors(service: str) -> Iterator[None]:
    """Raise StorageError, naming the service, in place of the SDK's errors."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StorageError(
            f"{service} did not accept the request; try again, and if it stays so check the region, the credentials "
            "and the endpoint of this install."
        ) from error


def error_code(error: ClientError) -> str:
    """Return AWS's name for what went wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))
