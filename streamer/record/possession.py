"""Owning a run: taking it over, writing its log, holding its lease, and letting it go."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from offhook.clock import Clock
from offhook.errors import ConflictError, NotFoundError, OwnershipLostError, StorageError
from offhook.runs.ending.ender import RunEnder
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import TakeoverEvent
from offhook.runs.log.standing import Standing
from offhook.runs.model import Moment, Ownership, Run, RunStatus, RunTransfer
from offhook.runs.ports import EventLog
from streamer.record.threads import Threads

logger = logging.getLogger(__name__)

OnStored = Callable[[int, Sequence[LogEntry]], None]
"""Told of entries of a run's log once the log holds them, and never before."""

_LEASE = timedelta(seconds=15)
_RENEW_EVERY_S = 5
# Each failed attempt means that the former owner has just appended: it does so four times a second at the most.
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Possession:
    """A run that is ours, and its log up to the takeover that made it so.

    `turn` is whose turn it is at the row: what renews the lease must not meet a run that we have let go ourselves.
    """

    run: Run
    ownership: Ownership
    log: tuple[LogEntry, ...]
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)
    is_let_go: asyncio.Event = field(default_factory=asyncio.Event, repr=False, compare=False)

    @property
    def next_seq(self) -> int:
        """The seq of the next event of the run."""
        return len(self.log) + 1


class RunKeeper:
    """Runs and their logs for coroutines; everything that blocks happens in `threads`."""

    def __init__(
        self,
        *,
        ender: RunEnder,
        log: EventLog,
        threads: Threads,
        clock: Clock,
        owner: str,
    ) -> None:
        self._runs = ender.runs
        self._ender = ender
        self.ledgers = ender.ledgers
        self._log = log
        self._threads = threads
        self._clock = clock
        self.owner = owner
        self.address = ""
        """Where this process listens, as others of the install reach it."""
        self.on_stored: OnStored = lambda run_id, entries: None

    async def get(self, run_id: int) -> Run:
        """Return a run that a verified token names; raise NotFoundError."""
        return await self._threads.run(self._runs.get_for_carrier, run_id)

    async def take(self, run: Run) -> Possession:
        """Make a live run ours, whoever had it; raise ConflictError when it is over.

        The former owner notices at its next flush: the `takeover` event has the seq that it wanted to use.
        """
        taken = await self._threads.run(
            self._runs.take_over, run, self.owner, self._lease_end(), self.address
        )
        if taken.ownership is None:
            raise OwnershipLostError("Another process has taken this run meanwhile.")
        log = await self._take_log(taken.id, taken.ownership)
        if taken.status is not RunStatus.IN_PROGRESS:
            await self._begin(taken)
        return Possession(run=taken, ownership=taken.ownership, log=log)

    async def begin_to_connect(self, run: Run) -> Run:
        """Take note that somebody connects to a web run; raise ConflictError when it is over, or somebody else does."""
        return await self._threads.run(
            self._runs.advance, run, RunStatus.RINGING, only_from=(RunStatus.DIALING,)
        )

    async def append(self, run_id: int, entries: Sequence[LogEntry]) -> None:
        """Store entries; raise OwnershipLostError when the run is another's."""
        await self._threads.run(self._log.append, run_id, entries)
        self.on_stored(run_id, entries)

    async def read(self, run_id: int) -> tuple[LogEntry, ...]:
        """Return the whole log as it is stored now."""
        return await self._threads.run(lambda: tuple(self._log.read(run_id, consistent=True)))

    async def hold(self, possession: Possession, standing: Standing) -> None:
        """Renew the lease until cancelled, and say where the call stands; raise OwnershipLostError once it is another's."""
        while True:
            await asyncio.sleep(_RENEW_EVERY_S)
            await self.renew(possession, standing.moment())

    async def renew(self, possession: Possession, moment: Moment | None = None) -> None:
        """Renew the lease; a store that is away does not end a call, another owner does (OwnershipLostError)."""
        async with possession.turn:
            if possession.is_let_go.is_set():
                return
            ownership = replace(possession.ownership, lease_until=self._lease_end())
            try:
                await self._threads.run(self._runs.renew, possession.run.id, ownership, moment)
            except StorageError:
                logger.warning("lease not renewed", extra={"run_id": possession.run.id})

    async def is_hangup_requested(self, possession: Possession) -> bool:
        """Say whether somebody has asked over the API for the end of this call; False where that can't be told."""
        try:
            run = await self.get(possession.run.id)
        except (NotFoundError, StorageError):
            return False
        return run.hangup_requested_at is not None

    async def begin_transfer(self, possession: Possession, transfer: RunTransfer) -> None:
        """Record a transfer that begins; raise OwnershipLostError."""
        await self._threads.run(self._runs.begin_transfer, possession.run.id, possession.ownership, transfer)

    async def name_transfer_call(self, possession: Possession, call_id: str) -> None:
        """Record the carrier's id of the call to the other person; raise OwnershipLostError."""
        try:
            await self._threads.run(
                self._runs.name_transfer_call, possession.run.id, possession.ownership, call_id
            )
        except StorageError:
            logger.warning("call of a transfer not recorded", extra={"run_id": possession.run.id})

    async def note_call_id(self, run: Run, call_id: str) -> None:
        """Record the carrier's id of a call, as its stream tells it; without it nobody else can end the call."""
        try:
            await self._threads.run(self._runs.set_call_id, run, call_id)
        except (NotFoundError, StorageError):
            logger.warning("call id not recorded", extra={"run_id": run.id})

    async def finish(self, possession: Possession, final: Run) -> None:
        """Write the final row and let the run go; raise OwnershipLostError."""
        async with possession.turn:
            await self._threads.run(self._ender.finish, final, possession.ownership)
            possession.is_let_go.set()

    async def _begin(self, run: Run) -> None:
        try:
            await self._threads.run(self._runs.advance, run, RunStatus.IN_PROGRESS)
        except ConflictError:
            # The carrier's status callback may have been faster.
            if (await self.get(run.id)).status is not RunStatus.IN_PROGRESS:
                raise

    async def _take_log(self, run_id: int, ownership: Ownership) -> tuple[LogEntry, ...]:
        for _ in range(_ATTEMPTS):
            log = await self.read(run_id)
            event = TakeoverEvent(epoch=ownership.epoch, owner=ownership.owner)
            takeover = LogEntry.new(seq=len(log) + 1, at=self._clock(), event=event)
            try:
                await self.append(run_id, [takeover])
            except OwnershipLostError:
                continue
            return (*log, takeover)
        raise OwnershipLostError("The run's log could not be taken over.")

    def _lease_end(self) -> datetime:
        return self._clock() + _LEASE
