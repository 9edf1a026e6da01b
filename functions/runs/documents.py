"""The public form of lists of runs, of events and of links."""

from typing import Any

from pydantic import BaseModel, Field

from offhook.clock import to_iso
from offhook.runs.document import RunDocument
from offhook.runs.events import RunEvent
from offhook.runs.model import RunStatus


class RunList(BaseModel):
    """A page of runs, newest first; it may be short although `next_cursor` says that there is more."""

    items: list[RunDocument]
    next_cursor: str | None


class EventDocument(BaseModel):
    """One event of a run's log."""

    seq: int
    at: str
    type: str
    data: dict[str, Any]


class EventList(BaseModel):
    """Events in their order. Ask again with `after=next_after`; a final `status` and no items mean the end."""

    items: list[EventDocument]
    next_after: int
    status: RunStatus


class LinkDocument(BaseModel):
    """A link that anybody can open until it expires."""

    url: str
    expires_at: str = Field(description="15 minutes from now.")


def event_document(event: RunEvent) -> EventDocument:
    """Show an event."""
    return EventDocument(seq=event.seq, at=to_iso(event.at), type=event.type.value, data=event.data)
