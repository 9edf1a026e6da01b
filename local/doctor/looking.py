"""Looking at AWS: what keeps us from it becomes advice."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from offhook.adapters.sdk_errors import error_code
from offhook.errors import OffhookError


class UnwellError(OffhookError):
    """A thing is not as it should be: which, where its name is not the looker's own, and what to do.

    `aws_code` is AWS's name for what kept us from looking.
    """

    def __init__(self, detail: str, *, subject: str = "stack", aws_code: str = "") -> None:
        super().__init__(detail)
        self.subject = subject
        self.aws_code = aws_code


@contextmanager
def looking() -> Iterator[None]:
    """Turn what kept us from looking into an UnwellError with advice."""
    try:
        yield
    except ClientError as error:
        raise UnwellError(_refused(error), aws_code=error_code(error)) from error
    except BotoCoreError as error:
        raise UnwellError(f"could not be asked about ({type(error).__name__}): try again") from error


def _refused(error: ClientError) -> str:
    code, operation = error_code(error), error.operation_name
    if "AccessDenied" in code or code == "UnauthorizedOperation":
        return f"these credentials may not call {operation}: look with those that have deployed"
    return f"{operation} was refused ({code or 'no reason given'}): try again"
