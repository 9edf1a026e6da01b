"""The reaper: what was lost on a run's way is made up for, and what is no longer wanted is deleted.

It walks the ledgers, which name the runs that may need a push, so that a tick costs nothing for those that are over.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ParamSpec

from offhook.clock import Clock
from offhook.errors import CarrierError, InvalidInputError, NotConfiguredError, OffhookError
from offhook.ids import run_id_floor
from offhook.organizations.audit import AuditAction
from offhook.runs.end_reasons import EndReason
from offhook.runs.ending.deletion import RunRemover
from offhook.runs.ending.ender import RunEnder, ended_by
from offhook.runs.ledger import Ledger
from offhook.runs.model import NOT_ANSWERED, Run, RunStatus
from offhook.runs.ports import RunRepository
from offhook.runs.queues import WorkQueue
from offhook.runs.reaping.orphans import OrphanSettler
from offhook.runs.reaping.reattaching import Reattacher
from offhook.waking import TICK, TICK_LIMIT

P = ParamSpec("P")

logger = logging.getLogger(__name__)

UNSTORED_LIMIT = timedelta(minutes=2)
"""A place whose run is not stored by then belongs to a request that has failed."""
ANSWER_LIMIT = timedelta(minutes=3)
"""A call that nobody holds by then has not been answered, whatever the carrier has not told us."""
LEASE_LIMIT = timedelta(seconds=45)
"""A lease that stands still for so long has lost its owner, who renews it every 5 s; by then the carrier's Redirect has
brought the call to another process, if it does that at all."""
OWNER_LIMIT = timedelta(minutes=2)
"""A run in progress that nobody owns by then was given up by its owner."""
QUEUE_LIMIT = timedelta(minutes=2)
"""A run that still waits for its dial then may have lost its message."""
QUEUE_REMINDER = timedelta(minutes=10)
"""How often that message is sent again: it may only be waiting, and each reminder goes round as long as it does."""
REMINDER_WINDOW = 2 * TICK
"""A reminder falls due for so long, so that one late tick does not leave it out."""
AFTERCALL_LIMIT = timedelta(minutes=20)
"""What was not attempted for so long has lost its message; the longest wait between two attempts is 15 minutes."""

EXPIRED_AT_ONCE = 100
RECENT_DAYS = 7
"""What expired on these days is looked for at each tick. Of those before each tick looks at one, so that what expired while
nobody ran for months goes within hours."""
OLD_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaper:
    """Looks after the runs of all organizations, one tick at a time; a run that fails does not hold up the others."""

    ender: RunEnder
    settler: OrphanSettler
    reattacher: Reattacher
    remover: RunRemover
    dials: WorkQueue
    aftercalls: WorkQueue
    clock: Clock

    def tick(self) -> None:
        """Push what got stuck, then delete what has expired; in the end raise the first error that nobody expected."""
        apart = _Apart()
        try:
            for ledger in self.ender.ledgers.all():
                apart.organization(ledger.organization_id, self._walk, ledger, apart)
            self.reattacher.leases.end_tick()
            self._expire(self.clock(), apart)
        finally:
            # Even if the store is away meanwhile, which is no alarm.
            apart.end()

    def _walk(self, ledger: Ledger, apart: "_Apart") -> None:
        ids = sorted(ledger.queued | ledger.live | ledger.owed)
        if not ids:
            return
        # A slow carrier may hold this walk up for minutes: runs are judged by when they were looked at.
        now = self.clock()
        stored = {run.id: run for run in self.ender.runs.get_many(ids)}
        held = {*_held_by_transfers(stored.values())}
        for run_id in ids:
            if run_id not in held:
                apart.run(run_id, self._push, ledger, run_id, stored.get(run_id), now)

    def _push(self, ledger: Ledger, run_id: int, run: Run | None, now: datetime) -> None:
        if run is None:
            if run_id < run_id_floor(now - UNSTORED_LIMIT):
                self.ender.ledgers.forget(ledger.organization_id, run_id)
        elif run.status.is_final:
            self._follow_up(ledger, run, now)
        elif run.status is RunStatus.QUEUED:
            self._remind_dialer(run, now)
        elif run.has_expired(now):
            self._expire_session(run)
        elif run.ownership is not None:
            since = self.reattacher.leases.look(run.id, run.ownership, now)
            if since + LEASE_LIMIT < now:
                self._save(run, since)
        elif run.status is RunStatus.IN_PROGRESS:
            if _beginning(run) < now - OWNER_LIMIT:
                self._save(run, _beginning(run))
        elif run.session is not None:
            if run.status is RunStatus.RINGING and run.session.expires_at < now - ANSWER_LIMIT:
                # Somebody connected in time, to a process that was lost before it held the run.
                self.settler.settle(run)
        elif _beginning(run) < now - ANSWER_LIMIT:
            self._give_up(run)

    def _follow_up(self, ledger: Ledger, run: Run, now: datetime) -> None:
        if run.id in ledger.live | ledger.queued:
            self.ender.follow_up(run)
        elif not run.is_owing:
            self.ender.ledgers.forget(run.organization_id, run.id, run.agent_uuid)
        elif _is_due(now - _last_progress(run), AFTERCALL_LIMIT, every=AFTERCALL_LIMIT):
            self.aftercalls.send(run.id)

    def _remind_dialer(self, run: Run, now: datetime) -> None:
        if _is_due(now - run.wanted_at, QUEUE_LIMIT, every=QUEUE_REMINDER):
            self.dials.send(run.id)

    def _expire_session(self, run: Run) -> None:
        """End a session that nobody has connected to in time; one that somebody connects to just now goes on."""
        self.ender.end(ended_by(run, EndReason.EXPIRED), RunStatus.CANCELED, only_from=[RunStatus.DIALING])

    def _save(self, run: Run, since: datetime) -> None:
        """Have a call whose process is gone since then go on at another one, or settle its run."""
        lost = self.reattacher.reattach(run, since)
        if lost is not None:
            self.settler.settle(lost)

    def _give_up(self, run: Run) -> None:
        """End a run whose call nobody answered, or which the carrier never brought to us."""
        is_live = self._is_live(run)
        if is_live:
            # Another reaper may have come as far: who takes it over hangs it up.
            run = self.ender.runs.take_over(run, self.settler.owner, self.clock() + LEASE_LIMIT)
        if is_live is not False:
            self._hang_up(run)
        latest = self.ender.runs.get(run.organization_id, run.id)
        if latest.ownership != run.ownership or latest.status not in NOT_ANSWERED:
            return
        if is_live:
            # No phone rings for so long: somebody has answered, and heard nothing.
            self.settler.settle(latest)
            return
        given_up = ended_by(latest, EndReason.NEVER_ANSWERED)
        self.ender.end(given_up, RunStatus.NO_ANSWER, only_from=NOT_ANSWERED)

    def _is_live(self, run: Run) -> bool | None:
        """Ask the carrier for the run's call; None where that can't be told. One without a name is not live."""
        if run.telephony.call_id is None:
            return False
        try:
            return self.reattacher.calls.is_live(run)
        except (CarrierError, InvalidInputError, NotConfiguredError) as error:
            logger.warning("carrier not asked", extra={"run_id": run.id, "code": error.code})
            return None

    def _hang_up(self, run: Run) -> None:
        try:
            self.reattacher.calls.hang_up(run)
        except OffhookError as error:
            logger.warning("call not hung up", extra={"run_id": run.id, "code": error.code})

    def _expire(self, now: datetime, apart: "_Apart") -> None:
        for day in _days(now):
            for run, since in self._expired(day, now, apart):
                # The next tick would come to another process, which has not seen the leases of this one.
                if self.clock() > now + TICK_LIMIT:
                    return
                apart.run(run.id, self.remover.remove, run, AuditAction.RUN_EXPIRED, now, since=since)

    def _expired(self, day: date, now: datetime, apart: "_Apart") -> Iterator[tuple[Run, datetime]]:
        """Yield the runs that are to be deleted by now, each with the instant since which it is."""
        after = 0
        while ids := self.ender.runs.expired(day, after=after, limit=EXPIRED_AT_ONCE):
            found = apart.read(self.ender.runs, ids)
            due = [(run, since) for run in found if (since := _expires_at(run)) and since <= now]
            yield from due
            # Of today's some have hours left, and whoever was called after them as well.
            if found and not due:
                return
            after = ids[-1]


def _held_by_transfers(runs: Iterable[Run]) -> Iterator[int]:
    """Yield the places that other legs of live calls hold: no run stands behind them."""
    for run in runs:
        transfer = run.transfer
        if transfer and transfer.place_id and not transfer.is_over and not run.status.is_final:
            yield transfer.place_id


def _last_progress(run: Run) -> datetime:
    attempts = [each.last_attempt_at for each in run.deliveries]
    if run.review is not None:
        attempts += [run.review.last_attempt_at, run.review.asked_at]
    known = [instant for instant in attempts if instant is not None]
    return max(known, default=run.ended_at or run.created_at)


def _is_due(waited: timedelta, limit: timedelta, *, every: timedelta) -> bool:
    return waited > limit and (waited - limit) % every < REMINDER_WINDOW


def _beginning(run: Run) -> datetime:
    return run.answered_at or run.started_at or run.created_at


def _expires_at(run: Run) -> datetime | None:
    if run.ended_at is None or run.retention_days is None:
        return None
    return run.ended_at + timedelta(days=run.retention_days)


def _days(now: datetime) -> Iterator[date]:
    """Yield the days whose runs are looked at in this tick."""
    old = int(now.timestamp() // TICK.total_seconds()) % OLD_DAYS
    for days in (*range(RECENT_DAYS, -1, -1), RECENT_DAYS + 1 + old):
        yield (now - timedelta(days=days)).date()


class _Apart:
    """Does one thing after the other, none of which holds up the next by an error that nobody expected."""

    def __init__(self) -> None:
        self._unexpected: Exception | None = None

    def run(self, run_id: int, work: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Do something for a run; it is told in the log when that fails."""
        with self._kept(run_id=run_id):
            try:
                work(*args, **kwargs)
            except OffhookError as error:
                logger.warning("run not pushed", extra={"run_id": run_id, "code": error.code})

    def organization(
        self, organization_id: str, work: Callable[P, None], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Do something for an organization; raise OffhookError, for where the store is away it is so for all."""
        with self._kept(organization_id=organization_id):
            work(*args, **kwargs)

    def read(self, runs: RunRepository, ids: Sequence[int]) -> list[Run]:
        """Return those that can be read; raise OffhookError, for where the store is away it is so for all."""
        try:
            return list(runs.get_many(ids))
        except OffhookError:
            raise
        except Exception:  # noqa: BLE001 - one of them, perhaps of another version: which one is told below
            found: list[Run] = []
            for run_id in ids:
                with self._kept(run_id=run_id):
                    found += runs.get_many([run_id])
            return found

    def end(self) -> None:
        """Raise the first error that nobody expected, so that the function's alarm tells of it."""
        if self._unexpected is not None:
            raise self._unexpected

    @contextmanager
    def _kept(self, **about: object) -> Iterator[None]:
        try:
            yield
        except OffhookError:
            raise
        except Exception as error:  # noqa: BLE001 - the top of a run: those of others have nothing to do with it
            logger.error("not pushed", extra={**about, "code": type(error).__name__})  # noqa: TRY400
            self._unexpected = self._unexpected or error
