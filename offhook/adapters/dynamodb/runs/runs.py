"""Runs in DynamoDB: each change is one conditional write of one item, but for what is counted with it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.items.database import Database, new_write_id
from offhook.adapters.dynamodb.items.mapping import change, stored_fields
from offhook.adapters.dynamodb.runs.call_claims import CallClaims
from offhook.adapters.dynamodb.runs.counters import DynamoCounters
from offhook.adapters.dynamodb.runs.run_item import (
    BY_EXPIRY,
    NOT_LISTED,
    RunItem,
    expiry_index_pk,
    listed,
    run_key,
    sortable_id,
    to_attributes,
    to_expiry,
    to_run,
)
from offhook.adapters.dynamodb.runs.run_list import list_runs, neighbours, run_ids
from offhook.adapters.dynamodb.runs.wakes import WakeItem, wake_key
from offhook.adapters.dynamodb.runs.wakes import to_attributes as wake_attributes
from offhook.analytics.counting import at_review
from offhook.analytics.model import Addition
from offhook.clock import Clock
from offhook.errors import ConflictError, NotFoundError, OwnershipLostError
from offhook.runs.model import (
    Delivery,
    Moment,
    Ownership,
    Promise,
    Review,
    ReviewStatus,
    Run,
    RunStatus,
    RunTransfer,
    TransferStatus,
)
from offhook.runs.ports import RunFilter, RunNeighbours, RunPage
from offhook.runs.waking import wake_of
from offhook.waking import Wake

_LIVE = tuple(status for status in RunStatus if not status.is_final)
_DECIDED_BY_THE_FIRST_END = ("status", "ended_at")
# What others have written since the run began, of which its owner may not have heard.
_NOT_THE_OWNERS = ("started_at", "telephony", "callback", "webhooks", "review", "annotations", "campaign")


class DynamoRuns(CallClaims):
    """Implements RunRepository."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self._database = database
        self._runs = database.items(RunItem)
        self._wakes = database.items(WakeItem)
        self._counters = DynamoCounters(database)

    def create(self, run: Run) -> None:
        item = self._runs.new(*run_key(run.id), **to_attributes(run))
        if run.scheduled_at is None:
            if not self._runs.put_new(item):
                raise _id_taken()
        else:
            self._create_with_wake(item, wake_of(run))

    def _create_with_wake(self, item: RunItem, wake: Wake) -> None:
        """Store a run together with what will find it: neither is ever without the other."""
        item.write_id = new_write_id()
        waking = self._wakes.new(*wake_key(wake.kind, wake.id), **wake_attributes(wake))

        def collect(transaction: TransactWrite) -> None:
            transaction.save(item, condition=RunItem.pk.does_not_exist())
            transaction.save(waking)

        def is_ours() -> bool:
            stored = self._runs.get(item.pk, item.sk)
            if stored is not None and stored.write_id != item.write_id:
                raise _id_taken()
            return stored is not None

        self._database.write_together(collect, is_ours)

    def get(self, organization_id: str, run_id: int) -> Run:
        run = self.get_for_carrier(run_id)
        if run.organization_id != organization_id:
            raise _no_such_run()
        return run

    def get_for_carrier(self, run_id: int) -> Run:
        item = self._runs.get(*run_key(run_id))
        if item is None:
            raise _no_such_run()
        return to_run(item)

    def get_many(self, run_ids: Sequence[int]) -> Sequence[Run]:
        return [to_run(item) for item in self._runs.get_many([run_key(run_id) for run_id in run_ids])]

    def advance(
        self, run: Run, status: RunStatus, *, only_from: Collection[RunStatus] = tuple(RunStatus)
    ) -> Run:
        allowed = [former for former in only_from if former.may_become(status)]
        if not allowed:
            raise _refusal(self.get_for_carrier(run.id))
        outcome = _told(run, ("disposition", "end_reason", "error"))
        actions = [change(listed("status"), status), *self._instants(run, status), *outcome]
        return self._change(run, actions, _status_in(allowed))

    def set_call_id(self, run: Run, call_id: str) -> None:
        self._change(run, [listed("telephony").part("call_id").set(call_id)], RunItem.pk.exists())

    def request_hangup(self, run: Run, now: datetime) -> Run:
        wish = RunItem.hangup_requested_at.set(RunItem.hangup_requested_at | now)
        return self._change(run, [wish], _status_in(_LIVE))

    def begin_transfer(self, run_id: int, ownership: Ownership, transfer: RunTransfer) -> None:
        self._change_ours(run_id, ownership, [change(RunItem.transfer, transfer)])

    def name_transfer_call(self, run_id: int, ownership: Ownership, call_id: str) -> None:
        self._change_ours(run_id, ownership, [RunItem.transfer.part("call_id").set(call_id)])

    def note_transfer(self, run_id: int, number: int, status: TransferStatus, reason: str | None) -> bool:
        told = {"status": status, "reason": reason}
        actions = [
            change(RunItem.transfer.part(name), value) for name, value in told.items() if value is not None
        ]
        is_ahead = RunItem.transfer.part("status").is_in(*status.formers)
        is_latest = RunItem.transfer.part("number") == number
        outcome = self._runs.change(*run_key(run_id), actions, is_latest & is_ahead)
        if outcome.item is None:
            raise _no_such_run()
        return outcome.is_done

    def note_settled(self, run: Run) -> Run:
        settled = listed("campaign").part("is_settled").set(True)
        self._runs.change(*run_key(run.id), [settled], RunItem.pk.exists())
        return run if run.campaign is None else replace(run, campaign=replace(run.campaign, is_settled=True))

    def note_delivery(self, run: Run, delivery: Delivery) -> None:
        place, former = _delivery_of(run, delivery.node_id)
        taken = ConflictError("Another process makes this delivery of the run.", code="delivery-taken")
        self._change(run, [change(place, delivery)], _is_at(place, former), taken)

    def note_promise(self, run: Run, promise: Promise) -> None:
        if run.promise is None:
            raise ValueError("Nothing was promised in this run.")
        place, known = listed("promise"), run.promise.run_id
        has_id = place.part("run_id").does_not_exist() if known is None else place.part("run_id") == known
        is_same = (place.part("status") == run.promise.status) & has_id
        taken = ConflictError("Another process keeps what was promised in this run.", code="promise-taken")
        self._change(run, [change(place, promise)], is_same, taken)

    def note_review(self, run: Run, reviewed: Run) -> None:
        noted = [
            change(RunItem.review, reviewed.review),
            change(RunItem.annotations, reviewed.annotations),
            *_told(reviewed, ("disposition",)),
        ]
        condition, additions = _is_at(RunItem.review, run.review), at_review(run, reviewed)
        if additions:
            self._end_review(run, noted, condition, additions)
        else:
            self._change(run, noted, condition, _review_taken())

    def _end_review(
        self, run: Run, noted: Sequence[Action], condition: Condition, additions: Sequence[Addition]
    ) -> None:
        """Note what a review has found and count the disposition: both or neither."""
        key, write_id = run_key(run.id), new_write_id()

        def collect(transaction: TransactWrite) -> None:
            named = [*noted, RunItem.write_id.set(write_id)]
            transaction.update(self._runs.new(*key), actions=named, condition=condition)

        def is_made() -> bool:
            stored = self._runs.get(*key)
            if stored is None:
                raise _no_such_run()
            if stored.write_id != write_id and _progress(stored.review) != _progress(run.review):
                raise _review_taken()
            return bool(stored.write_id == write_id)

        self._counters.write_with(run, additions, collect, is_made)

    def note_refusal(self, run: Run, now: datetime) -> Run:
        return self._change(run, [RunItem.refusal_noted_at.set(now)], RunItem.pk.exists())

    def expired(self, day: date, *, after: int = 0, limit: int) -> Sequence[int]:
        later = RunItem.gsi1sk > sortable_id(after)
        items = self._runs.query(expiry_index_pk(day), later, index=BY_EXPIRY, limit=limit)
        return [int(item.gsi1sk) for item in items]

    def delete(self, run: Run) -> None:
        is_over = RunItem.pk.does_not_exist() | ~_status_in(_LIVE)
        if not self._runs.remove(*run_key(run.id), is_over):
            raise _refusal(self.get_for_carrier(run.id))

    def begin_stream(self, run: Run) -> Run:
        actions: list[Action] = [
            RunItem.stream_number.set(RunItem.stream_number + 1),
            RunItem.stream_repeats.set(0),
        ]
        return self._change(run, actions, _status_in(_LIVE))

    def repeat_stream(self, run: Run) -> Run:
        repeated = RunItem.stream_repeats.set(RunItem.stream_repeats + 1)
        return self._change(run, [repeated], _status_in(_LIVE))

    def take_over(self, run: Run, owner: str, lease_until: datetime, address: str = "") -> Run:
        epoch = run.ownership.epoch + 1 if run.ownership else 1
        ownership = Ownership(
            owner=owner,
            epoch=epoch,
            lease_until=lease_until,
            stream_number=run.stream_number,
            address=address,
        )
        taken = change(RunItem.ownership, ownership)
        condition = _status_in(_LIVE) & _has_ownership_of(run)
        outcome = self._runs.change(*run_key(run.id), [taken], condition)
        if outcome.item is None:
            raise _no_such_run()
        stored = to_run(outcome.item)
        if not outcome.is_done:
            raise _refusal(stored) if stored.status.is_final else _ownership_lost()
        return stored

    def renew(self, run_id: int, ownership: Ownership, moment: Moment | None = None) -> None:
        renewed = [change(RunItem.ownership.part("lease_until"), ownership.lease_until)]
        if moment is not None:
            renewed.append(change(RunItem.moment, moment))
        self._change_ours(run_id, ownership, renewed)

    def finish(self, run: Run, ownership: Ownership) -> Run:
        if not run.status.is_final:
            raise ConflictError("A run is finished with a final status; this one is still live.")
        final = replace(run, ended_at=run.ended_at or self._clock())
        stored = self._finish(final, _is_owned(ownership) & _status_in(_LIVE)) or self._finish(
            final, _is_owned(ownership), but=_DECIDED_BY_THE_FIRST_END
        )
        if stored is None:
            raise _ownership_lost()
        return stored

    def _finish(self, run: Run, condition: Condition, *, but: tuple[str, ...] = ()) -> Run | None:
        names = [each.name for each in stored_fields(Run, NOT_LISTED + _NOT_THE_OWNERS + but)]
        expiry = [] if "ended_at" in but else _expiry(run, run.ended_at)
        waits = [] if run.waits is None else [change(RunItem.waits, run.waits)]
        let_go = [RunItem.ownership.remove(), RunItem.moment.remove()]
        actions = [*_told(run, names), *waits, *expiry, *let_go]
        outcome = self._runs.change(*run_key(run.id), actions, condition)
        return to_run(outcome.item) if outcome.is_done and outcome.item else None

    def _instants(self, run: Run, status: RunStatus) -> list[Action]:
        now = self._clock()
        if status.is_final:
            return [_first("ended_at", now), *_expiry(run, now), RunItem.moment.remove()]
        if status is RunStatus.DIALING:
            return [_first("started_at", now)]
        if status is RunStatus.IN_PROGRESS:
            return [_first("started_at", now), _first("answered_at", now)]
        return []

    def _change_ours(self, run_id: int, ownership: Ownership, actions: list[Action]) -> None:
        if not self._runs.change(*run_key(run_id), actions, _is_owned(ownership)).is_done:
            raise _ownership_lost()

    def _change(
        self,
        run: Run,
        actions: list[Action],
        condition: Condition,
        refusal: ConflictError | None = None,
    ) -> Run:
        outcome = self._runs.change(*run_key(run.id), actions, condition)
        if outcome.item is None:
            raise _no_such_run()
        stored = to_run(outcome.item)
        if not outcome.is_done:
            raise refusal or _refusal(stored)
        return stored

    def list(self, organization_id: str, filter_: RunFilter, *, limit: int, before_id: int | None) -> RunPage:
        return list_runs(self._runs, organization_id, filter_, limit=limit, before_id=before_id)

    def ids(self, organization_id: str, filter_: RunFilter, *, ascending: bool = False) -> Iterator[int]:
        return run_ids(self._runs, organization_id, filter_, ascending=ascending)

    def neighbours(self, organization_id: str, filter_: RunFilter, run_id: int) -> RunNeighbours:
        return neighbours(self._runs, organization_id, filter_, run_id)


