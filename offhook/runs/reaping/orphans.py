"""Settling the runs of processes that are gone: what their logs tell becomes their final rows."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from offhook.errors import ConflictError, StorageError
from offhook.ids import new_process_id
from offhook.runs.end_reasons import EndReason
from offhook.runs.ending.settling import Settler
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import EndEvent, ErrorEvent, KnownEvent, TakeoverEvent
from offhook.runs.log.projections import has_ended
from offhook.runs.log.spending import Spending
from offhook.runs.model import Ownership, Run, TransferStatus

logger = logging.getLogger(__name__)

_LEASE = timedelta(minutes=1)
_MESSAGE = "The process that held this call was lost, and the call could not go on."


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanSettler:
    """Brings runs that nobody holds any more to their end, as far as their logs tell them."""

    settler: Settler
    owner: str = field(default_factory=new_process_id)

    def settle_all(self) -> None:
        """Settle the live runs of every organization, whoever holds them; one that can't be settled is told in the log.

        Those that wait for their dial go on waiting.
        """
        ender = self.settler.ender
        for ledger in ender.ledgers.all():
            for run in ender.runs.get_many(sorted(ledger.live)):
                self._settle_if_live(run)

    def _settle_if_live(self, run: Run) -> None:
        if run.status.is_final:
            self.settler.ender.follow_up(run)
            return
        try:
            self.settle(run)
        except (ConflictError, StorageError) as error:
            logger.warning("run not settled", extra={"run_id": run.id, "code": error.code})

    def settle(self, run: Run) -> None:
        """Take a live run over and finish it; raise ConflictError when it is over or goes on elsewhere."""
        settler = self.settler
        taken = settler.ender.runs.take_over(run, self.owner, settler.clock() + _LEASE)
        if taken.ownership is not None:
            settler.settle(taken, self._ended_log(taken, taken.ownership))

    def _ended_log(self, run: Run, ownership: Ownership) -> list[LogEntry]:
        log = list(self.settler.log.read(run.id, consistent=True))
        if has_ended(log):
            return log
        now = self.settler.clock()
        added = [
            LogEntry.new(seq=seq, at=now, event=event)
            for seq, event in enumerate(_ending(log, ownership, run), start=len(log) + 1)
        ]
        self.settler.log.append(run.id, added)
        return log + added


def _ending(log: list[LogEntry], ownership: Ownership, run: Run) -> Iterator[KnownEvent]:
    duration_ms = round(Spending.of(log).call_seconds() * 1000)
    yield TakeoverEvent(epoch=ownership.epoch, owner=ownership.owner)
    if run.hangup_requested_at is not None:
        reason = EndReason.HANGUP_REQUESTED
    elif run.transfer is not None and run.transfer.status is TransferStatus.COMPLETED:
        # The process was lost while the caller talked to somebody else: for them nothing was.
        reason = EndReason.TRANSFERRED
    else:
        reason = EndReason.LOST
        yield ErrorEvent(code="system-error", message=_MESSAGE, node_id=None, recoverable=False)
    yield EndEvent(reason=reason, disposition=reason.disposition, duration_ms=duration_ms)
