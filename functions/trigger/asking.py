"""What comes with every request that starts a call."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Response

from functions.http.authentication import Caller
from functions.http.idempotency.idempotency import NewThing
from functions.trigger.bodies import TriggerBody

APPLIED_HEADER = "Preference-Applied"
RESPOND_ASYNC = "respond-async"

_Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        max_length=1000,
        description="With `respond-async` the call is queued, and the reply is 202 before anybody is dialled.",
        examples=[RESPOND_ASYNC],
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Who asks for which call, whether for the first time, and whether the reply may come before the dial."""

    body: TriggerBody
    caller: Caller
    intent: NewThing
    response: Response
    prefer: _Prefer = None

    @property
    def prefers_queue(self) -> bool:
        """Say whether the client wants no more than a promise (RFC 7240); what else it prefers is left aside."""
        preferences = (self.prefer or "").split(",")
        # A preference may have parameters, which mean nothing for this one.
        return any(text.partition(";")[0].strip().lower() == RESPOND_ASYNC for text in preferences)


Asked = Annotated[Ask, Depends(Ask)]