def _told(run: Run, names: Iterable[str]) -> list[Action]:
    # What the run does not have is left alone: the row may know more, such as when the call was answered.
    return [change(listed(name), value) for name in names if (value := getattr(run, name)) is not None]


def _first(name: str, instant: datetime) -> Action:
    attribute = listed(name)
    first: Action = attribute.set(attribute | instant)
    return first


def _expiry(run: Run, ended_at: datetime | None) -> list[Action]:
    expiry = to_expiry(run, ended_at)
    return [] if expiry is None else [change(RunItem.gsi3pk, expiry)]


def _refusal(stored: Run) -> ConflictError:
    return ConflictError(f"The run is {stored.status.value}; that does not allow this.", code="run-state")


def _status_in(statuses: Collection[RunStatus]) -> Condition:
    is_in: Condition = listed("status").is_in(*statuses)
    return is_in


def _delivery_of(run: Run, node_id: str | None) -> tuple[Any, Delivery | None]:
    """Return where the delivery of a webhook lies, or that of the callback, and what the run shows of it."""
    if node_id is None:
        return listed("callback"), run.callback
    for number, webhook in enumerate(run.webhooks):
        if webhook.node_id == node_id:
            return RunItem.webhooks.element(number), webhook
    raise _no_such_run()


def _is_at(place: Any, former: Delivery | Review | None) -> Condition:
    """Return the condition that nobody has noted anything there since it was read."""
    if former is None:
        is_new: Condition = RunItem.pk.exists() & place.does_not_exist()
        return is_new
    is_same: Condition = (place.part("status") == former.status) & (place.part("attempts") == former.attempts)
    return is_same


def _progress(review: Review | None) -> tuple[ReviewStatus, int] | None:
    return None if review is None else (review.status, review.attempts)


def _has_ownership_of(run: Run) -> Condition:
    if run.ownership is None:
        return RunItem.ownership.does_not_exist()
    is_same: Condition = RunItem.ownership.part("epoch") == run.ownership.epoch
    return is_same


def _is_owned(ownership: Ownership) -> Condition:
    stored = RunItem.ownership
    is_ours: Condition = (stored.part("epoch") == ownership.epoch) & (stored.part("owner") == ownership.owner)
    return is_ours


def _id_taken() -> ConflictError:
    return ConflictError("There is a run with this id already; try again with another one.")


def _review_taken() -> ConflictError:
    return ConflictError("Another process reviews this run.", code="review-taken")


def _no_such_run() -> NotFoundError:
    return NotFoundError("There is no run with this id in your organization.")


def _ownership_lost() -> OwnershipLostError:
    return OwnershipLostError("Another process owns this run now.")
