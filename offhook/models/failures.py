"""Why a language model failed, in words that a deadline, another attempt or a second model can go by."""

from enum import StrEnum

from offhook.errors import EngineError


class ModelFailure(StrEnum):
    """What kind of failure it was."""

    THROTTLED = "throttled"  # a quota is used up: another model, or later
    REFUSED = "refused"  # the same request will always be refused
    UNAVAILABLE = "unavailable"  # the service says that it cannot at the moment
    LOST = "lost"  # the connection, or the reply in it, broke off
    STALLED = "stalled"  # nothing broke, and nothing goes on
    CORRUPT = "corrupt"  # what came in cannot be read


_SENTENCES = {
    ModelFailure.THROTTLED: "{service} takes no more requests at the moment; ask for a higher quota if this recurs.",
    ModelFailure.REFUSED: "{service} refused the request ({reason}); check the model's id, the credentials, the region and "
    "whether the account may use the model.",
    ModelFailure.UNAVAILABLE: "{service} is not available at the moment ({reason}).",
    ModelFailure.LOST: "The reply of {service} broke off ({reason}).",
    ModelFailure.STALLED: "{service} does not answer in time.",
    ModelFailure.CORRUPT: "{service} sent what cannot be read ({reason}).",
}


class ModelError(EngineError):
    """A language model failed; `reason` is its service's own name of the error, which holds nothing of the call."""

    def __init__(self, failure: ModelFailure, *, service: str, reason: str = "") -> None:
        super().__init__(
            _SENTENCES[failure].format(service=service, reason=reason or "no reason given"),
            engine=service,
            retryable=failure is not ModelFailure.REFUSED,
        )
        self.failure = failure
        self.reason = reason
