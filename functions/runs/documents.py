"""The public form of lists of runs and of events, of links and of peaks."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from offhook.documents import examples
from offhook.instants import Instant
from offhook.runs.document import EXAMPLE_RUN, RunDocument
from offhook.runs.log.document import EXAMPLE_EVENT, EventDocument
from offhook.runs.model import RunStatus
from offhook.runs.turns import EXAMPLE_TURN, TurnDocument


class RunList(BaseModel):
    """A page of runs, newest first; it may be short although `next_cursor` says that there is more."""

    items: list[RunDocument]
    next_cursor: str | None

    model_config = examples(
        {
            "items": [EXAMPLE_RUN],
            "next_cursor": "MzczMjA1MTUxNDkwMDQ4.Yb0wq3nq0o8mJm1x6d2gkq9dJc4Tz7aP",
        }
    )


class EventList(BaseModel):
    """Events in their order. Ask again with `after=next_after`; a final `status` and no items mean the end."""

    items: list[EventDocument]
    next_after: int
    status: RunStatus

    model_config = examples({"items": [EXAMPLE_EVENT], "next_after": 7, "status": "in_progress"})


class NeighboursDocument(BaseModel):
    """The runs beside one in a list, by their `workflow_run_id`; null where there is none near."""

    older: int | None
    newer: int | None

    model_config = ConfigDict(
        from_attributes=True, json_schema_extra={"examples": [{"older": 373205151490048, "newer": None}]}
    )


class TurnList(BaseModel):
    """The turns of a run so far, in their order. Ask again with `after=next_after` for those that had no room."""

    items: list[TurnDocument]
    next_after: int

    model_config = examples({"items": [EXAMPLE_TURN], "next_after": 2})


class LinkDocument(BaseModel):
    """A link that anybody can open until it expires."""

    url: str
    expires_at: Instant = Field(description="15 minutes from now.")

    model_config = examples(
        {
            "url": "https://media.example.com/recording.wav?X-Amz-Signature=…",
            "expires_at": "2026-11-20T10:15:00.000Z",
        }
    )


Peak = Annotated[int, Field(ge=0, le=100)]


class TracksDocument(BaseModel):
    """The peaks of both sides of a call."""

    caller: list[Peak]
    agent: list[Peak]


class PeaksDocument(BaseModel):
    """How loud a recording is: of each tenth of a second the loudest sample, linear; 100 is the most that mu-law holds."""

    version: Literal[1]
    peaks_per_second: Literal[10]
    duration_seconds: float
    tracks: TracksDocument

    model_config = examples(
        {
            "version": 1,
            "peaks_per_second": 10,
            "duration_seconds": 0.42,
            "tracks": {"caller": [0, 0, 12, 31, 18], "agent": [44, 57, 3, 0, 0]},
        }
    )
