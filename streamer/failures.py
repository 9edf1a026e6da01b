"""Telling the log of a failure without its text, which may hold what somebody said or a secret."""

import logging
import traceback
from collections.abc import Iterator


def log_failure(logger: logging.Logger, event: str, error: BaseException) -> None:
    """Log each error behind this one by its type and by the line that raised it."""
    for cause in _causes(error):
        logger.error(event, extra={"error_type": type(cause).__name__, "raised_at": _raised_at(cause)})


def _causes(error: BaseException) -> Iterator[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for inner in error.exceptions:
        yield from _causes(inner)


def _raised_at(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
