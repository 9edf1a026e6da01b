"""Settling the runs of processes that are gone: what their logs tell becomes their final rows."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from offhook.clock import Clock
from offhook.errors import ConflictError, StorageError
from offhook.ids import new_process_id
from offhook.runs.end_reasons import EndReason
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ending.media import delete_leftovers, join_recording, write_transcript
from offhook.runs.ending.prices import Engines, PriceList
from offhook.runs.ending.settling import settled
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import EndEvent, ErrorEvent, KnownEvent, TakeoverEvent
from offhook.runs.log.projections import usage
from offhook.runs.model import Ownership, Run, RunTransfer, TransferStatus
from offhook.runs.ports import EventLog, MediaStore

logger = logging.getLogger(__name__)

_LEASE = timedelta(minutes=1)
_MESSAGE = "The process that held this call was lost, and the call could not go on."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanSettler:
    """Brings runs that nobody holds any more to their end, as far as their logs tell them."""

    ender: RunEnder
    log: EventLog
    media: MediaStore
    prices: PriceList
    clock: Clock
    engines: Engines = field(default_factory=Engines)
    owner: str = field(default_factory=new_process_id)

    def settle_all(self, organization_id: str) -> None:
        """Settle every live run of the organization, whoever holds it; one that can't be settled is told in the log.

        Those that wait for their dial go on waiting.
        """
        live = self.ender.ledgers.get(organization_id).live
        for run in self.ender.runs.get_many(sorted(live)):
            if run.status.is_final:
                self.ender.follow_up(run)
                continue
            try:
                self.settle(run)
            except (ConflictError, StorageError) as error:
                logger.warning("run not settled", extra={"run_id": run.id, "code": error.code})

    def settle(self, run: Run) -> None:
        """Take a live run over and finish it; raise ConflictError when it is over or goes on elsewhere."""
        taken = self.ender.runs.take_over(run, self.owner, self.clock() + _LEASE)
        if taken.ownership is None:
            return
        log = self._ended_log(taken, taken.ownership)
        told = settled(taken, log, engines=self.engines, prices=self.prices, now=self.clock())
        final = self._with_media(told, log)
        self.ender.finish(final, taken.ownership)
        self._clean_up(final)

    def _ended_log(self, run: Run, ownership: Ownership) -> list[LogEntry]:
        log = list(self.log.read(run.id, consistent=True))
        if any(isinstance(entry.event, EndEvent) for entry in log):
            return log
        now = self.clock()
        added = [
            LogEntry.new(seq=seq, at=now, event=event)
            for seq, event in enumerate(_ending(log, ownership, run.transfer), start=len(log) + 1)
        ]
        self.log.append(run.id, added)
        return log + added

    def _with_media(self, run: Run, log: list[LogEntry]) -> Run:
        try:
            return replace(
                run,
                transcript_key=write_transcript(self.media, run, log),
                recording_key=join_recording(self.media, run, log),
            )
        except StorageError:
            logger.warning("recording and transcript not written", extra={"run_id": run.id})
            return run

    def _clean_up(self, final: Run) -> None:
        if final.recording_key is None:
            return
        try:
            delete_leftovers(self.media, final)
        except StorageError:
            logger.warning("segments of a recording not deleted", extra={"run_id": final.id})


def _ending(log: list[LogEntry], ownership: Ownership, transfer: RunTransfer | None) -> Iterator[KnownEvent]:
    duration_seconds = usage(log)["call_duration_seconds"]
    duration_ms = round(duration_seconds * 1000) if isinstance(duration_seconds, int | float) else 0
    yield TakeoverEvent(epoch=ownership.epoch, owner=ownership.owner)
    if transfer is not None and transfer.status is TransferStatus.COMPLETED:
        # The process was lost while the caller talked to somebody else: for them nothing was.
        reason = EndReason.TRANSFERRED
    else:
        reason = EndReason.LOST
        yield ErrorEvent(code="system-error", message=_MESSAGE, node_id=None, recoverable=False)
    yield EndEvent(reason=reason, disposition=reason.disposition, duration_ms=duration_ms)
