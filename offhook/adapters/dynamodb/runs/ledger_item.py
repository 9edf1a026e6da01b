"""An organization's ledger as an item of DynamoDB.

ledger   pk `ORG#<id>`, sk `LEDGER`; gsi1 `LEDGERS` / organization id
         sets of run ids:  `live`, `queued`, `owed`, and `agent#<uuid>` for the live ones of each agent
         counters:         `minute#<key id or campaign id>#<yyyymmddhhmm>` calls, `day#<yyyymmdd>` micro-USD, `month#<yyyymm>` seconds

receipt  pk `RELEASED#<run id>`, sk `RELEASED`; gone by `ttl`: what the run used and was is counted, and never again

An empty set and a counter at zero are not there. None of them is carried by the index, which is written once for each
organization. Names with an id or an instant in them can't be declared, so that the item is read as DynamoDB sent it.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.operand import Path

from offhook.adapters.dynamodb.items.database import Item
from offhook.adapters.dynamodb.items.numbers import NumbersItem
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.runs.ledger import CampaignPace

LIVE = "live"
QUEUED = "queued"
OWED = "owed"
DIRECTORY, DIRECTORY_PK = RUNS_TABLE.indexes[0], "LEDGERS"


class ReceiptItem(Item):
    """That a run has given its place back, and what it used is counted."""

    TABLE = RUNS_TABLE
    KIND = "ledger-receipt"


class LedgerItem(NumbersItem):
    """A ledger; `members` reads its sets, `amount` its counters."""

    TABLE = RUNS_TABLE
    KIND = "ledger"

    gsi1pk = UnicodeAttribute()
    gsi1sk = UnicodeAttribute()

    def deserialize(self, attribute_values: dict[str, dict[str, Any]]) -> None:
        """Become what a write has left."""
        super().deserialize(attribute_values)
        self.stored = attribute_values

    def members(self, name: str) -> frozenset[int]:
        """Return the run ids of a set."""
        return frozenset(int(number) for number in self.stored.get(name, {}).get("NS", ()))

    def agent_sets_with(self, run_id: int) -> list[str]:
        """Return the names of the agents' sets that hold a run."""
        return [name for name in self.stored if name.startswith("agent#") and run_id in self.members(name)]

    def stale_counters(self, now: datetime) -> Iterator[str]:
        """Yield the names of the counters that decide nothing any more; a day and a month are kept for looking back."""
        yesterday = now - timedelta(days=1)
        last_month = now.replace(day=1) - timedelta(days=1)
        past = {"minute": f"{now:%Y%m%d%H%M}", "day": f"{yesterday:%Y%m%d}", "month": f"{last_month:%Y%m}"}
        for name in self.stored:
            prefix, _, rest = name.partition("#")
            if prefix in past and rest.rpartition("#")[2] < past[prefix]:
                yield name


def ledger_key(organization_id: str) -> tuple[str, str]:
    return f"ORG#{organization_id}", "LEDGER"


def part(name: str) -> Path:
    """Return the set or counter of this name, for expressions."""
    return Path([name])


def agent_set(agent_uuid: str) -> str:
    return f"agent#{agent_uuid}"


def minute_counter(key_id: str, now: datetime) -> str:
    return f"minute#{key_id}#{now:%Y%m%d%H%M}"


def campaign_counter(campaign: CampaignPace, now: datetime) -> str:
    return minute_counter(campaign.campaign_id, now)


def day_counter(now: datetime) -> str:
    return f"day#{now:%Y%m%d}"


def month_counter(now: datetime) -> str:
    return f"month#{now:%Y%m}"
