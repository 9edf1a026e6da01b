"""The place that the other leg of a transfer takes among its organization's calls: it is paid for like them."""

import logging

from offhook.clock import Clock
from offhook.dialable import is_dialable
from offhook.errors import InvalidInputError, StorageError
from offhook.ids import new_run_id
from offhook.runs.ledger import Admission, Ledgers
from offhook.runs.model import Run
from offhook.telephony.destinations import check_destination
from offhook.telephony.model import OutboundProfile
from offhook.telephony.ports import TelephonyRepository
from streamer.record.threads import Threads

logger = logging.getLogger(__name__)


class TransferPlace:
    """At most one place at a time, for the transfers of one run."""

    def __init__(
        self, run: Run, *, telephony: TelephonyRepository, ledgers: Ledgers, threads: Threads, clock: Clock
    ) -> None:
        self._run = run
        self._telephony = telephony
        self._ledgers = ledgers
        self._threads = threads
        self._clock = clock
        self.leg_id: int | None = None
        """What the place is held by; None without one."""

    async def check(self, address: str) -> None:
        """Raise InvalidInputError or ForbiddenError for an address that may not be called."""
        await self._threads.run(self._check, address)

    async def take(self, address: str) -> None:
        """Ask for a place to call this address from.

        Raises what `check` does, LimitReachedError and QuotaExceededError.
        """
        # In a thread: beside the read, the tables of numbers take some 30 ms to load, which calls would hear.
        await self._threads.run(self._take, address)

    async def leave(self) -> None:
        """Give the place back, if there is one."""
        leg_id, self.leg_id = self.leg_id, None
        if leg_id is not None:
            await self.give_back(leg_id)

    async def give_back(self, leg_id: int) -> None:
        """Give a place back, also one that a former owner of the run has taken."""
        run = self._run
        try:
            await self._threads.run(self._ledgers.forget, run.organization_id, leg_id, run.agent_uuid)
        except StorageError as error:
            # The reaper finds a place that no run holds.
            logger.warning("place not left", extra={"run_id": run.id, "code": error.code})

    def _check(self, address: str) -> OutboundProfile:
        if not is_dialable(address):
            raise InvalidInputError("This is no number and no SIP address.", code="destination-not-dialable")
        profile = self._telephony.outbound_profile(self._run.organization_id)
        check_destination(profile, address)
        return profile

    def _take(self, address: str) -> None:
        run, now = self._run, self._clock()
        profile = self._check(address)
        leg_id = new_run_id(now)
        self._ledgers.admit(
            Admission(
                organization_id=run.organization_id,
                run_id=leg_id,
                agent_uuid=run.agent_uuid,
                limits=profile.limits,
            ),
            now,
        )
        self.leg_id = leg_id
