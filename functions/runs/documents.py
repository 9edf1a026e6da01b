"""The public form of lists of runs and of events, and of links."""

from pydantic import BaseModel, ConfigDict, Field

from offhook.instants import Instant
from offhook.runs.document import EXAMPLE_RUN, RunDocument
from offhook.runs.log.document import EXAMPLE_EVENT, EventDocument
from offhook.runs.model import RunStatus
from offhook.runs.turns import EXAMPLE_TURN, TurnDocument


class RunList(BaseModel):
    """A page of runs, newest first; it may be short although `next_cursor` says that there is more."""

    items: list[RunDocument]
    next_cursor: str | None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [EXAMPLE_RUN],
                    "next_cursor": "MzczMjA1MTUxNDkwMDQ4.Yb0wq3nq0o8mJm1x6d2gkq9dJc4Tz7aP",
                }
            ]
        }
    )


class EventList(BaseModel):
    """Events in their order. Ask again with `after=next_after`; a final `status` and no items mean the end."""

    items: list[EventDocument]
    next_after: int
    status: RunStatus

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [EXAMPLE_EVENT], "next_after": 7, "status": "in_progress"}]}
    )


class TurnList(BaseModel):
    """The turns of a run so far, in their order. Ask again with `after=next_after` for those that had no room."""

    items: list[TurnDocument]
    next_after: int

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [EXAMPLE_TURN], "next_after": 2}]})


class LinkDocument(BaseModel):
    """A link that anybody can open until it expires."""

    url: str
    expires_at: Instant = Field(description="15 minutes from now.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://media.example.com/recording.wav?X-Amz-Signature=…",
                    "expires_at": "2026-11-20T10:15:00.000Z",
                }
            ]
        }
    )
