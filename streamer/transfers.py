"""Carrying out a call's transfers: the other person is dialled, the caller is moved, and the carrier's word is awaited.

The carrier tells the result to a function, which writes it into the run's row; while a transfer is under way, and only
then, the owner of the run reads that row once a second.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from offhook.errors import (
    CarrierError,
    ForbiddenError,
    NotConfiguredError,
    NotFoundError,
    OwnershipLostError,
    StorageError,
)
from offhook.runs.model import Direction, Run, RunTransfer, TransferStatus
from offhook.telephony import cxml
from offhook.telephony.destinations import check_destination
from offhook.telephony.model import is_dialable
from offhook.telephony.ports import CarrierAccount
from offhook.workflows import TransferMode
from streamer.call import events
from streamer.call.commands import Transfer
from streamer.call_plan import CallPlan
from streamer.call_services import CallServices
from streamer.possession import Possession

logger = logging.getLogger(__name__)

Tell = Callable[[events.Event], None]

# A carrier that has not said by then that nobody answers has joined the two: its own word comes within seconds.
_RING_GRACE_S = 10
# The other person hears the summary, which is at most some two minutes long.
_SUMMARY_LIMIT_S = 150
# Whether the other person is still there when the caller comes into the room shows at once, or not at all.
_ROOM_LIMIT_S = 5


class TransferRefusedError(Exception):
    """The transfer can't be made; `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Transfers:
    """Carries out the transfers of one call, one at a time; `flush` stores what the log has to tell so far."""

    def __init__(
        self,
        services: CallServices,
        plan: CallPlan,
        possession: Possession,
        flush: Callable[[], Awaitable[None]],
    ) -> None:
        self._services = services
        self._plan = plan
        self._possession = possession
        self._flush = flush
        self._is_canceled = asyncio.Event()
        self._wanted: Transfer | None = None
        self._return_limit_s = services.return_limit_s

    async def carry_out(self, wanted: Transfer, tell: Tell) -> None:
        """Make the transfer, up to the moment at which the caller leaves our stream, or it fails."""
        self._wanted = wanted
        try:
            if wanted.mode is TransferMode.COLD:
                await self._put_through(wanted, tell)
            else:
                await self._announce(wanted, tell)
        except TransferRefusedError as error:
            tell(events.TransferFailed(reason=error.reason))
        except (CarrierError, ForbiddenError, NotConfiguredError, StorageError) as error:
            logger.warning("transfer failed", extra={"run_id": self._plan.run.id, "code": error.code})
            tell(events.TransferFailed(reason=error.code))

    async def send_digits(self, digits: str, tell: Tell) -> None:
        """Have the carrier press keys on the caller's line, for which the caller leaves our stream."""
        self._wanted, self._return_limit_s = None, self._services.return_limit_s + len(digits) // 2
        try:
            account, call_id = self._line()
            await self._flush()
            document = cxml.play_digits(digits, self._services.links.continue_url(self._plan.run.id))
            await self._move_caller(account, call_id, document)
        except TransferRefusedError as error:
            tell(events.TransferFailed(reason=error.reason))
        except CarrierError as error:
            logger.warning("keys not pressed", extra={"run_id": self._plan.run.id, "code": error.code})
            tell(events.TransferFailed(reason=error.code))
        else:
            tell(events.TransferLeft())

    def cancel(self) -> None:
        """Give up the transfer under way, for good; the other person is hung up on."""
        self._is_canceled.set()

    async def clean_up(self) -> None:
        """Hang up on the other person of a transfer that the run's former owner did not finish."""
        transfer = self._possession.run.transfer
        if transfer and transfer.call_id and transfer.status is not TransferStatus.COMPLETED:
            await self._hang_up(transfer.call_id)

    async def await_outcome(self, is_over: Callable[[], bool]) -> events.Event:
        """Wait, once the caller has left, until it is known what became of them; return that as an event.

        When the call `is_over` anyway, nobody waits for more. Raises OwnershipLostError when the caller has come back to us by another stream.
        """
        wanted = self._wanted
        if wanted is None:
            return await self._await_return()
        limit_s = (
            wanted.timeout_seconds + _RING_GRACE_S if wanted.mode is TransferMode.COLD else _ROOM_LIMIT_S
        )
        for _ in range(limit_s):
            await asyncio.sleep(1)
            if is_over():
                break
            run = await self._look()
            if run is None:
                continue
            self._check_ownership(run)
            if run.hangup_requested_at is not None:
                return events.CallerGone()
            if self._status(run) is TransferStatus.COMPLETED:
                return events.TransferCompleted()
            if self._status(run) is TransferStatus.FAILED:
                if wanted.mode is TransferMode.WARM:
                    await self._fetch_caller()
                return await self._await_return()
        return await self._presumed(wanted)

    # --- cold ---

    async def _put_through(self, wanted: Transfer, tell: Tell) -> None:
        account, call_id = self._line()
        caller_id = await self._checked_caller_id(wanted)
        await self._begin(wanted)
        links, run_id = self._services.links, self._plan.run.id
        document = cxml.dial_out(
            wanted.to,
            caller_id=caller_id,
            timeout_seconds=wanted.timeout_seconds,
            action_url=links.transfer_result_url(run_id, wanted.number),
            redirect_url=links.continue_url(run_id),
        )
        await self._move_caller(account, call_id, document)
        tell(events.TransferLeft())

    # --- warm ---

    async def _announce(self, wanted: Transfer, tell: Tell) -> None:
        account, call_id = self._line()
        caller_id = await self._checked_caller_id(wanted)
        if caller_id is None:
            raise TransferRefusedError("caller-number-not-configured")
        await self._begin(wanted)
        other_id = await self._dial(wanted, account, caller_id)
        try:
            await self._await_person(wanted)
            tell(events.TransferAnswered())
            document = cxml.join(
                self._room(wanted), redirect_url=self._services.links.continue_url(self._plan.run.id)
            )
            await self._move_caller(account, call_id, document)
        except (TransferRefusedError, CarrierError):
            if other_id is not None:
                await self._hang_up(other_id)
            raise
        tell(events.TransferLeft())

    async def _dial(self, wanted: Transfer, account: CarrierAccount, caller_id: str) -> str | None:
        """Call the other person; return the carrier's id of that call, None where it has not told."""
        services, possession = self._services, self._possession
        status_url = services.links.transfer_result_url(self._plan.run.id, wanted.number)
        try:
            other_id = await services.carrier_threads.run(
                services.carrier.dial,
                account,
                destination=wanted.to,
                caller_id=caller_id,
                cxml=cxml.announce_and_join(wanted.summary, self._room(wanted), status_url=status_url),
                callback_url=status_url,
                timeout_seconds=wanted.timeout_seconds,
            )
        except CarrierError as error:
            if not error.may_have_acted:
                raise
            return None
        await services.keeper.name_transfer_call(possession, other_id)
        return other_id

    async def _await_person(self, wanted: Transfer) -> None:
        """Wait until the other person is in the room; raise TransferRefusedError when that won't be."""
        left_s, is_answered = wanted.timeout_seconds + _RING_GRACE_S, False
        while left_s > 0:
            if await self._canceled_within_a_second():
                raise TransferRefusedError("canceled")
            left_s -= 1
            run = await self._look()
            status = run and self._status(run)
            if status is TransferStatus.JOINED:
                return
            if run and run.transfer and status is TransferStatus.FAILED:
                raise TransferRefusedError(run.transfer.reason or "failed")
            if status is TransferStatus.ANSWERED and not is_answered:
                left_s, is_answered = _SUMMARY_LIMIT_S, True
        raise TransferRefusedError("no-answer")

    async def _canceled_within_a_second(self) -> bool:
        try:
            async with asyncio.timeout(1):
                return await self._is_canceled.wait()
        except TimeoutError:
            return False

    def _room(self, wanted: Transfer) -> str:
        return f"transfer-{self._plan.run.id}-{wanted.number}"

    # --- both ---

    def _line(self) -> tuple[CarrierAccount, str]:
        if self._plan.account is None or self._plan.call_id is None:
            raise TransferRefusedError("telephony-not-configured")
        return self._plan.account, self._plan.call_id

    async def _checked_caller_id(self, wanted: Transfer) -> str | None:
        """Return the number of ours that the other person will see, once they may be called at all."""
        if not is_dialable(wanted.to):
            raise TransferRefusedError("destination-not-dialable")
        run, services = self._plan.run, self._services
        await services.store_threads.run(self._check_destination, wanted.to)
        is_outbound = run.direction is Direction.OUTBOUND
        return run.telephony.caller_number if is_outbound else run.telephony.called_number

    def _check_destination(self, address: str) -> None:
        # In a thread: beside the read, the tables of numbers take some 30 ms to load, which calls would hear.
        profile = self._services.telephony.outbound_profile(self._plan.run.organization_id)
        check_destination(profile, address)

    async def _begin(self, wanted: Transfer) -> None:
        started = RunTransfer(number=wanted.number, status=TransferStatus.STARTED)
        await self._services.keeper.begin_transfer(self._possession, started)
        # Whoever gets the caller back must find in the log that this transfer was tried.
        await self._flush()

    async def _move_caller(self, account: CarrierAccount, call_id: str, document: str) -> None:
        services = self._services
        try:
            await services.carrier_threads.run(services.carrier.switch, account, call_id, document)
        except CarrierError as error:
            if not error.may_have_acted:
                raise
            # If it has not, no word of the transfer comes either, and the end of the wait tells.
            logger.warning("switch unanswered", extra={"run_id": self._plan.run.id, "code": error.code})

    async def _hang_up(self, call_id: str) -> None:
        services, account = self._services, self._plan.account
        if account is None:
            return
        try:
            await services.carrier_threads.run(services.carrier.hang_up, account, call_id)
        except CarrierError as error:
            logger.warning("hang-up refused", extra={"run_id": self._plan.run.id, "code": error.code})

    # --- the row ---

    async def _look(self) -> Run | None:
        try:
            return await self._services.keeper.get(self._possession.run.id)
        except (NotFoundError, StorageError):
            return None

    def _status(self, run: Run) -> TransferStatus | None:
        is_this = run.transfer and self._wanted and run.transfer.number == self._wanted.number
        return run.transfer.status if run.transfer and is_this else None

    def _check_ownership(self, run: Run) -> None:
        if run.ownership is None or run.ownership.epoch != self._possession.ownership.epoch:
            raise OwnershipLostError("The caller has come back by another stream.")

    async def _await_return(self) -> events.Event:
        """Wait for a caller whom the carrier brings back, by another stream."""
        for _ in range(self._return_limit_s):
            run = await self._look()
            if run is not None:
                self._check_ownership(run)
            await asyncio.sleep(1)
        return events.CallerGone()

    async def _fetch_caller(self) -> None:
        account, call_id = self._line()
        try:
            document = cxml.come_back(self._services.links.continue_url(self._plan.run.id))
            await self._move_caller(account, call_id, document)
        except CarrierError as error:
            logger.warning("caller not fetched back", extra={"run_id": self._plan.run.id, "code": error.code})

    async def _presumed(self, wanted: Transfer) -> events.Event:
        """Say what became of a caller of whom nothing was heard in time: who rang in vain would be back by now."""
        services = self._services
        account, call_id = self._line()
        try:
            is_live = await services.carrier_threads.run(services.carrier.is_live, account, call_id)
        except CarrierError:
            is_live = True
        if is_live or wanted.mode is TransferMode.WARM:
            return events.TransferCompleted()
        return events.CallerGone()
