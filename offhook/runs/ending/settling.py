"""Settling a run: what its log says becomes its final row."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from offhook.runs.ending.prices import Engines, PriceList, cost
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import ErrorEvent
from offhook.runs.log.projections import ending, gathered, latency, usage
from offhook.runs.model import Run, RunError, RunStatus


def settled(run: Run, log: Sequence[LogEntry], *, engines: Engines, prices: PriceList, now: datetime) -> Run:
    """Return the run as its log tells it, over at `now`; a call that ended by an error that stayed has failed."""
    end = ending(log)
    used = usage(log)
    error = _last_error(log)
    return replace(
        run,
        status=RunStatus.FAILED if error else RunStatus.COMPLETED,
        ended_at=now,
        disposition=end.disposition,
        end_reason=end.reason,
        gathered_context={**run.gathered_context, **gathered(log)},
        usage=used,
        cost=cost(used, engines, prices),
        latency=latency(log),
        error=error,
    )


def _last_error(log: Sequence[LogEntry]) -> RunError | None:
    for entry in reversed(log):
        match entry.event:
            case ErrorEvent(recoverable=False, code=code, message=message):
                return RunError(code=code, message=message)
    return None
