"""Settling a run: what its log says becomes its final row, its transcript and its recording."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from offhook.agents.engines import EMBEDDED
from offhook.clock import Clock
from offhook.errors import StorageError
from offhook.json_types import JsonObject
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ending.media import delete_leftovers, join_recording, write_transcript
from offhook.runs.ending.prices import PriceList, cost
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import ErrorEvent
from offhook.runs.log.projections import (
    answered_by,
    ending,
    fetched,
    gathered,
    latency,
    promise,
    usage,
    waits,
)
from offhook.runs.log.spending import Spending
from offhook.runs.model import Run, RunError, RunStatus
from offhook.runs.ports import EventLog, MediaStore

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settler:
    """Settles runs that we own and whose logs have their end. Every method blocks."""

    ender: RunEnder
    log: EventLog
    media: MediaStore
    prices: PriceList
    clock: Clock
    infrastructure: str = EMBEDDED

    def settle(self, run: Run, log: Sequence[LogEntry]) -> None:
        """Finish a run as its log tells it; raise OwnershipLostError when it is another's by now."""
        if run.ownership is None:
            return
        final = self.final_run(run, log)
        self.ender.finish(final, run.ownership)
        self.clean_up(final)

    def final_run(self, run: Run, log: Sequence[LogEntry]) -> Run:
        """Return a run as its log tells it, over now, with its transcript and its recording written."""
        told = settled(run, log, infrastructure=self.infrastructure, prices=self.prices, now=self.clock())
        try:
            return replace(
                told,
                transcript_key=write_transcript(self.media, run, log),
                recording_key=join_recording(self.media, run, log),
            )
        except StorageError:
            # The row must not stay live because a bucket is away; the log has the transcript all the same.
            logger.error("recording and transcript not written", extra={"run_id": run.id})  # noqa: TRY400
            return told

    def cost_usd(self, spending: Spending) -> float:
        """Return what a call has cost so far, of what has a price."""
        so_far = _cost(spending, infrastructure=self.infrastructure, prices=self.prices)
        return float(so_far["total_usd"])  # type: ignore[arg-type]  # a total is always there

    def clean_up(self, final: Run) -> None:
        """Delete the segments that a finished run's recording was joined of."""
        if final.recording_key is None:
            return
        try:
            delete_leftovers(self.media, final)
        except StorageError:
            logger.warning("segments of a recording not deleted", extra={"run_id": final.id})


def settled(
    run: Run, log: Sequence[LogEntry], *, infrastructure: str, prices: PriceList, now: datetime
) -> Run:
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
        answered_by=answered_by(log),
        initial_context={**run.initial_context, **fetched(log)},
        gathered_context={**run.gathered_context, **gathered(log)},
        usage=used,
        cost=_cost(Spending.of(log), infrastructure=infrastructure, prices=prices),
        latency=latency(log),
        waits=waits(log),
        promise=promise(log),
        error=error,
    )


def _cost(spending: Spending, *, infrastructure: str, prices: PriceList) -> JsonObject:
    return cost(
        spending.uses(), call_seconds=spending.call_seconds(), infrastructure=infrastructure, prices=prices
    )


def _last_error(log: Sequence[LogEntry]) -> RunError | None:
    for entry in reversed(log):
        match entry.event:
            case ErrorEvent(recoverable=False, code=code, message=message):
                return RunError(code=code, message=message)
    return None
