"""Ledgers in DynamoDB: each change is one conditional write of an organization's one item; with a place given back runs are counted."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from math import ceil
from operator import and_

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.runs.counters import DynamoCounters
from offhook.adapters.dynamodb.runs.ledger_bounds import (
    MICRO_USD,
    Bound,
    bounds_of_admission,
    bounds_of_queue,
    bounds_of_rate,
    too_many_calls,
)
from offhook.adapters.dynamodb.runs.ledger_item import (
    DIRECTORY,
    DIRECTORY_PK,
    LIVE,
    OWED,
    QUEUED,
    LedgerItem,
    ReceiptItem,
    agent_set,
    campaign_counter,
    day_counter,
    ledger_key,
    minute_counter,
    month_counter,
    part,
)
from offhook.analytics.counting import at_end
from offhook.json_types import figure
from offhook.runs.ledger import Admission, Ledger
from offhook.runs.model import Run

# A refusal whose reason is gone when we look was a place given back just then: ask again, a few times.
_ATTEMPTS = 4
# No process stands still for longer, and then goes on.
_RECEIPT_KEPT_FOR = timedelta(days=7)


class DynamoLedgers:
    """Implements Ledgers."""

    def __init__(self, database: Database) -> None:
        self._ledgers = database.items(LedgerItem)
        self._receipts = database.items(ReceiptItem)
        self._counters = DynamoCounters(database)

    def count_order(self, admission: Admission, now: datetime) -> None:
        actions = [*_counting(admission, now), *_listing(admission.organization_id)]
        for bound in bounds_of_rate(admission, now):
            if self._take_place(admission, actions, [], [bound]) is not None:
                raise bound.refusal()

    def admit(self, admission: Admission, now: datetime) -> None:
        asking = admission
        for _ in range(_ATTEMPTS):
            places = [LIVE] if asking.key_id is None else [LIVE, QUEUED]
            stored = self._take_place(
                asking, _admitting(asking, now), places, bounds_of_admission(asking, now)
            )
            if stored is None or asking.run_id in stored.members(LIVE):
                return
            if asking.run_id in stored.members(QUEUED):
                # Its rate was counted when it was queued.
                asking = replace(asking, key_id=None)
            _refuse_if_reached(bounds_of_admission(asking, now), stored)
        raise too_many_calls()

    def enqueue(self, admission: Admission, now: datetime) -> None:
        bounds = bounds_of_queue(admission, now)
        for _ in range(_ATTEMPTS):
            stored = self._take_place(admission, _queueing(admission, now), [LIVE, QUEUED], bounds)
            if stored is None or admission.run_id in stored.members(LIVE) | stored.members(QUEUED):
                return
            _refuse_if_reached(bounds, stored)
        raise too_many_calls()

    def release(self, run: Run, now: datetime) -> None:
        key = ledger_key(run.organization_id)
        holds_place = part(LIVE).contains(_number(run.id)) | part(QUEUED).contains(_number(run.id))
        receipt = self._receipts.new(*_receipt_key(run.id), ttl=now + _RECEIPT_KEPT_FOR)

        def collect(transaction: TransactWrite) -> None:
            transaction.save(receipt, condition=Item.pk.does_not_exist())
            transaction.update(self._ledgers.new(*key), actions=_releasing(run, now), condition=holds_place)

        self._counters.write_with(run, at_end(run), collect, lambda: self._has_nothing_to_release(run))
        ledger = self._ledgers.get(*key)
        if ledger is not None:
            self._remove(run.organization_id, list(ledger.stale_counters(now)))

    def _has_nothing_to_release(self, run: Run) -> bool:
        """Say so for a run without a place. One that got another after its use was counted only leaves that.

        A process that stood still before it asked for a place may ask once the run is long over.
        """
        ledger = self._ledgers.get(*ledger_key(run.organization_id))
        if ledger is None or run.id not in ledger.members(LIVE) | ledger.members(QUEUED):
            return True
        if self._receipts.get(*_receipt_key(run.id)) is None:
            return False
        self._leave(run.organization_id, run.id, [LIVE, QUEUED, agent_set(run.agent_uuid)])
        return True

    def owe(self, run: Run) -> None:
        actions = [part(OWED).add({run.id})]
        self._ledgers.change(*ledger_key(run.organization_id), actions, Item.pk.exists())

    def forget(self, organization_id: str, run_id: int, agent_uuid: str | None = None) -> None:
        names = [LIVE, QUEUED, OWED, *([agent_set(agent_uuid)] if agent_uuid else [])]
        stored = self._leave(organization_id, run_id, names)
        if stored is not None and (left := stored.agent_sets_with(run_id)):
            self._leave(organization_id, run_id, left)

    def get(self, organization_id: str) -> Ledger:
        item = self._ledgers.get(*ledger_key(organization_id))
        if item is None:
            return Ledger(organization_id=organization_id)
        return Ledger(
            organization_id=organization_id,
            queued=item.members(QUEUED),
            live=item.members(LIVE),
            owed=item.members(OWED),
        )

    def all(self) -> Iterator[Ledger]:
        for entry in self._ledgers.query(DIRECTORY_PK, None, index=DIRECTORY):
            yield self.get(entry.gsi1sk)

    def _take_place(
        self, asking: Admission, actions: Sequence[Action], places: Sequence[str], bounds: Sequence[Bound]
    ) -> LedgerItem | None:
        """Write if the run is in none of these places and within bounds; return the ledger that refused, else None."""
        run = _number(asking.run_id)
        conditions = [~part(place).contains(run) for place in places] + [bound.condition for bound in bounds]
        outcome = self._ledgers.change(*ledger_key(asking.organization_id), actions, reduce(and_, conditions))
        if outcome.is_done:
            return None
        return outcome.item or self._ledgers.new(*ledger_key(asking.organization_id))

    def _leave(self, organization_id: str, run_id: int, names: Sequence[str]) -> LedgerItem | None:
        actions = [part(name).delete({run_id}) for name in names]
        return self._ledgers.change(*ledger_key(organization_id), actions, Item.pk.exists()).item

    def _remove(self, organization_id: str, names: Sequence[str]) -> None:
        if names:
            actions = [part(name).remove() for name in names]
            self._ledgers.change(*ledger_key(organization_id), actions, Item.pk.exists())


def _admitting(admission: Admission, now: datetime) -> list[Action]:
    run = {admission.run_id}
    sets = [
        part(LIVE).add(run),
        part(agent_set(admission.agent_uuid)).add(run),
        part(QUEUED).delete(run),
    ]
    begun = [] if admission.campaign is None else [part(campaign_counter(admission.campaign, now)).add(1)]
    return [*sets, *_counting(admission, now), *begun, *_listing(admission.organization_id)]


def _queueing(admission: Admission, now: datetime) -> list[Action]:
    queued = part(QUEUED).add({admission.run_id})
    return [queued, *_counting(admission, now), *_listing(admission.organization_id)]


def _counting(admission: Admission, now: datetime) -> list[Action]:
    return [] if admission.key_id is None else [part(minute_counter(admission.key_id, now)).add(1)]


def _listing(organization_id: str) -> list[Action]:
    # A new ledger is made by the first write; a known one keeps these values, which costs its index nothing.
    return [
        LedgerItem.of_kind(),
        LedgerItem.gsi1pk.set(DIRECTORY_PK),
        LedgerItem.gsi1sk.set(organization_id),
    ]


def _releasing(run: Run, now: datetime) -> list[Action]:
    actions: list[Action] = [
        part(name).delete({run.id}) for name in (LIVE, QUEUED, agent_set(run.agent_uuid))
    ]
    used = {
        day_counter(now): round(figure(run.cost, "total_usd") * MICRO_USD),
        month_counter(now): ceil(figure(run.usage, "call_duration_seconds")),
    }
    actions += [part(name).add(amount) for name, amount in used.items() if amount > 0]
    if run.is_owing:
        actions.append(part(OWED).add({run.id}))
    return actions


def _refuse_if_reached(bounds: Sequence[Bound], ledger: LedgerItem) -> None:
    for bound in bounds:
        if bound.is_reached(ledger):
            raise bound.refusal()


def _receipt_key(run_id: int) -> tuple[str, str]:
    return f"RELEASED#{run_id}", "RELEASED"


def _number(run_id: int) -> dict[str, str]:
    return {"N": str(run_id)}
