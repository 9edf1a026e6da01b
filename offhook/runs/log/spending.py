"""What a call has used so far, added up as its log grows: what each engine did, and how long the call has been."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Self

from offhook.agents.engines import EMBEDDED
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import EndEvent, EnginePart, EngineUse, StatusEvent, TakeoverEvent, UsageEvent
from offhook.runs.model import RunStatus


class Spending:
    """Follows one log, all of it: each entry costs the same, however many there were."""

    def __init__(self) -> None:
        self._uses: dict[tuple[str, str, int], EngineUse] = {}
        self._streams = 0
        self._told_ms: int | None = None
        self._answered_at: datetime | None = None
        self._last_at: datetime | None = None

    @classmethod
    def of(cls, log: Iterable[LogEntry]) -> Self:
        """Add up a log."""
        spending = cls()
        for entry in log:
            spending.see(entry)
        return spending

    def see(self, entry: LogEntry) -> None:
        """Add the next entry of the log."""
        self._last_at = entry.at
        match entry.event:
            case UsageEvent() as event:
                self._add(event)
            case TakeoverEvent():
                # Who goes on with a call opens streams of its own, and counts them from 1 again.
                self._streams = max((stream for _, _, stream in self._uses), default=0)
            case StatusEvent(status=RunStatus.IN_PROGRESS):
                self._answered_at = self._answered_at or entry.at
            case EndEvent(duration_ms=duration_ms):
                self._told_ms = duration_ms

    def uses(self) -> tuple[EngineUse, ...]:
        """Return what each engine did, each stream that was recognised by itself."""
        return tuple(self._uses.values())

    def call_seconds(self) -> float:
        """Return how long the call was, in seconds: as its end tells, or else from the answer to the last event."""
        return round(self._duration_ms() / 1000, 3)

    def _duration_ms(self) -> float:
        if self._told_ms is not None:
            return self._told_ms
        if self._answered_at is None or self._last_at is None:
            return 0.0
        return max((self._last_at - self._answered_at).total_seconds() * 1000, 0.0)

    def _add(self, event: UsageEvent) -> None:
        for use in _uses_of(event):
            stream = use.stream + self._streams if use.stream else 0
            key = (use.part, use.engine, stream)
            before = self._uses.get(key) or EngineUse(part=use.part, engine=use.engine, stream=stream)
            self._uses[key] = before + use


def _uses_of(event: UsageEvent) -> tuple[EngineUse, ...]:
    if event.engines:
        return event.engines
    # Of an earlier release, which knew no others.
    told = (
        EngineUse(part=EnginePart.RECOGNISER, engine=EMBEDDED, seconds=event.stt_seconds),
        EngineUse(part=EnginePart.SYNTHESISER, engine=EMBEDDED, characters=event.tts_characters),
        EngineUse(part=EnginePart.MODEL, engine=EMBEDDED, **asdict(event.llm)),
    )
    return tuple(use for use in told if use != EngineUse(part=use.part, engine=use.engine))
