"""Call-backs that agents have promised: each becomes a scheduled run of its own, once, whatever fails on the way."""

import logging
from dataclasses import dataclass, replace

from offhook.agents.executable import Executable
from offhook.agents.model import AgentStatus
from offhook.agents.ports import AgentRepository
from offhook.clock import Clock
from offhook.dialable import is_dialable
from offhook.errors import ConflictError, LimitReachedError, NotFoundError, OffhookError, StorageError
from offhook.ids import new_run_id
from offhook.json_types import JsonObject
from offhook.organizations.model import ApiKey
from offhook.organizations.ports import OrganizationRepository
from offhook.runs.model import Direction, Promise, PromiseStatus, Run, RunStatus, TriggerMode
from offhook.runs.placing.orders import CallOrder, new_run, renumbered
from offhook.runs.ports import RunRepository
from offhook.telephony.destinations import check_destination
from offhook.telephony.model import OutboundProfile
from offhook.telephony.ports import TelephonyRepository
from offhook.telephony.usecases import Line, choose_line

logger = logging.getLogger(__name__)

MOST_IN_A_ROW = 10
"""Call-backs of which each was promised in the one before: an agent that promises in every call must not call for ever."""

CONTEXT_KEY = "call_back"
"""Under this name the agent that calls back finds what it is about."""

_ID_ATTEMPTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseKeeper:
    """Orders the calls. Every method blocks.

    The id of the new run stands on the first one before the new one is made, so that whoever comes after a crash makes the
    same.
    """

    runs: RunRepository
    agents: AgentRepository
    organizations: OrganizationRepository
    telephony: TelephonyRepository
    clock: Clock

    def keep(self, run: Run) -> Run:
        """Order the call-back that was promised in a finished run, if one was, and return the run as it is then.

        Raises StorageError, after which it may be asked again. What speaks against the call for good is noted on the run.
        """
        if run.promise is None or not run.has_open_promise:
            return run
        try:
            return self._order(run, run.promise)
        except StorageError:
            raise
        except OffhookError as error:
            if error.code == "promise-taken":
                return self.runs.get(run.organization_id, run.id)
            logger.info("promise not kept", extra={"run_id": run.id, "code": error.code})
            return self._note(run, run.promise, status=PromiseStatus.FAILED, failure=error.code)

    def _order(self, run: Run, promise: Promise) -> Run:
        if promise.run_id is not None and self._has(promise.run_id, promised_in=run.id):
            return self._note(run, promise, status=PromiseStatus.KEPT)
        call_back = self._call_back(run, promise)
        if promise.run_id is None:
            run = self._note(run, promise, run_id=call_back.id)
        for _ in range(_ID_ATTEMPTS):
            if run.promise is None or run.promise.run_id is None:
                break
            if self._is_made(renumbered(call_back, run.promise.run_id)):
                return self._note(run, run.promise, status=PromiseStatus.KEPT)
            run = self._note(run, run.promise, run_id=new_run_id(self.clock()))
        raise ConflictError("No free id was found for the call-back.", code="id-taken")

    def _is_made(self, call_back: Run) -> bool:
        """Store the run unless an earlier try has; say False where its id is another's."""
        try:
            self.runs.create(call_back)
        except ConflictError:
            return self._has(call_back.id, promised_in=call_back.promised_in)
        return True

    def _has(self, run_id: int, *, promised_in: int | None) -> bool:
        return any(stored.promised_in == promised_in for stored in self.runs.get_many([run_id]))

    def _note(
        self,
        run: Run,
        promise: Promise,
        *,
        status: PromiseStatus = PromiseStatus.PENDING,
        run_id: int | None = None,
        failure: str | None = None,
    ) -> Run:
        noted = replace(promise, status=status, run_id=run_id or promise.run_id, failure=failure)
        self.runs.note_promise(replace(run, promise=promise), noted)
        return replace(run, promise=noted)

    def _call_back(self, run: Run, promise: Promise) -> Run:
        now = self.clock()
        number = run.other_number or ""
        if not is_dialable(number):
            raise NotFoundError("There is no number to call back.", code="no-number")
        executable = self._executable(run)
        profile = self.telephony.outbound_profile(run.organization_id)
        check_destination(profile, number)
        order = CallOrder(
            key=self._key(run),
            mode=TriggerMode.TEST if run.is_draft else TriggerMode.PRODUCTION,
            agent_identifier=run.agent_uuid,
            called_number=number,
            initial_context=_context(run, promise),
            scheduled_at=promise.at,
        )
        line = _same_line(profile, run)
        made = new_run(order, executable, line, run_id=new_run_id(now), status=RunStatus.QUEUED, now=now)
        return replace(made, promised_in=run.id)

    def _executable(self, run: Run) -> Executable:
        """Return the version that has promised: whoever is called back goes on where they were."""
        agent = self.agents.get(run.organization_id, run.agent_uuid)
        if agent.status is not AgentStatus.ACTIVE:
            raise NotFoundError("The agent was archived since it promised to call.", code="agent-archived")
        return Executable(agent=agent, version=self.agents.get_version(agent.uuid, run.version))

    def _key(self, run: Run) -> ApiKey | None:
        """Return the key in whose name the first call was; None for one that came in."""
        key_id = run.initial_context.get("api_key_id")
        return self.organizations.get_key(run.organization_id, key_id) if isinstance(key_id, str) else None


def _same_line(profile: OutboundProfile, run: Run) -> Line:
    """Return the line that the first call went over, or the default one where that is gone."""
    telephony = run.telephony
    ours = telephony.caller_number if run.direction is Direction.OUTBOUND else telephony.called_number
    known = [each.id for each in profile.configurations if each.id == telephony.configuration_id]
    numbers = [each.id for each in profile.numbers_of(known[0]) if each.address == ours] if known else []
    return choose_line(profile, configuration_id=next(iter(known), None), number_id=next(iter(numbers), None))


def _context(run: Run, promise: Promise) -> JsonObject:
    """Return what the first call began with, and what came of it; raise LimitReachedError for one of too many."""
    before = run.initial_context.get(CONTEXT_KEY)
    number = before.get("number") if isinstance(before, dict) else None
    count = 1 + number if isinstance(number, int) else 1
    if count > MOST_IN_A_ROW:
        raise LimitReachedError(
            f"{MOST_IN_A_ROW} call-backs followed each other: the next is left to somebody else to order.",
            retry_after_seconds=0,
            code="too-many-call-backs",
        )
    about: JsonObject = {
        "reason": promise.reason,
        "number": count,
        "workflow_run_id": run.id,
        "gathered_context": run.gathered_context,
    }
    return {**run.initial_context, CONTEXT_KEY: about}
