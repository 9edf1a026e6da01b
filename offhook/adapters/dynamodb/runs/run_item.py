"""A run as an item of DynamoDB.

run   pk `RUN#<id>`, sk `RUN`; gsi1 `ORG#<id>` / run id, gsi2 `ORG#<id>#AGENT#<uuid>` / run id,
      once it is over and not to be kept for ever gsi3 `EXPIRES#<yyyy-mm-dd>` / run id,
      and as a campaign's gsi4 `ORG#<id>#CAMPAIGN#<id>` / run id

Ids are time-ordered, so that an index lists newest first from any id with one query. There are no buckets by month:
they would not spread the writes, which all go to the newest one, and DynamoDB splits what grows.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute

from offhook.adapters.dynamodb.items.database import Item, organization_pk
from offhook.adapters.dynamodb.items.mapping import DocumentAttribute, ValueAttribute, ValuesAttribute
from offhook.adapters.dynamodb.tables import RUNS_TABLE
from offhook.runs.model import Delivery, Moment, Ownership, Review, Run, RunTransfer, SessionTerms

ID_DIGITS = 16
"""2^53, above every run id, has 16 digits."""

NOT_LISTED = (
    "logs",
    "webhooks",
    "review",
    "annotations",
    "waits",
    "stream_number",
    "stream_repeats",
    "retention_days",
    "hangup_requested_at",
    "transfer",
    "session",
    "refusal_noted_at",
    "ownership",
    "moment",
)
"""The fields of a run that have an attribute of their own; all others are in its map."""


BY_ORGANIZATION, BY_AGENT, BY_EXPIRY, BY_CAMPAIGN = RUNS_TABLE.indexes


class RunItem(Item):
    """A run: all that a list shows of it in one map, and what only a single run tells beside that.

    The lease stands beside it since it is renewed every 5 s: a renewal that reached the indexes would triple its price
    and wear out the one partition that holds an organization's runs.
    """

    TABLE = RUNS_TABLE
    KIND = "run"

    gsi1pk = UnicodeAttribute()
    gsi1sk = UnicodeAttribute()
    gsi2pk = UnicodeAttribute()
    gsi3pk = UnicodeAttribute(null=True)
    gsi4pk = UnicodeAttribute(null=True)
    listed = ValueAttribute(Run, left_out=NOT_LISTED)
    logs = DocumentAttribute()
    webhooks = ValuesAttribute(Delivery)
    review = ValueAttribute(Review, null=True)
    annotations = DocumentAttribute()
    waits = DocumentAttribute(null=True)
    stream_number = NumberAttribute()
    stream_repeats = NumberAttribute()
    retention_days = NumberAttribute(null=True)
    hangup_requested_at = UTCDateTimeAttribute(null=True)
    transfer = ValueAttribute(RunTransfer, null=True)
    session = ValueAttribute(SessionTerms, null=True)
    refusal_noted_at = UTCDateTimeAttribute(null=True)
    ownership = ValueAttribute(Ownership, null=True)
    moment = ValueAttribute(Moment, null=True)


def run_key(run_id: int) -> tuple[str, str]:
    return f"RUN#{run_id}", "RUN"


def sortable_id(run_id: int) -> str:
    """Write an id so that texts sort as the numbers do."""
    return f"{run_id:0{ID_DIGITS}d}"


def agent_index_pk(organization_id: str, agent_uuid: str) -> str:
    return f"ORG#{organization_id}#AGENT#{agent_uuid}"


def campaign_index_pk(organization_id: str, campaign_id: str) -> str:
    return f"ORG#{organization_id}#CAMPAIGN#{campaign_id}"


def expiry_index_pk(day: date) -> str:
    return f"EXPIRES#{day.isoformat()}"


def listed(name: str) -> Any:
    """Return where a field that lists show lies, for expressions."""
    return RunItem.listed.part(name)


def to_attributes(run: Run) -> dict[str, Any]:
    """Return a new run's attributes, keys of the indexes included."""
    return {
        "gsi1pk": organization_pk(run.organization_id),
        "gsi1sk": sortable_id(run.id),
        "gsi2pk": agent_index_pk(run.organization_id, run.agent_uuid),
        "gsi3pk": to_expiry(run, run.ended_at),
        "gsi4pk": campaign_index_pk(run.organization_id, run.campaign.campaign_id) if run.campaign else None,
        "listed": run,
        **{name: getattr(run, name) for name in NOT_LISTED},
    }


def to_expiry(run: Run, ended_at: datetime | None) -> str | None:
    """Return the key under which a run that has ended is found on the day its retention ends; None keeps it."""
    if ended_at is None or run.retention_days is None:
        return None
    return expiry_index_pk((ended_at + timedelta(days=run.retention_days)).astimezone(UTC).date())


def to_run(item: RunItem) -> Run:
    """Read a run back; one from an index is without what is not listed."""
    beside = {name: getattr(item, name) for name in NOT_LISTED}
    return replace(item.listed, **{name: value for name, value in beside.items() if value is not None})
