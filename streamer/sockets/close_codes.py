"""Why a media socket closes: the codes of the contract, and which error closes with which."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from offhook.errors import (
    CarrierError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LimitReachedError,
    NotConfiguredError,
    NotFoundError,
    OffhookError,
    OwnershipLostError,
    ProtocolError,
    QuotaExceededError,
    UnauthenticatedError,
)

MAX_REASON_BYTES = 123
"""What a close message can hold beside its code (RFC 6455, section 5.5)."""


class CloseCode(IntEnum):
    """The codes that we close with, each with one meaning."""

    NORMAL = 1000
    REFUSED = 1008
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    HANDSHAKE_TIMEOUT = 4408
    TAKEN_OVER = 4409


@dataclass(frozen=True, slots=True)
class Closing:
    """A close code and its reason, which the peer sees."""

    code: CloseCode
    reason: str


class HandshakeTimeoutError(ProtocolError):
    """The peer did not send `connected` and `start` in time."""

    code = "handshake-timeout"


class PeerGoneError(OffhookError):
    """The peer closed the socket while we waited for it."""

    code = "peer-gone"


class NoRoomError(OffhookError):
    """There is no room for another call in this process; there may be soon, or in another."""

    code = "no-room"


# The first class that fits wins, so a subclass stands before its parent; all others are an INTERNAL_ERROR.
_CODES: Sequence[tuple[type[OffhookError], CloseCode]] = (
    (PeerGoneError, CloseCode.NORMAL),
    (NoRoomError, CloseCode.TRY_AGAIN_LATER),
    (HandshakeTimeoutError, CloseCode.HANDSHAKE_TIMEOUT),
    (ProtocolError, CloseCode.BAD_REQUEST),
    (InvalidInputError, CloseCode.BAD_REQUEST),
    (NotConfiguredError, CloseCode.BAD_REQUEST),
    (OwnershipLostError, CloseCode.TAKEN_OVER),
    (LimitReachedError, CloseCode.REFUSED),
    (QuotaExceededError, CloseCode.REFUSED),
    (ConflictError, CloseCode.REFUSED),
    (UnauthenticatedError, CloseCode.REFUSED),
    (ForbiddenError, CloseCode.REFUSED),
    (NotFoundError, CloseCode.REFUSED),
)


def closing_for(error: BaseException) -> Closing:
    """Translate a failure of a call into what its peer is told.

    Details of our own errors are sentences for people and hold no secret; any other error's text stays here.
    """
    if isinstance(error, BaseExceptionGroup):
        return closing_for(_named_error_in(error))
    if isinstance(error, CarrierError):
        return Closing(_carrier_code(error), error.detail)
    if isinstance(error, OffhookError):
        return Closing(_code_for(error), error.detail)
    return Closing(CloseCode.INTERNAL_ERROR, "Internal server error")


def cut_reason(reason: str) -> str:
    """Shorten a reason to what a close message can hold, never within a character."""
    return reason.encode("utf-8", "replace")[:MAX_REASON_BYTES].decode("utf-8", "ignore")


def _code_for(error: OffhookError) -> CloseCode:
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    return CloseCode.INTERNAL_ERROR


def _carrier_code(error: CarrierError) -> CloseCode:
    # The carrier's rate limit passes; a session that it does not know stays unknown.
    return CloseCode.TRY_AGAIN_LATER if error.retry_after_seconds is not None else CloseCode.BAD_REQUEST


def _named_error_in(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Find the first error of ours in what a TaskGroup raised."""
    for error in group.exceptions:
        found = _named_error_in(error) if isinstance(error, BaseExceptionGroup) else error
        if isinstance(found, OffhookError):
            return found
    return RuntimeError("several failures")
