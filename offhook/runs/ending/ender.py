"""The end of a run, the same whoever brings it about: the final row, the place given back, what follows queued."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from offhook.clock import Clock
from offhook.errors import StorageError
from offhook.runs.end_reasons import EndReason
from offhook.runs.ledger import Ledgers
from offhook.runs.model import Delivery, DeliveryStatus, Ownership, Run, RunStatus
from offhook.runs.ports import RunRepository
from offhook.runs.queues import WorkQueue

logger = logging.getLogger(__name__)


REPLY_LIMIT = timedelta(seconds=10)
"""After so long the reply to whoever ordered the run is out: the carrier is waited for 2 s to connect and 8 s to read."""


def reply_is_out_at(run: Run) -> datetime:
    """Return when a run may be spoken of: a call to a busy number is over before its order is answered."""
    # Nobody has ordered the attempts of a campaign one by one.
    return run.created_at if run.campaign else run.created_at + REPLY_LIMIT


def ended_by(run: Run, reason: EndReason) -> Run:
    """Return the run as it is to be stored when this has ended it."""
    return replace(run, disposition=reason.disposition, end_reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnder:
    """Ends runs. What fails after the final row is written is made up for by the reaper, from the ledger.

    Without a queue (`aftercalls` None) it is the reaper who has done what follows, later.
    """

    runs: RunRepository
    ledgers: Ledgers
    aftercalls: WorkQueue | None
    clock: Clock

    def end(
        self,
        run: Run,
        status: RunStatus,
        *,
        is_told: bool = False,
        is_void: bool = False,
        only_from: Collection[RunStatus] = tuple(RunStatus),
    ) -> Run:
        """Move a run that nobody owns to a final status and return it; raise ConflictError when it is over already.

        What `run` shows of disposition, end_reason and error is stored too. `is_told` when whoever ordered the run is
        being told of its end already: no callback follows then; `is_void` when nobody is to hear of it at all. A run whose status is none of `only_from` by now goes
        on, and ConflictError is raised for it too.
        """
        if run.is_scheduled and run.is_owing:
            # One that is not due yet holds no place, whose giving back would note what it owes.
            self.ledgers.owe(run)
        ended = self.runs.advance(run, status, only_from=only_from)
        for delivery in ended.deliveries:
            if is_void or (is_told and delivery.node_id is None):
                ended = self._told(ended, delivery)
        self.follow_up(ended)
        return ended

    def finish(self, run: Run, ownership: Ownership) -> None:
        """Write the final row of a run that we own; raise OwnershipLostError when it is another's."""
        self.follow_up(self.runs.finish(run, ownership))

    def follow_up(self, run: Run) -> None:
        """Do what a final run still needs; doing it again is harmless."""
        try:
            self.ledgers.release(run, self.clock())
            if self.aftercalls and run.is_owing:
                wait_s = (reply_is_out_at(run) - self.clock()).total_seconds()
                self.aftercalls.send(run.id, delay_seconds=max(0, ceil(wait_s)))
        except StorageError as error:
            logger.warning("run not followed up", extra={"run_id": run.id, "code": error.code})

    def _told(self, run: Run, delivery: Delivery) -> Run:
        known = replace(delivery, status=DeliveryStatus.NOT_SENT)
        try:
            self.runs.note_delivery(run, known)
        except StorageError as error:
            logger.warning("delivery not called off", extra={"run_id": run.id, "code": error.code})
        return run.with_delivery(known)
