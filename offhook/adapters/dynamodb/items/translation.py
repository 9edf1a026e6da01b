"""Turns the failures of DynamoDB and its libraries into the errors of the product."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import PynamoDBException, TransactWriteError

from offhook.errors import InvalidInputError, OffhookError, StorageError

_REFUSALS = ("ConditionalCheckFailed", "TransactionConflict")


class ConditionFailedError(Exception):
    """What is stored did not meet the condition of a write; never leaves this package."""


class ContendedError(Exception):
    """A transaction was at the same item just then, which refuses a write that was not wrong; never leaves this package."""


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise one of ours in place of the libraries' errors: the two above, InvalidInputError (too large) or StorageError."""
    try:
        yield
    except PynamoDBException as error:
        raise _translate(error) from error
    except BotoCoreError as error:
        raise _unavailable() from error


def _translate(error: PynamoDBException) -> ConditionFailedError | ContendedError | OffhookError:
    told = _told(error)
    if told.get("Code") == "ConditionalCheckFailedException":
        return ConditionFailedError()
    if told.get("Code") == "TransactionConflictException":
        return ContendedError()
    reasons = error.cancellation_reasons if isinstance(error, TransactWriteError) else []
    if any(reason is not None and reason.code in _REFUSALS for reason in reasons):
        return ConditionFailedError()
    messages = [told.get("Message"), *(reason.message for reason in reasons if reason is not None)]
    if any(_tells_of_size(message) for message in messages):
        return InvalidInputError(
            "This is too large to be stored: a record may have 400 KB with all its documents. Send less.",
            code="too-large",
        )
    return _unavailable()


def _told(error: PynamoDBException) -> dict[str, Any]:
    # Not the properties of PynamoDB: they take the `response` of a timeout, which is None, for a reply.
    response = getattr(error.cause, "response", None) or {}
    found: dict[str, Any] = response.get("Error", {})
    return found


def _tells_of_size(message: str | None) -> bool:
    return message is not None and "size" in message and "exceeded" in message


def _unavailable() -> StorageError:
    return StorageError(
        "The database did not accept the request; try again, and if it stays so check the region, the credentials, "
        "the endpoint and the tables of this install."
    )
