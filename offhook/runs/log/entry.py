"""One event at its place in a run's log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from offhook.json_types import JsonObject

if TYPE_CHECKING:
    from offhook.runs.log.events import Event

_MOMENTS = ("offset_ms", "start_ms", "end_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """What happened, and when; `seq` is 1 for the first entry of a run and has no gaps.

    `data` is the event as it is stored, with what a newer release has added to it.
    """

    seq: int
    at: datetime
    event: Event
    data: JsonObject

    @property
    def moment_ms(self) -> int:
        """The latest moment that the event names, in milliseconds of call audio; 0 where it names none."""
        moments = (self.data.get(name) for name in _MOMENTS)
        return max((moment for moment in moments if isinstance(moment, int)), default=0)

    @classmethod
    def new(cls, *, seq: int, at: datetime, event: Event) -> Self:
        """Return an entry to be appended."""
        return cls(seq=seq, at=at, event=event, data=event.to_data())

    @classmethod
    def read(cls, *, seq: int, at: datetime, type_: str, data: JsonObject) -> Self:
        """Return a stored entry; what this release can't read of it is no error."""
        # Thirty classes, which whoever has a log at hand and reads nothing of it does without.
        from offhook.runs.log.events import read_event

        return cls(seq=seq, at=at, event=read_event(type_, data), data=data)
