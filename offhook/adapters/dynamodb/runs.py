"""Runs in DynamoDB: each change is one conditional write of one item."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from offhook.adapters.dynamodb.call_claims import CallClaims
from offhook.adapters.dynamodb.database import Database
from offhook.adapters.dynamodb.run_item import (
    ByExpiry,
    RunItem,
    expiry_index_pk,
    run_key,
    to_attributes,
    to_callback_attributes,
    to_expiry,
    to_final_attributes,
    to_run,
    to_transfer_attributes,
)
from offhook.adapters.dynamodb.run_list import list_runs
from offhook.clock import Clock
from offhook.errors import ConflictError, NotFoundError, OwnershipLostError
from offhook.runs.model import Callback, CarrierCall, Ownership, Run, RunStatus, RunTransfer, TransferStatus
from offhook.runs.ports import RunFilter, RunPage

_LIVE = tuple(status for status in RunStatus if not status.is_final)
_DECIDED_BY_THE_FIRST_END = ("status", "ended_at", "gsi3pk")


class DynamoRuns:
    """Implements RunRepository."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._runs = database.items(RunItem)
        self._calls = CallClaims(database)
        self._clock = clock

    def create(self, run: Run) -> None:
        """Store a new run; raise ConflictError when its id is taken."""
        if not self._runs.put_new(self._runs.new(*run_key(run.id), **to_attributes(run))):
            raise ConflictError("There is a run with this id already; try again with another one.")

    def get(self, organization_id: str, run_id: int) -> Run:
        """Return the run; raise NotFoundError when it is not this organization's."""
        run = self.get_for_carrier(run_id)
        if run.organization_id != organization_id:
            raise _no_such_run()
        return run

    def get_for_carrier(self, run_id: int) -> Run:
        """Return a run that a verified carrier token names, whatever its organization; raise NotFoundError."""
        item = self._runs.get(*run_key(run_id))
        if item is None:
            raise _no_such_run()
        return to_run(item)

    def claim_call(self, call: CarrierCall, run_id: int, *, in_place_of: int | None = None) -> int:
        """Make this the run of a carrier's call in this organization unless it has one; return the id of the one it has.

        `in_place_of` is a run, over by now, that the call may have had until now.
        """
        return self._calls.claim(call, run_id, self._clock(), in_place_of=in_place_of)

    def find_call(self, call: CarrierCall) -> int | None:
        """Return the id of the run that a carrier's call has in this organization; None when it has none."""
        return self._calls.find(call)

    def release_call(self, call: CarrierCall, run_id: int) -> None:
        """Forget that the call has this run, which was never made."""
        self._calls.release(call, run_id)

    def get_many(self, run_ids: Sequence[int]) -> Sequence[Run]:
        """Return those of these runs that are stored, whatever their organization, in any order."""
        return [to_run(item) for item in self._runs.get_many([run_key(run_id) for run_id in run_ids])]

    def advance(
        self, run: Run, status: RunStatus, *, only_from: Collection[RunStatus] = tuple(RunStatus)
    ) -> Run:
        """Move the run forward to `status`, with the instants that come with it; raise ConflictError if it can't.

        What `run` shows of disposition, end_reason and error is stored too; None leaves what is stored.
        """
        allowed = [former for former in only_from if former.may_become(status)]
        if not allowed:
            raise _refusal(self.get_for_carrier(run.id))
        actions = [RunItem.status.set(status), *self._instants(run, status), *_outcome(run)]
        return self._change(run, actions, _status_in(allowed))

    def set_call_id(self, run: Run, call_id: str) -> None:
        """Record the carrier's id of the call; raise NotFoundError when there is no such run."""
        self._change(run, [RunItem.call_id.set(call_id)], RunItem.pk.exists())

    def request_hangup(self, run: Run, now: datetime) -> Run:
        """Record that somebody wants a live run ended, and return it; raise ConflictError when it is over.

        The first such wish stays.
        """
        wish = RunItem.hangup_requested_at.set(RunItem.hangup_requested_at | now)
        return self._change(run, [wish], _status_in(_LIVE))

    def begin_transfer(self, run_id: int, ownership: Ownership, transfer: RunTransfer) -> None:
        """Record a transfer that begins, in place of any before; raise OwnershipLostError when the run is not ours."""
        attributes = to_transfer_attributes(transfer)
        forgotten = [getattr(RunItem, name).remove() for name, value in attributes.items() if value is None]
        self._change_ours(run_id, ownership, [*_settings(attributes), *forgotten])

    def name_transfer_call(self, run_id: int, ownership: Ownership, call_id: str) -> None:
        """Record the carrier's id of the call to the other person; raise OwnershipLostError."""
        self._change_ours(run_id, ownership, [RunItem.transfer_call_id.set(call_id)])

    def note_transfer(self, run_id: int, number: int, status: TransferStatus, reason: str | None) -> bool:
        """Record what the carrier tells of the transfer with this number, whatever its run's organization.

        Return False where that is not the run's latest transfer, or is as far already. Raises NotFoundError.
        """
        actions = _settings({"transfer_status": status, "transfer_reason": reason})
        is_ahead = RunItem.transfer_status.is_in(*status.formers)
        outcome = self._runs.change(*run_key(run_id), actions, (RunItem.transfer_number == number) & is_ahead)
        if outcome.item is None:
            raise _no_such_run()
        return outcome.is_done

    def note_callback(self, run: Run, callback: Callback) -> None:
        """Record how far the delivery of a run's callback is; raise NotFoundError when there is no such run.

        Conditional on the status and the attempts that `run` shows: raises ConflictError `callback-taken` when another
        process has noted something since.
        """
        actions = _settings(to_callback_attributes(callback))
        outcome = self._runs.change(*run_key(run.id), actions, _has_callback_of(run))
        if outcome.item is None:
            raise _no_such_run()
        if not outcome.is_done:
            raise ConflictError("Another process delivers the callback of this run.", code="callback-taken")

    def expired(self, day: date, *, limit: int) -> Sequence[Run]:
        """Return runs whose retention ends on this day (UTC), at most `limit`."""
        pages = self._runs.pages(expiry_index_pk(day), None, index=ByExpiry.Meta.index_name, looked_at=limit)
        items, _ = next(pages, ([], None))
        return self.get_many([int(item.run_id) for item in items])

    def delete(self, run: Run) -> None:
        """Remove the row of a finished run; doing it again is harmless. Raises ConflictError for a live one."""
        is_over = RunItem.pk.does_not_exist() | ~_status_in(_LIVE)
        if not self._runs.remove(*run_key(run.id), is_over):
            raise _refusal(self.get_for_carrier(run.id))

    def begin_stream(self, run: Run) -> Run:
        """Raise `stream_number` by one for a live run and return the run; raise ConflictError when it is over."""
        actions: list[Action] = [RunItem.stream_number.set(RunItem.stream_number + 1)]
        return self._change(run, actions, _status_in(_LIVE))

    def take_over(self, run: Run, owner: str, lease_until: datetime) -> Run:
        """Make `owner` the run's owner with the next epoch, and return the run.

        Conditional on the epoch that `run` shows; raises OwnershipLostError when another was faster, ConflictError
        when the run is over.
        """
        epoch = run.ownership.epoch if run.ownership else 0
        actions = [
            RunItem.epoch.set(epoch + 1),
            RunItem.owner.set(owner),
            RunItem.lease_until.set(lease_until),
        ]
        condition = _status_in(_LIVE) & (RunItem.epoch == epoch)
        outcome = self._runs.change(*run_key(run.id), actions, condition)
        if outcome.item is None:
            raise _no_such_run()
        stored = to_run(outcome.item)
        if not outcome.is_done:
            raise _refusal(stored) if stored.status.is_final else _ownership_lost()
        return stored

    def renew(self, run_id: int, ownership: Ownership) -> None:
        """Extend the lease to `ownership.lease_until`; raise OwnershipLostError when the epoch is no longer ours."""
        self._change_ours(run_id, ownership, [RunItem.lease_until.set(ownership.lease_until)])

    def finish(self, run: Run, ownership: Ownership) -> None:
        """Write the final row (status, contexts, usage, cost, latency, error, keys) and give up the ownership.

        Conditional on the epoch; raises OwnershipLostError. A final status that a callback has stored meanwhile
        stays, with its instant.
        """
        if not run.status.is_final:
            raise ConflictError("A run is finished with a final status; this one is still live.")
        final = to_final_attributes(run, run.ended_at or self._clock())
        if self._finish(run.id, final, _is_owned(ownership) & _status_in(_LIVE)):
            return
        rest = {name: value for name, value in final.items() if name not in _DECIDED_BY_THE_FIRST_END}
        if not self._finish(run.id, rest, _is_owned(ownership)):
            raise _ownership_lost()

    def _finish(self, run_id: int, final: dict[str, Any], condition: Condition) -> bool:
        # What the run does not have is left alone: the row may know more, such as when the call was answered.
        actions = [*_settings(final), RunItem.owner.remove(), RunItem.lease_until.remove()]
        return self._runs.change(*run_key(run_id), actions, condition).is_done

    def _instants(self, run: Run, status: RunStatus) -> list[Action]:
        now = self._clock()
        if status.is_final:
            expiry = _settings({"gsi3pk": to_expiry(run, now)})
            return [RunItem.ended_at.set(RunItem.ended_at | now), *expiry]
        if status is RunStatus.DIALING:
            return [RunItem.started_at.set(RunItem.started_at | now)]
        if status is RunStatus.IN_PROGRESS:
            return [attribute.set(attribute | now) for attribute in (RunItem.started_at, RunItem.answered_at)]
        return []

    def _change_ours(self, run_id: int, ownership: Ownership, actions: list[Action]) -> None:
        if not self._runs.change(*run_key(run_id), actions, _is_owned(ownership)).is_done:
            raise _ownership_lost()

    def _change(self, run: Run, actions: list[Action], condition: Condition) -> Run:
        outcome = self._runs.change(*run_key(run.id), actions, condition)
        if outcome.item is None:
            raise _no_such_run()
        stored = to_run(outcome.item)
        if not outcome.is_done:
            raise _refusal(stored)
        return stored

    def list(self, organization_id: str, filter_: RunFilter, *, limit: int, before_id: int | None) -> RunPage:
        """Return runs newest first, those with an id below `before_id`; see RunRepository.list.

        `created_from` is included, `created_to` is not. The cost does not depend on depth.
        """
        return list_runs(self._runs, organization_id, filter_, limit=limit, before_id=before_id)


