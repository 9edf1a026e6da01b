"""Why a speech service of AWS failed, in words that a deadline, a retry or a second engine can go by."""

from enum import StrEnum

from offhook.errors import EngineError


class Failure(StrEnum):
    """What kind of failure it was."""

    THROTTLED = "throttled"  # a quota is used up: another engine, or later
    REFUSED = "refused"  # the same request will always be refused
    UNAVAILABLE = "unavailable"  # the service says that it cannot at the moment
    LOST = "lost"  # the connection, or the stream in it, broke off
    STALLED = "stalled"  # nothing broke, and nothing goes on
    CORRUPT = "corrupt"  # what came in cannot be read


_SENTENCES = {
    Failure.THROTTLED: "{service} takes no more requests at the moment; ask AWS for a higher quota if this recurs.",
    Failure.REFUSED: "{service} refused the request ({reason}); check the credentials, the region and the settings.",
    Failure.UNAVAILABLE: "{service} is not available at the moment ({reason}).",
    Failure.LOST: "The connection to {service} was lost ({reason}).",
    Failure.STALLED: "{service} does not answer.",
    Failure.CORRUPT: "{service} sent what cannot be read ({reason}).",
}


class AwsSpeechError(EngineError):
    """A speech service failed; `reason` is its own name of the error, which holds nothing of the call."""

    def __init__(self, failure: Failure, *, service: str, reason: str = "") -> None:
        super().__init__(
            _SENTENCES[failure].format(service=service, reason=reason),
            engine=service,
            retryable=failure is not Failure.REFUSED,
        )
        self.failure = failure
        self.reason = reason


_BY_NAME = {
    "LimitExceededException": Failure.THROTTLED,
    "ThrottlingException": Failure.THROTTLED,
    "Throttling": Failure.THROTTLED,
    "TooManyRequestsException": Failure.THROTTLED,
    "ServiceQuotaExceededException": Failure.THROTTLED,
    "InternalFailureException": Failure.UNAVAILABLE,
    "ServiceUnavailableException": Failure.UNAVAILABLE,
    "ServiceFailureException": Failure.UNAVAILABLE,
    "ConflictException": Failure.LOST,  # another stream has taken the session's id
}


def failure_named(name: str, *, status: int = 400) -> Failure:
    """Tell the kind by AWS's name of an error, or by its status where the name is unknown."""
    by_status = (
        Failure.UNAVAILABLE if status >= 500 else Failure.THROTTLED if status == 429 else Failure.REFUSED
    )
    return _BY_NAME.get(name, by_status)
