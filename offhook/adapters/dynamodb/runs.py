"""Runs in DynamoDB: each change is one conditional write of one item."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from offhook.adapters.dynamodb.database import Database
from offhook.adapters.dynamodb.run_item import (
    RunItem,
    run_key,
    to_attributes,
    to_final_attributes,
    to_run,
)
from offhook.adapters.dynamodb.run_list import list_runs
from offhook.clock import Clock
from offhook.errors import ConflictError, NotFoundError, OwnershipLostError
from offhook.runs.model import Ownership, Run, RunStatus
from offhook.runs.ports import RunFilter, RunPage

_LIVE = tuple(status for status in RunStatus if not status.is_final)


class DynamoRuns:
    """Implements RunRepository."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._runs = database.items(RunItem)
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

    def advance(self, run: Run, status: RunStatus) -> Run:
        """Move the run forward to `status`, with the instants that come with it; raise ConflictError if it can't.

        What `run` shows of disposition, end_reason and error is stored too; None leaves what is stored.
        """
        allowed = [former for former in RunStatus if former.may_become(status)]
        if not allowed:
            raise _refusal(self.get_for_carrier(run.id))
        actions = [RunItem.status.set(status), *self._instants(status), *_outcome(run)]
        return self._change(run, actions, _status_in(allowed))

    def set_call_id(self, run: Run, call_id: str) -> None:
        """Record the carrier's id of the call; raise NotFoundError when there is no such run."""
        self._change(run, [RunItem.call_id.set(call_id)], RunItem.pk.exists())

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
        outcome = self._runs.change(
            *run_key(run_id), [RunItem.lease_until.set(ownership.lease_until)], _is_owned(ownership)
        )
        if not outcome.is_done:
            raise _ownership_lost()

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
        rest = {name: value for name, value in final.items() if name not in ("status", "ended_at")}
        if not self._finish(run.id, rest, _is_owned(ownership)):
            raise _ownership_lost()

    def _finish(self, run_id: int, final: dict[str, Any], condition: Condition) -> bool:
        # What the run does not have is left alone: the row may know more, such as when the call was answered.
        actions: list[Action] = [
            getattr(RunItem, name).set(value) for name, value in final.items() if value is not None
        ]
        actions += [RunItem.owner.remove(), RunItem.lease_until.remove()]
        return self._runs.change(*run_key(run_id), actions, condition).is_done

    def _instants(self, status: RunStatus) -> list[Action]:
        now = self._clock()
        attributes = [RunItem.ended_at] if status.is_final else []
        if status is RunStatus.IN_PROGRESS:
            attributes = [RunItem.started_at, RunItem.answered_at]
        return [attribute.set(attribute | now) for attribute in attributes]

    def _change(self, run: Run, actions: list[Action], condition: Condition) -> Run:
        outcome = self._runs.change(*run_key(run.id), actions, condition)
        if outcome.item is None:
            raise _no_such_run()
        stored = to_run(outcome.item)
        if not outcome.is_done:
            raise _refusal(stored)
        return stored

    def list(self, organization_id: str, filter_: RunFilter, *, limit: int, before_id: int | None) -> RunPage:
        """Return runs newest first, those with an id below `before_id`, without their ownership.

        `created_from` is included, `created_to` is not. The cost does not depend on depth.
        """
        return list_runs(self._runs, organization_id, filter_, limit=limit, before_id=before_id)


def _outcome(run: Run) -> list[Action]:
    known = (
        (RunItem.disposition, run.disposition),
        (RunItem.end_reason, run.end_reason),
        (RunItem.error_code, run.error.code if run.error else None),
        (RunItem.error_message, run.error.message if run.error else None),
    )
    return [attribute.set(value) for attribute, value in known if value is not None]


def _refusal(stored: Run) -> ConflictError:
    return ConflictError(f"The run is {stored.status.value}; that does not allow this.", code="run-state")


def _status_in(statuses: Collection[RunStatus]) -> Condition:
    return RunItem.status.is_in(*statuses)


def _is_owned(ownership: Ownership) -> Condition:
    is_ours: Condition = (RunItem.epoch == ownership.epoch) & (RunItem.owner == ownership.owner)
    return is_ours


def _no_such_run() -> NotFoundError:
    return NotFoundError("There is no run with this id in your organization.")


def _ownership_lost() -> OwnershipLostError:
    return OwnershipLostError("Another process owns this run now.")
