"""One call's line at the carrier: the caller's leg, and those of others whom we call for them."""

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from offhook.errors import CarrierError, NotConfiguredError
from offhook.telephony.instructions import Instruction
from offhook.telephony.ports import Carrier, CarrierAccount, DialRequest
from streamer.record.blocking import CarrierDesk
from streamer.record.call_plan import CallPlan
from streamer.record.patience import comes

T = TypeVar("T")

logger = logging.getLogger(__name__)

# The window of the carrier's own limit; nobody waits on the line for longer than that.
_LONGEST_RETRY_S = 10
# A stream whose call was switched ends at once; one that goes on was not.
_STREAM_END_LIMIT_S = 3.0


class CallerLine:
    """Asks the carrier for this call; a carrier that is busy is asked again, when it says that it may be."""

    def __init__(self, carrier: CarrierDesk, plan: CallPlan) -> None:
        self._carrier = carrier
        self._plan = plan
        self._stream_is_over = asyncio.Event()

    def stream_ended(self) -> None:
        """Take note that the caller's media stream is over."""
        self._stream_is_over.set()

    def check(self) -> None:
        """Raise NotConfiguredError for a call that the carrier can't be told anything about."""
        self._leg()

    async def switch(self, instruction: Instruction) -> None:
        """Have the caller leave our stream, and go on with this instruction; raise CarrierError."""
        try:
            account, call_id = self._leg()
            await self._ask(lambda carrier: carrier.switch(account, call_id, instruction))
        except CarrierError as error:
            is_done = error.may_have_acted and await comes(self._stream_is_over, within_s=_STREAM_END_LIMIT_S)
            if not is_done:
                raise
            logger.warning("switch unanswered", extra={"run_id": self._plan.run.id, "code": error.code})

    async def dial(self, request: DialRequest) -> str:
        """Call somebody else; return the carrier's id of that call, or raise CarrierError."""
        account, _ = self._leg()
        return await self._ask(lambda carrier: carrier.dial(account, request))

    async def hang_up(self, call_id: str) -> None:
        """Hang up on somebody else, as well as that can be done."""
        try:
            account, _ = self._leg()
            await self._ask(lambda carrier: carrier.hang_up(account, call_id))
        except (CarrierError, NotConfiguredError) as error:
            logger.warning("hang-up refused", extra={"run_id": self._plan.run.id, "code": error.code})

    async def is_live(self) -> bool:
        """Say whether the caller is on the line; True where that can't be told."""
        try:
            account, call_id = self._leg()
            return await self._ask(lambda carrier: carrier.is_live(account, call_id))
        except CarrierError:
            return True

    def _leg(self) -> tuple[CarrierAccount, str]:
        if self._plan.account is None or self._plan.call_id is None:
            raise NotConfiguredError(
                "The carrier's credentials for this call, or its id, are not known.",
                code="telephony-not-configured",
            )
        return self._plan.account, self._plan.call_id

    async def _ask(self, request: Callable[[Carrier], T]) -> T:
        return await self._carrier.ask(request, within_s=_LONGEST_RETRY_S)
