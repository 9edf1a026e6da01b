"""What is owed after a call, done piece by piece: a message that comes twice, or late, does what is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from offhook.clock import Clock
from offhook.runs.ending.deliveries import Deliverer
from offhook.runs.ending.do_not_call import Refusals
from offhook.runs.ledger import Ledgers
from offhook.runs.model import Run
from offhook.runs.ports import RunRepository
from offhook.runs.queues import WorkQueue

if TYPE_CHECKING:
    from offhook.runs.ending.campaigns import CampaignAccounts
    from offhook.runs.ending.reviewing import Reviewer

MOST_AT_ONCE = timedelta(seconds=45)
"""After so long what is left is left to the next message: a function has a time limit, and a slow receiver takes 10 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftercall:
    """Does what finished runs owe: their review, and then their deliveries, which tell what it has found.

    That somebody wants no more calls is heeded first, whatever fails or waits after it.

    Most runs owe no review, so `reviewer` makes what judges calls when the first one does; `campaigns` likewise. `keep_promise` orders the
    call-back that was promised in a call, and returns the run as it is then; it raises StorageError.
    """

    runs: RunRepository
    ledgers: Ledgers
    aftercalls: WorkQueue
    refusals: Refusals
    keep_promise: Callable[[Run], Run]
    reviewer: Callable[[], Reviewer]
    deliverer: Deliverer
    campaigns: Callable[[], CampaignAccounts]
    clock: Clock

    def follow(self, run_id: int) -> None:
        """Do what is due for this run; raise StorageError, after which it may be asked again."""
        run = next(iter(self.runs.get_many([run_id])), None)
        if run is None or not run.status.is_final:
            return
        # Before the review, for the campaign waits to call the next one.
        run = self._settle(self.refusals.heed(run))
        if run.has_open_promise:
            run = self.keep_promise(run)
        if run.has_open_review:
            # Whose review may find that out too.
            run = self.refusals.heed(self.reviewer().review(run))
            if run.has_open_review:
                # A few minutes at most, and another message comes.
                return
            run = self._settle(run)
        run = self._deliver(run)
        if not run.is_owing:
            self.ledgers.forget(run.organization_id, run.id, run.agent_uuid)

    def _settle(self, run: Run) -> Run:
        return run if run.campaign is None or run.campaign.is_settled else self.campaigns().settle(run)

    def _deliver(self, run: Run) -> Run:
        began_at = self.clock()
        for delivery in run.deliveries:
            if self.clock() > began_at + MOST_AT_ONCE:
                self.aftercalls.send(run.id)
                return run
            run = self.deliverer.deliver(run, delivery)
        return run
