"""Which run a carrier's call has, in DynamoDB.

call   pk `CALL#<organization>#<provider>#<account>#<id of the call>`, sk `CALL`; goes a day after it was made, when no call lives any more
"""

from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute

from offhook.adapters.dynamodb.database import Database, Item
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.runs.model import CarrierCall

_KEPT_FOR = timedelta(days=1)


class CallItem(Item):
    """A carrier's call and its run."""

    TABLE = RUNS_TABLE
    KIND = "call"

    run_id = NumberAttribute()


class CallClaims:
    """What DynamoRuns knows of the carrier's calls."""

    def __init__(self, database: Database) -> None:
        self._calls = database.items(CallItem)

    def claim(self, call: CarrierCall, run_id: int, now: datetime, *, in_place_of: int | None) -> int:
        """See RunRepository.claim_call."""
        pk, sk = _key(call)
        if self._calls.put_new(self._calls.new(pk, sk, run_id=run_id, ttl=now + _KEPT_FOR)):
            return run_id
        outcome = self._calls.change(
            pk, sk, [CallItem.run_id.set(run_id)], CallItem.run_id == (in_place_of or 0)
        )
        # None: released between the two. Whoever asks again finds no run of this id, and may make it.
        return run_id if outcome.item is None else int(outcome.item.run_id)

    def find(self, call: CarrierCall) -> int | None:
        """See RunRepository.find_call."""
        item = self._calls.get(*_key(call))
        return None if item is None else int(item.run_id)

    def release(self, call: CarrierCall, run_id: int) -> None:
        """See RunRepository.release_call."""
        self._calls.remove(*_key(call), CallItem.run_id == run_id)


def _key(call: CarrierCall) -> tuple[str, str]:
    return f"CALL#{call.organization_id}#{call.provider}#{call.account}#{call.call_id}", "CALL"
