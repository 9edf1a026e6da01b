"""Counters: numbers of an hour or a day that runs are added to, and never looked for in runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Grain(StrEnum):
    """How long a counter counts; a day is one of UTC."""

    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> timedelta:
        """How long that is."""
        return timedelta(hours=1) if self is Grain.HOUR else timedelta(days=1)

    def start_of(self, instant: datetime) -> datetime:
        """Return when the hour or the day of an instant began."""
        hour = instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return hour if self is Grain.HOUR else hour.replace(hour=0)


class Shelf(StrEnum):
    """Which counters lie together: those of all runs, and the many of how long callers waited, which few runs add to."""

    RUNS = "runs"
    WAITS = "waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What a run adds to the counters of the hour or day that began at `start`, by their names."""

    shelf: Shelf
    grain: Grain
    start: datetime
    amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What was added up from `start`, of one agent or of all."""

    start: datetime
    amounts: Mapping[str, int]
    agent_uuid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From an hour or day to that before which it ends."""

    grain: Grain
    start: datetime
    end: datetime

    @classmethod
    def over(cls, grain: Grain, from_: datetime, to: datetime) -> "Span":
        """Return the whole hours or days that hold these instants; at least one."""
        start, last = grain.start_of(from_), grain.start_of(max(from_, to - timedelta(microseconds=1)))
        return cls(grain=grain, start=start, end=last + grain.length)

    @property
    def starts(self) -> list[datetime]:
        """When each of its hours or days begins."""
        return [
            self.start + number * self.grain.length
            for number in range((self.end - self.start) // self.grain.length)
        ]
