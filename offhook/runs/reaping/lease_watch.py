"""Tells leases that have lapsed: those that stand still are told from those that are renewed, by looking twice.

When a lease ends is written by its owner's clock, which may be minutes wrong; that it changes is seen by everybody.
"""

from datetime import datetime

from offhook.runs.model import Ownership


class LeaseWatch:
    """Remembers the leases of one tick until the next; one that starts anew needs a tick to have something to compare."""

    def __init__(self) -> None:
        self._looks: dict[int, tuple[Ownership, datetime]] = {}
        self._this_tick: dict[int, tuple[Ownership, datetime]] = {}

    def look(self, run_id: int, ownership: Ownership, now: datetime) -> datetime:
        """Return when this very lease was first seen, by the clock of whoever looks: now, where it is another."""
        known, first_at = self._looks.get(run_id, (None, now))
        since = first_at if known == ownership else now
        self._this_tick[run_id] = ownership, since
        return since

    def end_tick(self) -> None:
        """Forget what this tick has not looked at."""
        self._looks, self._this_tick = self._this_tick, {}
