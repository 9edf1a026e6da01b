"""Wakes in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from offhook.waking import Wake, WakeKind
from tests.support.makers import NOON


class MemoryWakes:
    """Implements Wakes in memory."""

    def __init__(self, *wakes: Wake) -> None:
        self.stored = {(wake.kind, wake.id): wake for wake in wakes}

    def set(self, wake: Wake) -> None:
        self.stored[wake.kind, wake.id] = wake

    def clear(self, kind: WakeKind, id_: str) -> None:
        self.stored.pop((kind, id_), None)

    def due(self, now: datetime, *, limit: int) -> Iterator[Wake]:
        found = sorted((each for each in self.stored.values() if each.due_at <= now), key=lambda w: w.due_at)
        yield from found[:limit]

    def postpone(self, wake: Wake, due_at: datetime) -> bool:
        if self.stored.get((wake.kind, wake.id)) != wake:
            return False
        self.set(replace(wake, due_at=due_at))
        return True


def make_wake(id_: str, *, kind: WakeKind = WakeKind.RUN, due_at: datetime = NOON) -> Wake:
    return Wake(kind=kind, id=id_, organization_id="us", due_at=due_at)
