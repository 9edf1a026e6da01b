"""The SDK's failures, and below it urllib3's, as ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.eventstream import ParserError
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ReadTimeoutError as BodyTimeoutError

from offhook.adapters.sdk_errors import error_code
from offhook.models.failures import ModelError, ModelFailure

SERVICE = "Bedrock"

# By their names in the Converse API's reference (2026); those within a stream begin small.
_BY_NAME = {
    "throttlingexception": ModelFailure.THROTTLED,
    "servicequotaexceededexception": ModelFailure.THROTTLED,
    "modelnotreadyexception": ModelFailure.UNAVAILABLE,
    "modelerrorexception": ModelFailure.UNAVAILABLE,
    "modelstreamerrorexception": ModelFailure.LOST,
    "modeltimeoutexception": ModelFailure.STALLED,
    "internalserverexception": ModelFailure.UNAVAILABLE,
    "serviceunavailableexception": ModelFailure.UNAVAILABLE,
}
_TIMEOUTS = (ReadTimeoutError, ConnectTimeoutError, BodyTimeoutError)


@contextmanager
def model_errors() -> Iterator[None]:
    """Raise ModelError in place of what the SDK raises."""
    try:
        yield
    except ClientError as error:
        raise ModelError(_failure_of(error), service=SERVICE, reason=error_code(error)) from error
    except _TIMEOUTS as error:
        raise ModelError(ModelFailure.STALLED, service=SERVICE) from error
    except (NoCredentialsError, ParamValidationError) as error:
        raise ModelError(ModelFailure.REFUSED, service=SERVICE, reason=type(error).__name__) from error
    except (ParserError, UnicodeDecodeError) as error:
        raise ModelError(ModelFailure.CORRUPT, service=SERVICE, reason=type(error).__name__) from error
    except (BotoCoreError, HTTPError, OSError) as error:
        raise ModelError(ModelFailure.LOST, service=SERVICE, reason=type(error).__name__) from error


def _failure_of(error: ClientError) -> ModelFailure:
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
    by_status = (
        ModelFailure.UNAVAILABLE
        if status >= 500
        else ModelFailure.THROTTLED
        if status == 429
        else ModelFailure.REFUSED
    )
    return _BY_NAME.get(error_code(error).lower(), by_status)
