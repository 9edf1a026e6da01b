"""Bringing scheduled runs into the queue of the dialer, shortly before their instant."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from offhook.errors import ConflictError, LimitReachedError, OffhookError, StorageError
from offhook.organizations.limits import Limits
from offhook.organizations.ports import OrganizationRepository
from offhook.runs.ending.ender import RunEnder
from offhook.runs.ledger import Admission
from offhook.runs.model import Run, RunStatus
from offhook.runs.placing.dialing import failed_by
from offhook.runs.placing.queued import check_age
from offhook.runs.queues import WorkQueue
from offhook.runs.waking import seconds_until_due
from offhook.waking import Wake, WakeKind, Wakes

logger = logging.getLogger(__name__)

_PAUSE = timedelta(minutes=1)
# Those that find the queue full come again at different minutes, so that no tick has all of them.
_SPREAD_MINUTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledRuns:
    """Implements Waker: from here on a scheduled run waits as any other, and the reaper looks after it."""

    ender: RunEnder
    dials: WorkQueue
    organizations: OrganizationRepository
    wakes: Wakes

    def wake(self, wakes: Sequence[Wake], now: datetime) -> None:
        stored = {str(run.id): run for run in self.ender.runs.get_many([int(wake.id) for wake in wakes])}
        limits = cache(self.organizations.limits)
        full: set[str] = set()
        for wake in wakes:
            run = stored.get(wake.id)
            # One that was canceled, or deleted since then, is left to nobody.
            if (
                run is None
                or not run.is_scheduled
                or (
                    wake.organization_id not in full
                    and self._is_done_with(run, limits(wake.organization_id), now)
                )
            ):
                self.wakes.clear(WakeKind.RUN, wake.id)
            else:
                # Those behind it are not tried: one organization's thousands hold up nobody else.
                full.add(wake.organization_id)
                self.wakes.postpone(wake, now + _PAUSE * (1 + int(wake.id) % _SPREAD_MINUTES))

    def _is_done_with(self, run: Run, limits: Limits, now: datetime) -> bool:
        """Queue the run, or fail it; say False where the queue is full. Raises StorageError."""
        try:
            check_age(run, now)
            self._queue(run, limits, now)
        except StorageError:
            raise
        except LimitReachedError as error:
            if error.code == "queue-full":
                return False
            self._fail(run, error)
        except OffhookError as error:
            self._fail(run, error)
        return True

    def _queue(self, run: Run, limits: Limits, now: datetime) -> None:
        # No key: its rate was counted when the call was ordered.
        admission = Admission(
            organization_id=run.organization_id, run_id=run.id, agent_uuid=run.agent_uuid, limits=limits
        )
        self.ender.ledgers.enqueue(admission, now)
        self.dials.send(run.id, delay_seconds=seconds_until_due(run, now))

    def _fail(self, run: Run, error: OffhookError) -> None:
        with suppress(ConflictError):
            self.ender.end(failed_by(run, error), RunStatus.FAILED, only_from=[RunStatus.QUEUED])
            logger.info("scheduled run failed", extra={"run_id": run.id, "code": error.code})
