"""The tables as plain data, for whoever creates them: the stack on AWS, the local run, the tests.

It imports no SDK and no room, so that infra can read it too.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from offhook.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeDefinitionTypeDef

PARTITION_KEY = "pk"
SORT_KEY = "sk"
TTL_ATTRIBUTE = "ttl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A global secondary index; `included` names the attributes it carries beside the keys, None for all."""

    name: str
    partition_key: str
    sort_key: str
    included: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table, billed on demand: the setting that names it, its indexes, whether it needs point-in-time recovery.

    All keys are strings, called `pk` and `sk`; rows whose `ttl` (seconds since 1970) has passed are removed.
    """

    setting: str
    indexes: tuple[Index, ...] = ()
    is_recoverable: bool = False

    def name(self, settings: Settings) -> str:
        """Return the table's name in this install."""
        name: str = getattr(settings, self.setting)
        return name


# All that a list of runs shows is one map: an index carries 20 attributes at most, and never others than at first.
LISTED = "listed"

CONFIG_TABLE = Table(
    setting="config_table",
    indexes=(Index(name="gsi1", partition_key="gsi1pk", sort_key="gsi1sk"),),
    is_recoverable=True,
)
RUNS_TABLE = Table(
    setting="runs_table",
    indexes=(
        Index(name="gsi1", partition_key="gsi1pk", sort_key="gsi1sk", included=("kind", LISTED)),
        Index(name="gsi2", partition_key="gsi2pk", sort_key="gsi1sk", included=("kind", LISTED)),
        # Sparse: finished runs with a retention, and what is to be looked at at an instant, have a gsi3pk.
        Index(name="gsi3", partition_key="gsi3pk", sort_key="gsi1sk", included=("kind",)),
        # Sparse: only runs of campaigns have a gsi4pk.
        Index(name="gsi4", partition_key="gsi4pk", sort_key="gsi1sk", included=("kind", LISTED)),
    ),
    is_recoverable=True,
)
EVENTS_TABLE = Table(setting="events_table")

TABLES = (CONFIG_TABLE, RUNS_TABLE, EVENTS_TABLE)


def table_definition(table: Table, settings: Settings) -> dict[str, Any]:
    """Write a table as DynamoDB's CreateTable wants it."""
    definition: dict[str, Any] = {
        "TableName": table.name(settings),
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _key_schema(PARTITION_KEY, SORT_KEY),
        "AttributeDefinitions": _key_definitions(table),
    }
    if table.indexes:
        definition["GlobalSecondaryIndexes"] = [_index_definition(index) for index in table.indexes]
    return definition


def create_tables(client: "DynamoDBClient", settings: Settings) -> None:
    """Create the tables that are not there, and return when all can be used."""
    for table in TABLES:
        _create(client, table, settings)
    for table in TABLES:
        client.get_waiter("table_exists").wait(TableName=table.name(settings))
        _expire_rows(client, table.name(settings))


def _create(client: "DynamoDBClient", table: Table, settings: Settings) -> None:
    try:
        client.create_table(**table_definition(table, settings))
    except client.exceptions.ResourceInUseException:
        return  # Made by an earlier start, or by another process just now.


def _expire_rows(client: "DynamoDBClient", name: str) -> None:
    state = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if state.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        client.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": TTL_ATTRIBUTE}
        )


def _key_definitions(table: Table) -> list["AttributeDefinitionTypeDef"]:
    names = {PARTITION_KEY, SORT_KEY}
    for index in table.indexes:
        names |= {index.partition_key, index.sort_key}
    return [{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)]


def _key_schema(partition_key: str, sort_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition_key, "KeyType": "HASH"},
        {"AttributeName": sort_key, "KeyType": "RANGE"},
    ]


def _index_definition(index: Index) -> Any:
    projection: dict[str, Any] = {"ProjectionType": "ALL"}
    if index.included is not None:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(index.included)}
    return {
        "IndexName": index.name,
        "KeySchema": _key_schema(index.partition_key, index.sort_key),
        "Projection": projection,
    }
