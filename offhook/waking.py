"""What is to be looked at at an instant, and the tick that looks: found by that instant, whatever else is stored."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Protocol

from offhook.clock import Clock
from offhook.errors import StorageError

logger = logging.getLogger(__name__)

TICK = timedelta(minutes=1)
"""How often the tick comes."""

MOST_PER_TICK = 2_000
"""Wakes that one tick reads; more are next minute's."""
TICK_LIMIT = timedelta(seconds=40)
"""After so long a tick leaves the rest to the next one."""
_AT_ONCE = 100


class WakeKind(StrEnum):
    """What is woken."""

    CAMPAIGN = "campaign"
    RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """That something is to be looked at at `due_at`. `id` names it among its kind, in every organization."""

    kind: WakeKind
    id: str
    organization_id: str
    due_at: datetime


class Wakes(Protocol):
    """The stored wakes, one at most for each thing. Synchronous; every method may block for a network round trip."""

    def set(self, wake: Wake) -> None:
        """Have something woken then, and not at any instant that was set before."""

    def clear(self, kind: WakeKind, id_: str) -> None:
        """Have it woken no more; doing it again is harmless."""

    def due(self, now: datetime, *, limit: int) -> Iterator[Wake]:
        """Yield what is due by now, first what was due first, with one query of an index.

        One that was set, moved or cleared a moment ago may be missing, or show as it was.
        """

    def postpone(self, wake: Wake, due_at: datetime) -> bool:
        """Move a wake; say False, and change nothing, where it was moved or cleared since it was read."""


class Waker(Protocol):
    """Does what is due for the things of one kind."""

    def wake(self, wakes: Sequence[Wake], now: datetime) -> None:
        """Do it, and move or clear each of these wakes only then: what fails on the way is woken again.

        Raises StorageError, after which the same may be asked for again.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Looks, once a minute, what is due, and has it done. Two that run at once do no harm."""

    wakes: Wakes
    wakers: Mapping[WakeKind, Waker]
    clock: Clock

    def run(self) -> timedelta:
        """Wake what is due, some of each kind at a time; return how long the first of it had waited.

        Raises StorageError where that can't be read.
        """
        began_at, lateness = self.clock(), timedelta()
        due = self.wakes.due(began_at, limit=MOST_PER_TICK)
        while wakes := list(islice(due, _AT_ONCE)):
            lateness = max(lateness, began_at - wakes[0].due_at)
            for kind, waker in self.wakers.items():
                self._wake(waker, [wake for wake in wakes if wake.kind is kind])
            if self.clock() - began_at > TICK_LIMIT:
                logger.warning("tick cut short")
                break
        return lateness

    def _wake(self, waker: Waker, wakes: Sequence[Wake]) -> None:
        if not wakes:
            return
        try:
            waker.wake(wakes, self.clock())
        except StorageError as error:
            logger.warning("not woken", extra={"kind": wakes[0].kind, "code": error.code})
