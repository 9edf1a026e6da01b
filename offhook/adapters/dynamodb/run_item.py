"""A run as an item of DynamoDB.

run   pk `RUN#<id>`, sk `RUN`; gsi1 `ORG#<id>` / run id, gsi2 `ORG#<id>#AGENT#<uuid>` / run id,
      and once it is over and not to be kept for ever gsi3 `EXPIRES#<yyyy-mm-dd>` / run id

Ids are time-ordered, so that an index lists newest first from any id with one query. There are no buckets by month:
they would not spread the writes, which all go to the newest one, and DynamoDB splits what grows.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection

from offhook.adapters.dynamodb.database import Item
from offhook.adapters.dynamodb.tables import RUN_LIST_ATTRIBUTES, RUNS_TABLE
from offhook.runs.model import (
    Callback,
    CallbackStatus,
    Direction,
    Mode,
    Ownership,
    Run,
    RunError,
    RunStatus,
    RunTelephony,
    RunTransfer,
    TransferStatus,
)

ID_DIGITS = 16
"""2^53, above every run id, has 16 digits."""


class ByOrganization(GlobalSecondaryIndex["RunItem"]):  # type: ignore[no-untyped-call]
    """An organization's runs by id."""

    class Meta:
        """The index as `offhook.adapters.dynamodb.tables` defines it."""

        index_name = "gsi1"
        projection = IncludeProjection(list(RUN_LIST_ATTRIBUTES))

    gsi1pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class ByAgent(GlobalSecondaryIndex["RunItem"]):  # type: ignore[no-untyped-call]
    """An agent's runs by id."""

    class Meta:
        """The index as `offhook.adapters.dynamodb.tables` defines it."""

        index_name = "gsi2"
        projection = IncludeProjection(list(RUN_LIST_ATTRIBUTES))

    gsi2pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class ByExpiry(GlobalSecondaryIndex["RunItem"]):  # type: ignore[no-untyped-call]
    """Finished runs by the day (UTC) on which their retention ends."""

    class Meta:
        """The index as `offhook.adapters.dynamodb.tables` defines it."""

        index_name = "gsi3"
        projection = IncludeProjection(["kind", "run_id"])

    gsi3pk = UnicodeAttribute(hash_key=True)
    gsi1sk = UnicodeAttribute(range_key=True)


class RunItem(Item):
    """A run; contexts and the public objects are JSON texts, so that every number and null comes back as it was."""

    TABLE = RUNS_TABLE
    KIND = "run"

    gsi1pk = UnicodeAttribute()
    gsi1sk = UnicodeAttribute()
    gsi2pk = UnicodeAttribute()
    by_organization = ByOrganization()
    by_agent = ByAgent()
    gsi3pk = UnicodeAttribute(null=True)
    by_expiry = ByExpiry()
    run_id = NumberAttribute()
    organization_id = UnicodeAttribute()
    name = UnicodeAttribute()
    agent_uuid = UnicodeAttribute()
    version = NumberAttribute()
    is_draft = BooleanAttribute()
    status = UnicodeAttribute()
    direction = UnicodeAttribute()
    mode = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    started_at = UTCDateTimeAttribute(null=True)
    answered_at = UTCDateTimeAttribute(null=True)
    ended_at = UTCDateTimeAttribute(null=True)
    disposition = UnicodeAttribute(null=True)
    end_reason = UnicodeAttribute(null=True)
    initial_context = JSONAttribute()
    gathered_context = JSONAttribute()
    logs = JSONAttribute(null=True)
    configuration_id = UnicodeAttribute(null=True)
    caller_number = UnicodeAttribute(null=True)
    called_number = UnicodeAttribute(null=True)
    call_id = UnicodeAttribute(null=True)
    usage = JSONAttribute(null=True)
    cost = JSONAttribute(null=True)
    latency = JSONAttribute(null=True)
    error_code = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    recording_key = UnicodeAttribute(null=True)
    transcript_key = UnicodeAttribute(null=True)
    stream_number = NumberAttribute()
    callback_url = UnicodeAttribute(null=True)
    callback_status = UnicodeAttribute(null=True)
    callback_attempts = NumberAttribute(null=True)
    callback_last_attempt_at = UTCDateTimeAttribute(null=True)
    callback_retry_at = UTCDateTimeAttribute(null=True)
    retention_days = NumberAttribute(null=True)
    hangup_requested_at = UTCDateTimeAttribute(null=True)
    transfer_number = NumberAttribute(null=True)
    transfer_status = UnicodeAttribute(null=True)
    transfer_reason = UnicodeAttribute(null=True)
    transfer_call_id = UnicodeAttribute(null=True)
    owner = UnicodeAttribute(null=True)
    epoch = NumberAttribute()
    lease_until = UTCDateTimeAttribute(null=True)


def run_key(run_id: int) -> tuple[str, str]:
    """Return the keys of a run's item."""
    return f"RUN#{run_id}", "RUN"


def sortable_id(run_id: int) -> str:
    """Write an id so that texts sort as the numbers do."""
    return f"{run_id:0{ID_DIGITS}d}"


def organization_index_pk(organization_id: str) -> str:
    return f"ORG#{organization_id}"


def agent_index_pk(organization_id: str, agent_uuid: str) -> str:
    return f"ORG#{organization_id}#AGENT#{agent_uuid}"


def expiry_index_pk(day: date) -> str:
    return f"EXPIRES#{day.isoformat()}"


