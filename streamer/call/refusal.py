"""Why an operator can't do something to a call."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What is not done, since the call is as it is: a `code` in kebab case, and a sentence that says what to do."""

    code: str
    detail: str
