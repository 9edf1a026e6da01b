"""The errors of the product, in one tree.

    OffhookError
    ├── InvalidInputError            the caller sent something that cannot be accepted
    ├── UnauthenticatedError         no valid credential
    ├── ForbiddenError               a valid credential that may not do this
    ├── NotFoundError                no such thing in this organization
    ├── ConflictError                the thing is not in a state that allows this
    │   ├── OwnershipLostError       another process owns the run now
    │   ├── InProgressError          the same request is being carried out at this moment
    │   └── StaleError               the thing has changed since the caller read it
    ├── LimitReachedError            too much at once, or too fast: the same request may succeed later
    ├── QuotaExceededError           what the organization may use is used up
    ├── NotConfiguredError           something the operator must set up first
    ├── UnansweredError              another process took the request and did not say whether it was carried out
    ├── StorageError                 the database, the bucket or the key service failed or did not answer
    ├── CarrierError                 the telephony provider refused, failed or did not answer
    ├── EngineError                  a recogniser, synthesiser or language model failed
    └── ProtocolError                a peer on a media socket broke the protocol

An error knows its subject and, for providers, whether trying again can help. It does not know HTTP: two tables
translate it, `functions/http/errors.py` into a status and `streamer/sockets/close_codes.py` into a close code. No message
holds a secret, a phone number, a transcript or a stream URL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self


class OffhookError(Exception):
    """Any failure that Offhook names; `code` is kebab-case and stable, `detail` is a sentence to act on."""

    code = "internal-error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """One thing wrong with one field of an input: where, as a path, and what; `members` are shown beside them.

    The path begins at what its finder was given: whoever knows where that stood puts the rest before it (`within`).
    """

    loc: tuple[str | int, ...]
    msg: str
    members: Mapping[str, str | None] = field(default_factory=dict)


class InvalidInputError(OffhookError):
    """The input breaks a rule; `problems` names each field."""

    code = "invalid-request"

    def __init__(
        self, detail: str, *, problems: Sequence[FieldProblem] = (), code: str | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.problems = tuple(problems)

    @classmethod
    def at(cls, *loc: str | int, msg: str, code: str | None = None) -> Self:
        """Return the error of one field."""
        return cls(msg, problems=[FieldProblem(loc=loc, msg=msg)], code=code)

    def within(self, *path: str | int) -> Self:
        """Put a path before that of each field; return this very error."""
        self.problems = tuple(replace(problem, loc=(*path, *problem.loc)) for problem in self.problems)
        return self


class UnauthenticatedError(OffhookError):
    """The credential is missing, unknown, archived or expired."""

    code = "unauthenticated"


class ForbiddenError(OffhookError):
    """The credential is good but does not allow this."""

    code = "forbidden"


class NotFoundError(OffhookError):
    """There is no such thing, or it belongs to another organization."""

    code = "not-found"


class ConflictError(OffhookError):
    """The thing exists and its state forbids this."""

    code = "conflict"


class OwnershipLostError(ConflictError):
    """Another process has taken the run over; this one must stop touching it."""

    code = "ownership-lost"


class InProgressError(ConflictError):
    """The same request is being carried out at this moment; its reply may be there after `retry_after_seconds`."""

    code = "idempotency-in-progress"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class StaleError(ConflictError):
    """The thing has changed since the caller read it; read it again."""

    code = "precondition-failed"


class LimitReachedError(OffhookError):
    """A limit of the organization or of the key is reached; trying again after `retry_after_seconds` may help."""

    code = "concurrency-limit"

    def __init__(self, detail: str, *, retry_after_seconds: int, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.retry_after_seconds = retry_after_seconds


class QuotaExceededError(OffhookError):
    """The organization has used up what it may use."""

    code = "quota-exceeded"


class NotConfiguredError(OffhookError):
    """The organization lacks a setting that this needs."""

    code = "not-configured"


class UnansweredError(OffhookError):
    """Another process has taken the request and did not answer; it may have been carried out."""

    code = "not-acknowledged"


class StorageError(OffhookError):
    """The database, the bucket or the key service failed or did not answer; the same request may succeed later."""

    code = "storage-unavailable"


class CarrierError(OffhookError):
    """The carrier failed.

    `may_have_acted` is True when the request may have reached the carrier and taken effect (a call may be
    ringing), so that nobody repeats it. `retry_after_seconds` is set when the carrier asked us to wait.
    """

    code = "carrier-refused"

    def __init__(
        self,
        detail: str,
        *,
        may_have_acted: bool = False,
        retry_after_seconds: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(detail, code=code)
        self.may_have_acted = may_have_acted
        self.retry_after_seconds = retry_after_seconds


class EngineError(OffhookError):
    """A speech engine or language model failed; `retryable` says whether the same request may succeed later."""

    code = "engine-failed"

    def __init__(self, detail: str, *, engine: str, retryable: bool = True) -> None:
        super().__init__(detail)
        self.engine = engine
        self.retryable = retryable


class ProtocolError(OffhookError):
    """A peer sent a message that the media protocol does not allow; the connection's state is unchanged."""

    code = "protocol-error"
