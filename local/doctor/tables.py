"""The tables: there, and as they were specified."""

from collections.abc import Iterator
from typing import Any

from local.doctor.clients import Clients
from local.doctor.finding import Finding, ill, well
from local.doctor.looking import UnwellError, looking
from offhook.adapters.dynamodb.tables import TABLES, TTL_ATTRIBUTE, Table, table_definition
from offhook.settings import Settings

_ANEW = "it can't be changed, so restore the table's data into a new one (docs/operations.md, Restore)"


def look_at_tables(clients: Clients, settings: Settings) -> Iterator[Finding]:
    """Compare each table with its specification."""
    for table in TABLES:
        name = table.name(settings)
        try:
            with looking():
                faults = list(_faults(clients.of("dynamodb"), table, settings))
        except UnwellError as error:
            yield ill("table", f"{name} {_missing(error)}")
            continue
        for fault in faults:
            yield ill("table", f"{name}: {fault}")
        if not faults:
            yield well("table", f"{name} is as specified")


def _missing(error: UnwellError) -> str:
    if error.aws_code == "ResourceNotFoundException":
        return "is not there: restore it under this name (docs/operations.md, Restore)"
    return error.detail


def _faults(client: Any, table: Table, settings: Settings) -> Iterator[str]:
    wanted = table_definition(table, settings)
    name = wanted["TableName"]
    found = client.describe_table(TableName=name)["Table"]
    if found["KeySchema"] != wanted["KeySchema"]:
        yield f"its key is not the one of this version; {_ANEW}"
    indexes = {index["IndexName"]: index for index in found.get("GlobalSecondaryIndexes", ())}
    for index in wanted.get("GlobalSecondaryIndexes", ()):
        yield from _faults_of_index(index, indexes.get(index["IndexName"]))
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if (
        ttl.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING")
        or ttl.get("AttributeName") != TTL_ATTRIBUTE
    ):
        yield (
            "old rows are not removed, for it has no time to live: aws dynamodb update-time-to-live --table-name "
            f"{name} --time-to-live-specification Enabled=true,AttributeName={TTL_ATTRIBUTE}"
        )
    if table.is_recoverable and not _is_recoverable(client, name):
        yield (
            "it could not be restored, for it has no point-in-time recovery: aws dynamodb update-continuous-backups "
            f"--table-name {name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
        )
    if not found.get("DeletionProtectionEnabled"):
        yield (
            "anybody with the permission could delete it: aws dynamodb update-table "
            f"--table-name {name} --deletion-protection-enabled"
        )


def _faults_of_index(wanted: Any, found: Any) -> Iterator[str]:
    if found is None:
        yield f"its index {wanted['IndexName']} is missing: deploy again"
    elif _shape(found) != _shape(wanted):
        yield f"its index {wanted['IndexName']} is not the one of this version; {_ANEW}"


def _shape(index: Any) -> tuple[Any, ...]:
    projection = index["Projection"]
    return index["KeySchema"], projection["ProjectionType"], set(projection.get("NonKeyAttributes", ()))


def _is_recoverable(client: Any, name: str) -> bool:
    told = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return bool(told["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED")