def _outcome(run: Run) -> list[Action]:
    return _settings(
        {
            "disposition": run.disposition,
            "end_reason": run.end_reason,
            "error_code": run.error.code if run.error else None,
            "error_message": run.error.message if run.error else None,
        }
    )


def _settings(attributes: dict[str, Any]) -> list[Action]:
    return [getattr(RunItem, name).set(value) for name, value in attributes.items() if value is not None]


def _refusal(stored: Run) -> ConflictError:
    return ConflictError(f"The run is {stored.status.value}; that does not allow this.", code="run-state")


def _status_in(statuses: Collection[RunStatus]) -> Condition:
    return RunItem.status.is_in(*statuses)


def _has_callback_of(run: Run) -> Condition:
    if run.callback is None:
        return RunItem.pk.exists()
    is_same: Condition = (RunItem.callback_status == run.callback.status) & (
        RunItem.callback_attempts == run.callback.attempts
    )
    return is_same


def _is_owned(ownership: Ownership) -> Condition:
    is_ours: Condition = (RunItem.epoch == ownership.epoch) & (RunItem.owner == ownership.owner)
    return is_ours


def _no_such_run() -> NotFoundError:
    return NotFoundError("There is no run with this id in your organization.")


def _ownership_lost() -> OwnershipLostError:
    return OwnershipLostError("Another process owns this run now.")
