"""What has become of the contacts of campaigns, in DynamoDB: each change is one transaction with what it counts.

state    runs table, pk `CAMPAIGN#<id>#CONTACT#<SHA-256 of the number, 32 digits>`, sk `STATE`;
         while something is to follow gsi3 `DUE#<campaign id>#<status>` / `<instant>#<contact id>`
counts   pk `CAMPAIGN#<id>`, sk `COUNTS`: a number for each count, `done#<disposition>` among them
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.transactions import TransactWrite

from offhook.adapters.dynamodb.items.database import Database, Item, new_write_id
from offhook.adapters.dynamodb.items.mapping import (
    ChoiceAttribute,
    ModelItem,
    TextsAttribute,
    attributes,
    stored_fields,
    to_model,
)
from offhook.adapters.dynamodb.items.numbers import NumbersItem
from offhook.adapters.dynamodb.items.translation import ConditionFailedError
from offhook.adapters.dynamodb.runs.run_item import BY_EXPIRY
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.campaigns.model import Campaign, ContactState, ContactStatus, Counts
from offhook.clock import from_iso, to_iso
from offhook.errors import LimitReachedError

_MICRO_USD = 1_000_000
_DONE = "done#"
_COST = "cost_micro_usd"
# After "#", so that all of an instant come before it.
_LAST = "~"
_RETRY_SECONDS = 5


class StateItem(ModelItem):
    """A contact's state."""

    TABLE = RUNS_TABLE
    KIND = "contact-state"
    MODEL = ContactState

    status = ChoiceAttribute(ContactStatus)
    run_ids = TextsAttribute()
    revision = NumberAttribute()
    gsi3pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)


class CountsItem(NumbersItem):
    """Counts, among whose names are dispositions."""

    TABLE = RUNS_TABLE
    KIND = "campaign-counts"


