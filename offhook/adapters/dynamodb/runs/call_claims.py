"""Which run a carrier's call has, in DynamoDB.

call   pk `CALL#<organization>#<provider>#<account>#<id of the call>`, sk `CALL`; goes a day after it was made, when no call lives any more
"""

from datetime import timedelta

from pynamodb.attributes import NumberAttribute

from offhook.adapters.dynamodb.items.database import Database, Item
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.clock import Clock
from offhook.telephony.model import CarrierCall

_KEPT_FOR = timedelta(days=1)


class CallItem(Item):
    """A carrier's call and its run."""

    TABLE = RUNS_TABLE
    KIND = "call"

    run_id = NumberAttribute()


class CallClaims:
    """The part of RunRepository that knows the carrier's calls."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._calls = database.items(CallItem)
        self._clock = clock

    def claim_call(self, call: CarrierCall, run_id: int, *, in_place_of: int | None = None) -> int:
        pk, sk = _key(call)
        claim = self._calls.new(pk, sk, run_id=run_id, ttl=self._clock() + _KEPT_FOR)
        passing_on, is_former = [CallItem.run_id.set(run_id)], CallItem.run_id == (in_place_of or 0)
        while not self._calls.put_new(claim):
            stored = self._calls.change(pk, sk, passing_on, is_former).item
            # None: released between the two, so that it is free.
            if stored is not None:
                return int(stored.run_id)
        return run_id

    def find_call(self, call: CarrierCall) -> int | None:
        item = self._calls.get(*_key(call))
        return None if item is None else int(item.run_id)

    def release_call(self, call: CarrierCall, run_id: int) -> None:
        self._calls.remove(*_key(call), CallItem.run_id == run_id)


def _key(call: CarrierCall) -> tuple[str, str]:
    return f"CALL#{call.organization_id}#{call.provider}#{call.account}#{call.call_id}", "CALL"
