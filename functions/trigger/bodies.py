"""The bodies of the trigger routes."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from functions.http.idempotency.once import KEY_PATTERN
from offhook.documents import GivenDocument, examples
from offhook.instants import Instant
from offhook.runs.context import RESERVED_CONTEXT_KEYS
from offhook.runs.placing.orders import MAX_CALLBACK_URL_CHARACTERS
from offhook.runs.waking import MOST_AHEAD

UNKNOWN_FIELD_HINT = "This field is not known here: variables for the agent belong under initial_context."

_Id = Annotated[str, Field(min_length=1, max_length=64)]
_RESERVED = ", ".join(f"`{name}`" for name in RESERVED_CONTEXT_KEYS)


QUEUED_EXAMPLE = {
    "status": "queued",
    "workflow_run_id": 373205151490051,
    "workflow_run_name": "WR-API-0417",
}


class TriggerBody(GivenDocument):
    """Whom to call, and what the agent shall know about it."""

    model_config = examples(
        {
            "phone_number": "+14155550100",
            "initial_context": {"customer_name": "Jane", "appointment_date": "March 15"},
        },
        {
            "phone_number": "+14155550100",
            "initial_context": {"order": {"number": "A-991", "total_usd": 41.5}},
            "callback_url": "https://hooks.example.com/resume/3f1c",
            "dedupe_key": "order-A-991-reminder",
        },
        {"phone_number": "+14155550100", "scheduled_at": "2026-12-01T15:30:00-05:00"},
    )

    phone_number: str = Field(max_length=400, description="In E.164, such as +14155550100, or a sip: URI.")
    initial_context: dict[str, Any] = Field(
        default_factory=dict,
        description="Variables for the agent's templates, at most 64 KB of JSON. The system's own words replace what "
        f"is sent under these names: {_RESERVED}.",
    )
    telephony_configuration_id: _Id | None = Field(
        default=None, description="The configuration to call with, in place of the default one."
    )
    from_phone_number_id: _Id | None = Field(
        default=None, description="The configuration's number to call from, in place of the default one."
    )
    callback_url: str | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_CALLBACK_URL_CHARACTERS,
        description="Where the finished run is posted, once. Not for a call that is refused in the reply itself.",
    )
    scheduled_at: Instant | None = Field(
        default=None,
        description=f"When to call, up to {MOST_AHEAD.days} days ahead, in place of at once; with a time zone. Until then "
        "`DELETE /api/v1/runs/{workflow_run_id}` calls it off.",
    )
    dedupe_key: str | None = Field(
        default=None,
        min_length=1,
        max_length=255,
        pattern=KEY_PATTERN,
        description="Stands in for the header Idempotency-Key where a client can't set headers.",
    )


class TriggerReply(BaseModel):
    """The call is on its way: `initiated` when the carrier was asked, `queued` when it waits for its dial, `scheduled` for its instant."""

    model_config = examples(
        {
            "status": "initiated",
            "workflow_run_id": 373205151490048,
            "workflow_run_name": "WR-API-7823",
        }
    )

    status: Literal["initiated", "queued", "scheduled"]
    workflow_run_id: int = Field(
        description="The run that records the call: GET /api/v1/runs/{workflow_run_id}."
    )
    workflow_run_name: str
