"""Writes a run's events in batches: numbered at once, stored within a quarter of a second, one batch at a time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from offhook.clock import Clock
from offhook.errors import OwnershipLostError, StorageError
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import Event
from offhook.runs.ports import MAX_EVENTS_PER_FLUSH
from streamer.record.patience import comes

logger = logging.getLogger(__name__)

GATHER_S = 0.2
RETRY_S = 1.0
# Some ten minutes of a lively call: with the store away for longer, or in a storm of events, the run is given up
# rather than memory.
_MOST_PENDING = 5000


class EventWriter:
    """Numbers and stores the events of one run, of which this process must be the owner.

    Events gather for `gather_s` before they are stored; what the store refused is tried again after `retry_s`.
    """

    def __init__(
        self,
        append: Callable[[Sequence[LogEntry]], Awaitable[None]],
        *,
        clock: Clock,
        next_seq: int,
        gather_s: float = GATHER_S,
        retry_s: float = RETRY_S,
    ) -> None:
        self._append = append
        self._clock = clock
        self._next_seq = next_seq
        self._gather_s = gather_s
        self._retry_s = retry_s
        self._pending: list[LogEntry] = []
        self._is_overfull = False
        self._wake = asyncio.Event()
        self._stored = asyncio.Event()
        self._stored.set()
        self._hurry = asyncio.Event()

    def add(self, event: Event) -> None:
        """Number an event and have it stored soon; never waits. One too many is dropped, and ends `run`."""
        if len(self._pending) >= _MOST_PENDING:
            self._is_overfull = True
            return
        self._pending.append(LogEntry.new(seq=self._next_seq, at=self._clock(), event=event))
        self._next_seq += 1
        self._stored.clear()
        self._wake.set()

    async def run(self) -> None:
        """Store what is added, until cancelled; raise OwnershipLostError when somebody else has appended.

        It does so as well when more waits than the store takes: a log with a gap is nobody's to go on with.
        """
        while True:
            await self._wake.wait()
            await comes(self._hurry, within_s=self._gather_s)
            while self._pending:
                await self._store(self._pending[:MAX_EVENTS_PER_FLUSH])
            self._wake.clear()
            self._stored.set()

    async def flush(self) -> None:
        """Wait until everything added so far is stored."""
        self._hurry.set()
        await self._stored.wait()
        self._hurry.clear()

    async def _store(self, batch: list[LogEntry]) -> None:
        # The same batch at each attempt: the log takes the repetition of one whose reply was lost, and nothing else.
        while True:
            if self._is_overfull:
                raise OwnershipLostError("The run's events could not be stored fast enough.")
            try:
                await self._append(batch)
            except StorageError:
                await self._wait_for_the_store()
            else:
                del self._pending[: len(batch)]
                return

    async def _wait_for_the_store(self) -> None:
        logger.warning("events not stored, trying again", extra={"pending": len(self._pending)})
        await asyncio.sleep(self._retry_s)