def to_attributes(run: Run) -> dict[str, Any]:
    """Return a new run's attributes, keys of the indexes included."""
    return {
        "gsi1pk": organization_index_pk(run.organization_id),
        "gsi1sk": sortable_id(run.id),
        "gsi2pk": agent_index_pk(run.organization_id, run.agent_uuid),
        "run_id": run.id,
        "organization_id": run.organization_id,
        "name": run.name,
        "agent_uuid": run.agent_uuid,
        "version": run.version,
        "is_draft": run.is_draft,
        "direction": run.direction,
        "mode": run.mode,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "configuration_id": run.telephony.configuration_id,
        "caller_number": run.telephony.caller_number,
        "called_number": run.telephony.called_number,
        "call_id": run.telephony.call_id,
        "logs": run.logs or None,
        "stream_number": run.stream_number,
        **(to_callback_attributes(run.callback) if run.callback else {}),
        "retention_days": run.retention_days,
        "hangup_requested_at": run.hangup_requested_at,
        **(to_transfer_attributes(run.transfer) if run.transfer else {}),
        "owner": run.ownership.owner if run.ownership else None,
        "epoch": run.ownership.epoch if run.ownership else 0,
        "lease_until": run.ownership.lease_until if run.ownership else None,
        **to_final_attributes(run, run.ended_at),
    }


def to_callback_attributes(callback: Callback) -> dict[str, Any]:
    """Return how far a callback is, by attribute."""
    return {
        "callback_url": callback.url,
        "callback_status": callback.status,
        "callback_attempts": callback.attempts,
        "callback_last_attempt_at": callback.last_attempt_at,
        "callback_retry_at": callback.retry_at,
    }


def to_transfer_attributes(transfer: RunTransfer) -> dict[str, Any]:
    """Return how far a transfer is, by attribute."""
    return {
        "transfer_number": transfer.number,
        "transfer_status": transfer.status,
        "transfer_reason": transfer.reason,
        "transfer_call_id": transfer.call_id,
    }


def to_expiry(run: Run, ended_at: datetime | None) -> str | None:
    """Return the key under which a run that has ended is found on the day its retention ends; None keeps it."""
    if ended_at is None or run.retention_days is None:
        return None
    return expiry_index_pk((ended_at + timedelta(days=run.retention_days)).astimezone(UTC).date())


def to_final_attributes(run: Run, ended_at: datetime | None) -> dict[str, Any]:
    """Return what may change when a run ends, by attribute; None is what the run does not have."""
    return {
        "gsi3pk": to_expiry(run, ended_at),
        "status": run.status,
        "answered_at": run.answered_at,
        "ended_at": ended_at,
        "disposition": run.disposition,
        "end_reason": run.end_reason,
        "initial_context": run.initial_context,
        "gathered_context": run.gathered_context,
        "usage": run.usage,
        "cost": run.cost,
        "latency": run.latency,
        "error_code": run.error.code if run.error else None,
        "error_message": run.error.message if run.error else None,
        "recording_key": run.recording_key,
        "transcript_key": run.transcript_key,
    }


def to_run(item: RunItem) -> Run:
    """Read a run back; one from an index has no ownership, retention, transfer or wish to hang up."""
    return Run(
        id=int(item.run_id),
        organization_id=item.organization_id,
        name=item.name,
        agent_uuid=item.agent_uuid,
        version=int(item.version),
        is_draft=item.is_draft,
        status=RunStatus(item.status),
        direction=Direction(item.direction),
        mode=Mode(item.mode),
        created_at=item.created_at,
        started_at=item.started_at,
        answered_at=item.answered_at,
        ended_at=item.ended_at,
        disposition=item.disposition,
        end_reason=item.end_reason,
        initial_context=item.initial_context,
        gathered_context=item.gathered_context,
        logs=item.logs or {},
        telephony=RunTelephony(
            configuration_id=item.configuration_id,
            caller_number=item.caller_number,
            called_number=item.called_number,
            call_id=item.call_id,
        ),
        usage=item.usage,
        cost=item.cost,
        latency=item.latency,
        error=_error(item),
        recording_key=item.recording_key,
        transcript_key=item.transcript_key,
        stream_number=int(item.stream_number),
        callback=_callback(item),
        retention_days=None if item.retention_days is None else int(item.retention_days),
        hangup_requested_at=item.hangup_requested_at,
        transfer=_transfer(item),
        ownership=_ownership(item),
    )


def _error(item: RunItem) -> RunError | None:
    if item.error_code is None:
        return None
    return RunError(code=item.error_code, message=item.error_message or "")


def _callback(item: RunItem) -> Callback | None:
    if item.callback_url is None:
        return None
    return Callback(
        url=item.callback_url,
        status=CallbackStatus(item.callback_status),
        attempts=int(item.callback_attempts or 0),
        last_attempt_at=item.callback_last_attempt_at,
        retry_at=item.callback_retry_at,
    )


def _transfer(item: RunItem) -> RunTransfer | None:
    if item.transfer_number is None:
        return None
    return RunTransfer(
        number=int(item.transfer_number),
        status=TransferStatus(item.transfer_status),
        reason=item.transfer_reason,
        call_id=item.transfer_call_id,
    )


def _ownership(item: RunItem) -> Ownership | None:
    if item.owner is None or item.lease_until is None:
        return None
    return Ownership(owner=item.owner, epoch=int(item.epoch), lease_until=item.lease_until)