class DynamoAttempts:
    """Implements Attempts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._states = database.items(StateItem)
        self._counts = database.items(CountsItem)

    def counts(self, campaign_id: str) -> Counts:
        item = self._counts.get(*counts_key(campaign_id))
        return Counts() if item is None else _to_counts(item)

    def get(self, campaign_id: str, number: str) -> ContactState | None:
        item = self._states.get(*_state_key(campaign_id, number))
        return None if item is None else to_model(ContactState, item)

    def get_many(self, campaign_id: str, numbers: Sequence[str]) -> Sequence[ContactState]:
        items = self._states.get_many([_state_key(campaign_id, number) for number in numbers])
        return [to_model(ContactState, item) for item in items]

    def forget(self, campaign_id: str, numbers: Sequence[str]) -> None:
        self._states.remove_many(_state_key(campaign_id, number) for number in dict.fromkeys(numbers))

    def claim(
        self, campaign: Campaign, former: ContactState | None, latest: ContactState
    ) -> ContactState | None:
        most = campaign.max_concurrent_calls
        has_place = Path(["calling"]).does_not_exist() | (Path(["calling"]) < most)

        def refuse_if_full() -> None:
            if self.counts(campaign.id).calling >= most:
                raise _too_many_calls()

        return self._write(former, latest, _counting(former, latest), has_place, refuse_if_full)

    def move(
        self,
        former: ContactState,
        latest: ContactState,
        *,
        attempts: int = 0,
        cost_usd: Decimal = Decimal(0),
        call_seconds: int = 0,
    ) -> ContactState | None:
        used = {"attempts": attempts, _COST: round(cost_usd * _MICRO_USD), "call_seconds": call_seconds}
        return self._write(former, latest, {**_counting(former, latest), **used})

    def _write(
        self,
        former: ContactState | None,
        latest: ContactState,
        counted: Mapping[str, int],
        is_possible: Condition | None = None,
        explain: Callable[[], None] = lambda: None,
    ) -> ContactState | None:
        """Write state and counts together, and return the state; None where it is not the former one any more."""
        latest = replace(latest, revision=former.revision + 1 if former else 1)
        item, write_id = self._item(latest), new_write_id()
        item.write_id = write_id
        is_former = Item.pk.does_not_exist() if former is None else StateItem.revision == former.revision
        is_counted = any(counted.values())
        counts = self._counts.new(*counts_key(latest.campaign_id))

        def collect(transaction: TransactWrite) -> None:
            transaction.save(item, condition=is_former)
            if is_counted:
                transaction.update(counts, CountsItem.adding(counted), condition=is_possible)

        def is_made() -> bool:
            stored = self._states.get(item.pk, item.sk)
            if stored is not None and stored.write_id == write_id:
                return True
            if (stored and stored.revision) != (former and former.revision):
                raise ConditionFailedError
            explain()
            return False

        return latest if self._database.try_together(collect, is_made) else None

    def _item(self, state: ContactState) -> StateItem:
        stored = attributes(StateItem, state)
        if state.due_at is not None:
            stored |= {
                "gsi3pk": _due_pk(state.campaign_id, state.status),
                "gsi1sk": f"{to_iso(state.due_at)}#{state.contact_id}",
            }
        return self._states.new(*_state_key(state.campaign_id, state.number), **stored)

    def due(
        self, campaign_id: str, status: ContactStatus, now: datetime, *, limit: int
    ) -> Sequence[ContactState]:
        by_now = StateItem.gsi1sk <= to_iso(now) + _LAST
        keys = [(item.pk, item.sk) for item in self._due(campaign_id, status, by_now, limit)]
        # The index may show a state as it was.
        stored = (to_model(ContactState, item) for item in self._states.get_many(keys))
        due = [
            (state.due_at, state)
            for state in stored
            if state.status is status and state.due_at is not None and state.due_at <= now
        ]
        return [state for _, state in sorted(due, key=lambda each: each[0])]

    def next_due(self, campaign_id: str, status: ContactStatus) -> datetime | None:
        first = next(self._due(campaign_id, status, None, 1), None)
        return None if first is None or first.gsi1sk is None else from_iso(first.gsi1sk.partition("#")[0])

    def _due(
        self, campaign_id: str, status: ContactStatus, until: Condition | None, limit: int
    ) -> Iterator[StateItem]:
        return self._states.query(_due_pk(campaign_id, status), until, index=BY_EXPIRY, limit=limit)


def _counting(former: ContactState | None, latest: ContactState) -> Counter[str]:
    """Return what a change of a contact's state changes of the counts."""
    counted = Counter(_places(latest))
    counted.subtract(_places(former) if former else ())
    return counted


def _places(state: ContactState) -> list[str]:
    """Return the names of the counts that a contact with this state is among."""
    place = f"{_DONE}{state.disposition}" if state.status is ContactStatus.DONE else state.status.value
    return ["started", place, *(["in_review"] if state.in_review else [])]


def _to_counts(item: CountsItem) -> Counts:
    done = {
        name.removeprefix(_DONE): amount
        for name, amount in sorted(item.amounts.items())
        if name.startswith(_DONE) and amount
    }
    return Counts(
        done=done,
        cost_usd=Decimal(item.amount(_COST)) / _MICRO_USD,
        **{each.name: item.amount(each.name) for each in stored_fields(Counts, ("done", "cost_usd"))},
    )


def _state_key(campaign_id: str, number: str) -> tuple[str, str]:
    return f"CAMPAIGN#{campaign_id}#CONTACT#{sha256(number.encode()).hexdigest()[:32]}", "STATE"


def counts_key(campaign_id: str) -> tuple[str, str]:
    """Return where a campaign's counts lie."""
    return f"CAMPAIGN#{campaign_id}", "COUNTS"


def _due_pk(campaign_id: str, status: ContactStatus) -> str:
    # Those who wait for a place, however many, hide no call that was lost with its own.
    return f"DUE#{campaign_id}#{status}"


def _too_many_calls() -> LimitReachedError:
    return LimitReachedError(
        "As many calls as the campaign may have at once are under way.", retry_after_seconds=_RETRY_SECONDS
    )
