"""Saving calls whose process is gone: the carrier is switched to a new media stream, which another process takes."""

import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offhook.clock import Clock
from offhook.errors import CarrierError, ConflictError, InvalidInputError, NotConfiguredError
from offhook.ids import new_process_id
from offhook.runs.carrier.continuing import open_stream
from offhook.runs.carrier.hangup import CarrierCalls
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import TakeoverEvent
from offhook.runs.log.projections import has_ended, of_kind
from offhook.runs.model import Run, RunTransfer, TransferStatus
from offhook.runs.ports import EventLog, RunRepository
from offhook.runs.reaping.lease_watch import LeaseWatch
from offhook.telephony.links import CarrierLinks
from offhook.telephony.ports import CALL_GONE

logger = logging.getLogger(__name__)

MAX_SWITCHES = 3
"""How often one run's call is switched to a new stream; a call whose every stream is lost is not worth a fourth."""

_OWNER_PREFIX = "reaper-"
# In this time the new stream comes, or the next switch may be tried.
_LEASE = timedelta(seconds=30)
# For so long a carrier that can't be asked is asked again; the run ends then, and perhaps wrongly.
_CARRIER_LIMIT = timedelta(minutes=10)
_UNAVAILABLE = (ConflictError, NotConfiguredError, InvalidInputError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reattacher:
    """Brings calls that the carrier still has to another process, while their logs allow to go on."""

    runs: RunRepository
    log: EventLog
    calls: CarrierCalls
    links: CarrierLinks
    clock: Clock
    leases: LeaseWatch = field(default_factory=LeaseWatch)
    owner: str = field(default_factory=lambda: _OWNER_PREFIX + new_process_id())

    def reattach(self, run: Run, since: datetime) -> Run | None:
        """Save the call of a run whose owner is gone since then; return the run where it is to be settled instead.

        Raises ConflictError when the run is over or goes on elsewhere.
        """
        latest = self.runs.get(run.organization_id, run.id)
        if latest.status.is_final or latest.ownership != run.ownership:
            return None
        try:
            is_live = self.calls.is_live(latest)
        except _UNAVAILABLE:
            # Nobody but the caller can end it, who brought the credentials along.
            return latest
        except CarrierError as error:
            is_worth_waiting = _is_passing(error) and self.clock() < since + _CARRIER_LIMIT
            return None if is_worth_waiting else latest
        return self._go_on(latest) if is_live else latest

    def _go_on(self, run: Run) -> Run | None:
        if run.transfer is not None and _is_with_somebody_else(run.transfer):
            # The end of the transfer leads the caller back to us, or to the end.
            return None
        log = list(self.log.read(run.id, consistent=True))
        if run.hangup_requested_at is not None or has_ended(log) or _switches(log) >= MAX_SWITCHES:
            # Another reaper may have come as far: who takes it over hangs it up.
            taken = self.runs.take_over(run, self.owner, self.clock() + _LEASE)
            with suppress(CarrierError):
                self.calls.hang_up(taken)
            return taken
        return self._switch(run, log)

    def _switch(self, run: Run, log: list[LogEntry]) -> Run | None:
        now = self.clock()
        taken = self.runs.take_over(run, self.owner, now + _LEASE)
        if taken.ownership is None:
            return None
        self.leases.look(run.id, taken.ownership, now)
        takeover = TakeoverEvent(epoch=taken.ownership.epoch, owner=taken.ownership.owner)
        self.log.append(run.id, [LogEntry.new(seq=len(log) + 1, at=now, event=takeover)])
        begun = self.runs.begin_stream(taken)
        try:
            self.calls.switch(begun, open_stream(begun, self.links))
        except CarrierError as error:
            logger.warning("call not switched", extra={"run_id": run.id, "code": error.code})
            return begun if error.code == CALL_GONE else None
        logger.warning("call of a lost process switched to a new stream", extra={"run_id": run.id})
        return None


def _is_passing(error: CarrierError) -> bool:
    return (
        error.may_have_acted or error.retry_after_seconds is not None or error.code == "carrier-unreachable"
    )


def _is_with_somebody_else(transfer: RunTransfer) -> bool:
    """Say whether the caller has left our stream; in a warm transfer, whose other call we know, that is at the end."""
    if transfer.call_id is not None:
        return transfer.status is TransferStatus.JOINED
    return transfer.status in TransferStatus.COMPLETED.formers


def _switches(log: list[LogEntry]) -> int:
    return sum(takeover.owner.startswith(_OWNER_PREFIX) for takeover in of_kind(log, TakeoverEvent))
