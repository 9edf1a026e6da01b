"""When a scheduled run is looked at."""

from datetime import datetime, timedelta
from math import ceil

from offhook.runs.model import Run
from offhook.waking import TICK, Wake, WakeKind

AHEAD = 1.5 * TICK
"""A run is brought into the queue so long before its instant, with a message that comes then: ticks are a minute apart."""

MOST_AHEAD = timedelta(days=90)
"""No call is scheduled further ahead."""


def wake_of(run: Run) -> Wake:
    """Return the wake of a scheduled run."""
    return Wake(
        kind=WakeKind.RUN,
        id=str(run.id),
        organization_id=run.organization_id,
        due_at=run.wanted_at - AHEAD,
    )


def seconds_until_due(run: Run, now: datetime) -> int:
    """Return how many seconds the message to the dialer of a run is held back; 0 for one that is to be dialled now."""
    return 0 if run.scheduled_at is None else max(0, ceil((run.scheduled_at - now).total_seconds()))
