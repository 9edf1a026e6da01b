"""Carrying out a call's transfers: the other person is dialled, the caller is moved, the carrier's word is awaited.

Whom to dial and what they hear, the summary of a warm transfer among it, the call says: `streamer.call.course.transfers`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from offhook.errors import (
    CarrierError,
    ForbiddenError,
    InvalidInputError,
    NotConfiguredError,
    OffhookError,
    OwnershipLostError,
)
from offhook.runs.model import Direction, RunTransfer, TransferStatus
from offhook.sessions.commands import Refusal
from offhook.telephony.instructions import AnnounceAndJoin, JoinRoom, PlayDigits, PutThrough
from offhook.telephony.links import CarrierLinks
from offhook.telephony.ports import DialRequest
from offhook.workflows import TransferMode
from streamer.call import events
from streamer.call.commands import Transfer
from streamer.conductor.leaving import Tell
from streamer.record.call_plan import CallPlan
from streamer.record.caller_line import CallerLine
from streamer.record.patience import comes
from streamer.record.possession import Possession, RunKeeper
from streamer.record.transfer_outcome import RING_GRACE_S, TransferOutcome, TransferRow
from streamer.record.transfer_place import TransferPlace

logger = logging.getLogger(__name__)


# The other person hears the summary first, which lasts some two minutes at the most.
_SUMMARY_LIMIT_S = 150
_KEYS_PER_SECOND = 2

_NO_CARRIER = Refusal(
    code="no-carrier",
    detail="This call is a browser's, and no carrier has its line: nobody can be put through from it.",
)


class TransferFailedError(OffhookError):
    """The other person did not come to the caller; the code says why."""

    code = "failed"


class Transfers:
    """Carries out the transfers of one call, one at a time; `flush` stores what the log has to tell so far."""

    def __init__(
        self,
        plan: CallPlan,
        possession: Possession,
        *,
        keeper: RunKeeper,
        line: CallerLine,
        place: TransferPlace,
        links: CarrierLinks,
        return_limit_s: int,
        flush: Callable[[], Awaitable[None]],
    ) -> None:
        self._run = plan.run
        self._possession = possession
        self._keeper = keeper
        self._flush = flush
        self._line = line
        self._place = place
        self._links = links
        self._row = TransferRow(keeper, possession)
        self._continue_url = links.continue_url(plan.run.id)
        self._outcome = TransferOutcome(self._row, line, self._continue_url, return_limit_s)
        self._is_canceled = asyncio.Event()
        self._wanted: Transfer | None = None
        self._keys = 0

    async def refusal_of(self, to: str, mode: TransferMode) -> Refusal | None:
        """Return why no caller of this run can be put through there; whether there is room is asked when it is tried."""
        if self._run.direction is Direction.WEB:
            return _NO_CARRIER
        try:
            self._line.check()
            if mode is TransferMode.WARM:
                self._number_to_dial_from()
            await self._place.check(to)
        except (ForbiddenError, InvalidInputError, NotConfiguredError) as error:
            return Refusal(code=error.code, detail=error.detail)
        return None

    async def carry_out(self, wanted: Transfer, tell: Tell) -> None:
        self._wanted = wanted
        try:
            self._line.check()
            await self._place.take(wanted.to)
            await self._begin(wanted)
            await (
                self._put_through(wanted)
                if wanted.mode is TransferMode.COLD
                else self._announce(wanted, tell)
            )
        except OwnershipLostError:
            raise
        except OffhookError as error:
            await self._place.leave()
            self._failed("transfer failed", error, tell)
        else:
            tell(events.TransferLeft())

    async def send_digits(self, digits: str, tell: Tell) -> None:
        self._wanted, self._keys = None, len(digits)
        try:
            await self._flush()
            await self._line.switch(PlayDigits(digits=digits, continue_url=self._continue_url))
        except OwnershipLostError:
            raise
        except OffhookError as error:
            self._failed("keys not pressed", error, tell)
        else:
            tell(events.TransferLeft())

    def stream_ended(self) -> None:
        self._line.stream_ended()

    def cancel(self) -> None:
        self._is_canceled.set()

    async def clean_up(self) -> None:
        """Let go of the other person, and of their place, whom the run's former owner was calling."""
        transfer = self._possession.run.transfer
        if transfer is None or transfer.status is TransferStatus.COMPLETED:
            return
        if transfer.call_id:
            await self._line.hang_up(transfer.call_id)
        if transfer.place_id:
            await self._place.give_back(transfer.place_id)

    async def await_outcome(self, is_over: Callable[[], bool]) -> events.Event:
        """Wait, once the caller has left, until it is known what became of them, or the call `is_over` anyway.

        Raises OwnershipLostError when the caller has come back to us by another stream.
        """
        if self._wanted is None:
            return await self._outcome.of_return(self._keys // _KEYS_PER_SECOND)
        try:
            return await self._outcome.of(self._wanted, is_over)
        finally:
            await self._place.leave()

    async def _put_through(self, wanted: Transfer) -> None:
        instruction = PutThrough(
            called_number=wanted.to,
            caller_number=self._own_number,
            timeout_seconds=wanted.timeout_seconds,
            result_url=self._result_url(wanted),
            continue_url=self._continue_url,
        )
        await self._line.switch(instruction)

    async def _announce(self, wanted: Transfer, tell: Tell) -> None:
        room = f"transfer-{self._run.id}-{wanted.number}"
        other_id = await self._dial(wanted, room)
        try:
            if other_id is not None:
                await self._keeper.name_transfer_call(self._possession, other_id)
            await self._await_person(wanted)
            tell(events.TransferAnswered())
            await self._line.switch(JoinRoom(room=room, continue_url=self._continue_url))
        except (TransferFailedError, CarrierError, OwnershipLostError):
            if other_id is not None:
                await self._line.hang_up(other_id)
            raise

    async def _dial(self, wanted: Transfer, room: str) -> str | None:
        """Call the other person; return the carrier's id of that call, None where it may ring without one."""
        caller_number = self._number_to_dial_from()
        status_url = self._result_url(wanted)
        request = DialRequest(
            called_number=wanted.to,
            caller_number=caller_number,
            instruction=AnnounceAndJoin(summary=wanted.summary, room=room, status_url=status_url),
            status_url=status_url,
            timeout_seconds=wanted.timeout_seconds,
        )
        try:
            return await self._line.dial(request)
        except CarrierError as error:
            if not error.may_have_acted:
                raise
            return None

    def _number_to_dial_from(self) -> str:
        if self._own_number is None:
            raise NotConfiguredError(
                "This run has no number of ours to call from.", code="caller-number-not-configured"
            )
        return self._own_number

    async def _await_person(self, wanted: Transfer) -> None:
        """Wait until the other person is in the room; raise TransferFailedError when that won't be."""
        left_s, is_answered = wanted.timeout_seconds + RING_GRACE_S, False
        while left_s > 0 and not await comes(self._is_canceled, within_s=1):
            left_s -= 1
            told = await self._row.transfer(wanted.number)
            if told is None or told.status is TransferStatus.STARTED:
                continue
            if told.status is TransferStatus.JOINED:
                return
            if told.status is not TransferStatus.ANSWERED:
                raise TransferFailedError("The other person did not come.", code=told.reason)
            if not is_answered:
                left_s, is_answered = _SUMMARY_LIMIT_S, True
        reason = "canceled" if self._is_canceled.is_set() else "no-answer"
        raise TransferFailedError("The other person did not come in time.", code=reason)

    def _result_url(self, wanted: Transfer) -> str:
        return self._links.transfer_result_url(self._run.mode, self._run.id, wanted.number)

    @property
    def _own_number(self) -> str | None:
        """What the other person sees: whoever they call back must be us."""
        telephony = self._run.telephony
        return (
            telephony.caller_number if self._run.direction is Direction.OUTBOUND else telephony.called_number
        )

    async def _begin(self, wanted: Transfer) -> None:
        started = RunTransfer(
            number=wanted.number, status=TransferStatus.STARTED, place_id=self._place.leg_id
        )
        await self._keeper.begin_transfer(self._possession, started)
        # Whoever gets the caller back must find in the log that this transfer was tried.
        await self._flush()

    def _failed(self, what: str, error: OffhookError, tell: Tell) -> None:
        logger.warning(what, extra={"run_id": self._run.id, "code": error.code})
        tell(events.TransferFailed(reason=error.code))
