"""Waiting for the carrier's word of a transfer, which a function writes into the run's row.

While a transfer is under way, and only then, the owner of the run reads that row once a second.
"""

import asyncio
import logging
from collections.abc import Callable

from offhook.errors import CarrierError, NotFoundError, OwnershipLostError, StorageError
from offhook.runs.model import Run, RunTransfer, TransferStatus
from offhook.telephony.instructions import ComeBack
from offhook.workflows import TransferMode
from streamer.call import events
from streamer.call.commands import Transfer
from streamer.record.caller_line import CallerLine
from streamer.record.possession import Possession, RunKeeper

logger = logging.getLogger(__name__)

RING_GRACE_S = 10
"""A carrier that has not said by then that nobody answers has joined the two: its own word comes within seconds."""

# Whether the other person is still there when the caller comes into the room shows at once, or not at all.
_ROOM_LIMIT_S = 5


class TransferRow:
    """The run's row, as far as it tells of a transfer."""

    def __init__(self, keeper: RunKeeper, possession: Possession) -> None:
        self._keeper = keeper
        self._possession = possession

    async def look(self) -> Run | None:
        """Return the run as it is stored now; None where that can't be told at the moment.

        Raises OwnershipLostError when it is another's.
        """
        try:
            run = await self._keeper.get(self._possession.run.id)
        except (NotFoundError, StorageError):
            return None
        if run.ownership is None or run.ownership.epoch != self._possession.ownership.epoch:
            raise OwnershipLostError("The caller has come back by another stream.")
        return run

    async def transfer(self, number: int) -> RunTransfer | None:
        """Return how far this transfer is, None where that can't be told; raises what `look` does."""
        run = await self.look()
        return run.transfer if run and run.transfer and run.transfer.number == number else None


class TransferOutcome:
    """What becomes of a caller who has left our stream. `continue_url` brings them back."""

    def __init__(self, row: TransferRow, line: CallerLine, continue_url: str, return_limit_s: int) -> None:
        self._row = row
        self._line = line
        self._continue_url = continue_url
        self._return_limit_s = return_limit_s

    async def of(self, wanted: Transfer, is_over: Callable[[], bool]) -> events.Event:
        """Wait until it is known what became of a transfer, or the call `is_over` anyway.

        Raises OwnershipLostError when the caller has come back to us by another stream.
        """
        is_warm = wanted.mode is TransferMode.WARM
        for _ in range(_ROOM_LIMIT_S if is_warm else wanted.timeout_seconds + RING_GRACE_S):
            await asyncio.sleep(1)
            run = await self._row.look()
            if is_over() or (run and run.hangup_requested_at is not None):
                return events.CallerGone()
            told = run.transfer if run else None
            if told and told.status is TransferStatus.COMPLETED:
                return events.TransferCompleted()
            if told and told.status is TransferStatus.FAILED:
                return await self._failed(is_warm)
        # Who rang in vain would be back by now, and who is in a room with somebody stays there.
        return events.TransferCompleted() if is_warm or await self._line.is_live() else events.CallerGone()

    async def of_return(self, extra_s: int = 0) -> events.Event:
        """Wait for a caller whom the carrier brings back; whoever is not back in time has left."""
        for _ in range(self._return_limit_s + extra_s):
            await self._row.look()
            await asyncio.sleep(1)
        return events.CallerGone()

    async def _failed(self, is_warm: bool) -> events.Event:
        # The end of a Dial brings the caller back by itself; one who waits in a room is told to come.
        if is_warm:
            try:
                await self._line.switch(ComeBack(continue_url=self._continue_url))
            except CarrierError as error:
                logger.warning("caller not fetched back", extra={"code": error.code})
        return await self.of_return()
