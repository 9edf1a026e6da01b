"""Tells leases that stand still from those that are renewed, by looking twice.

When a lease ends is written by its owner's clock, which may be minutes wrong; that it changes is seen by everybody.
"""

from dataclasses import dataclass
from datetime import datetime

from offhook.runs.model import Ownership


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    ownership: Ownership
    first_at: datetime


class LeaseWatch:
    """Remembers the leases of one tick until the next; one that starts anew needs a tick to have something to compare."""

    def __init__(self) -> None:
        self._looks: dict[int, _Look] = {}
        self._this_tick: dict[int, _Look] = {}

    def look(self, run_id: int, ownership: Ownership, now: datetime) -> datetime:
        """Return when this very lease was first seen, by the clock of whoever looks: now, where it is another."""
        look = self._looks.get(run_id)
        if look is None or look.ownership != ownership:
            look = _Look(ownership=ownership, first_at=now)
        self._this_tick[run_id] = look
        return look.first_at

    def end_tick(self) -> None:
        """Forget what this tick has not looked at."""
        self._looks, self._this_tick = self._this_tick, {}
