"""A call that comes to us: it joins the run that it has already, or gets a place and a run of its own."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from offhook.agents.executable import Executable
from offhook.errors import ConflictError, NotFoundError, OffhookError
from offhook.ids import new_run_id
from offhook.organizations.ports import OrganizationRepository
from offhook.runs.carrier.reports import CallDetails
from offhook.runs.ledger import Admission, Ledgers
from offhook.runs.making import run_of
from offhook.runs.model import Direction, Run, RunStatus, RunTelephony
from offhook.runs.ports import RunRepository
from offhook.telephony.model import CarrierCall

_CLAIMS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCall:
    """A call at the carrier, and what its run shall say of it."""

    executable: Executable
    at_carrier: CarrierCall
    name: str
    configuration_id: str | None = None
    details: CallDetails = field(default_factory=CallDetails)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTaker:
    """Takes incoming calls: at most one live run for each call, however often and wherever it is announced."""

    runs: RunRepository
    ledgers: Ledgers
    organizations: OrganizationRepository

    def has_run(self, call: IncomingCall) -> bool:
        """Say whether the call has a live run of its agent, which it would join."""
        run_id = self.runs.find_call(call.at_carrier)
        return _is_run_of(call, None if run_id is None else self._find(run_id))

    def take(self, call: IncomingCall, now: datetime) -> Run:
        """Return the live run of the call, a new one if it has none.

        Raises LimitReachedError and QuotaExceededError with nothing stored, ConflictError when the call's runs change
        faster than we can follow.
        """
        run_id = new_run_id(now)
        former = None
        for _ in range(_CLAIMS):
            holder = self.runs.claim_call(call.at_carrier, run_id, in_place_of=former)
            if holder == run_id:
                return self._begin(call, run_id, now)
            known = self._find(holder)
            if known is None:
                # Its process died before the run was stored: the run is made now, under the same id.
                return self._begin(call, holder, now)
            if _is_run_of(call, known):
                return known
            # Over, or its caller was sent on to another agent.
            former = holder
        raise ConflictError("The call is being taken by others at the same time; try again.")

    def _begin(self, call: IncomingCall, run_id: int, now: datetime) -> Run:
        run = _new_run(call, run_id, now)
        try:
            self._take_place(call, run, now)
            self.runs.create(run)
        except ConflictError:
            # Another announcement of the same call was faster.
            return self.runs.get(run.organization_id, run.id)
        except OffhookError:
            self._give_up(call, run)
            raise
        return run

    def _take_place(self, call: IncomingCall, run: Run, now: datetime) -> None:
        admission = Admission(
            organization_id=run.organization_id,
            run_id=run.id,
            agent_uuid=run.agent_uuid,
            limits=self.organizations.limits(run.organization_id),
            agent_limit=call.executable.most_at_once,
        )
        self.ledgers.admit(admission, now)

    def _give_up(self, call: IncomingCall, run: Run) -> None:
        # What can't be given back now, the reaper finds: a place without a run.
        with suppress(OffhookError):
            self.ledgers.forget(run.organization_id, run.id, run.agent_uuid)
            self.runs.release_call(call.at_carrier, run.id)

    def _find(self, run_id: int) -> Run | None:
        try:
            return self.runs.get_for_carrier(run_id)
        except NotFoundError:
            return None


def _is_run_of(call: IncomingCall, run: Run | None) -> bool:
    return run is not None and not run.status.is_final and run.agent_uuid == call.executable.agent.uuid


def _new_run(call: IncomingCall, run_id: int, now: datetime) -> Run:
    details = call.details
    run = run_of(
        call.executable,
        run_id=run_id,
        name=call.name,
        status=RunStatus.RINGING,
        direction=Direction.INBOUND,
        mode=call.at_carrier.provider,
        telephony=RunTelephony(
            configuration_id=call.configuration_id,
            caller_number=details.caller_number,
            called_number=details.called_number,
            call_id=call.at_carrier.call_id,
        ),
        given=details.given,
        stamps=details.stamps,
        now=now,
    )
    return replace(run, gathered_context=details.gathered_context, logs=details.logs, stream_number=1)
