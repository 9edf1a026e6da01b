"""How far a delivery is, as the API shows it: of runs, and of campaigns, which need know nothing else of how runs are shown."""

from pydantic import BaseModel, Field

from offhook.instants import Instant
from offhook.runs.model import DeliveryStatus


class RunDeliveryDocument(BaseModel):
    """How far a delivery of the finished run is."""

    status: DeliveryStatus
    attempts: int
    last_attempt_at: Instant | None
    answer: str | None = Field(
        default=None, description="What the last attempt met: an HTTP status, or the code of an error."
    )
