"""Settling a run: what its log says becomes its final row."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from offhook.runs.ending.prices import Engines, PriceList, cost
from offhook.runs.log.events import EventType, RunEvent
from offhook.runs.log.projections import ending, gathered, latency, usage
from offhook.runs.model import Run, RunError, RunStatus


def settled(
    run: Run, events: Sequence[RunEvent], *, engines: Engines, prices: PriceList, now: datetime
) -> Run:
    """Return the run as its log tells it, over at `now`; a call that ended by an error that stayed has failed."""
    end = ending(events)
    used = usage(events)
    error = _last_error(events)
    return replace(
        run,
        status=RunStatus.FAILED if error else RunStatus.COMPLETED,
        ended_at=now,
        disposition=end.disposition,
        end_reason=end.reason,
        gathered_context={**run.gathered_context, **gathered(events)},
        usage=used,
        cost=cost(used, engines, prices),
        latency=latency(events),
        error=error,
    )


def _last_error(events: Sequence[RunEvent]) -> RunError | None:
    errors = [e.data for e in events if e.type is EventType.ERROR and not e.data.get("recoverable")]
    if not errors:
        return None
    return RunError(code=str(errors[-1]["code"]), message=str(errors[-1]["message"]))
