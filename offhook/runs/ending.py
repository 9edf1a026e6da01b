"""The end of a run, the same whoever brings it about: the final row, the place given back, the callback queued."""

import logging
from dataclasses import dataclass

from offhook.clock import Clock
from offhook.errors import StorageError
from offhook.runs.ledger import Ledgers
from offhook.runs.model import CallbackStatus, Ownership, Run, RunStatus
from offhook.runs.ports import RunRepository
from offhook.runs.queues import WorkQueue

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnder:
    """Ends runs. What fails after the final row is written is made up for by the reaper, from the ledger."""

    runs: RunRepository
    ledgers: Ledgers
    aftercalls: WorkQueue
    clock: Clock

    def end(self, run: Run, status: RunStatus) -> Run:
        """Move a run that nobody owns to a final status and return it; raise ConflictError when it is over already.

        What `run` shows of disposition, end_reason and error is stored too.
        """
        ended = self.runs.advance(run, status)
        self.follow_up(ended)
        return ended

    def finish(self, run: Run, ownership: Ownership) -> None:
        """Write the final row of a run that we own; raise OwnershipLostError when it is another's."""
        self.runs.finish(run, ownership)
        self.follow_up(run)

    def follow_up(self, run: Run) -> None:
        """Do what a final run still needs; doing it again is harmless."""
        try:
            self.ledgers.release(run, self.clock())
            if run.callback is not None and run.callback.status is CallbackStatus.PENDING:
                self.aftercalls.send(run.id)
        except StorageError as error:
            logger.warning("run not followed up", extra={"run_id": run.id, "code": error.code})
