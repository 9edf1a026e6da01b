"""The tables and what the items need of them."""

from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from offhook.adapters.dynamodb.store import Store, connect
from offhook.adapters.dynamodb.tables import (
    RUNS_TABLE,
    TABLES,
    TTL_ATTRIBUTE,
    Table,
    create_tables,
)
from offhook.errors import StorageError
from offhook.settings import Settings
from tests.support.makers import NOON, make_run
from tests.support.peers import nobody

pytestmark = pytest.mark.every_python


def test_tables_can_be_created_twice(storage_settings: Settings) -> None:
    client = boto3.client("dynamodb")
    create_tables(client, storage_settings)
    for table in TABLES:
        state = client.describe_time_to_live(TableName=table.name(storage_settings))
        assert state["TimeToLiveDescription"] == {
            "TimeToLiveStatus": "ENABLED",
            "AttributeName": TTL_ATTRIBUTE,
        }


def test_tables_are_billed_on_demand_and_indexed_as_specified(storage_settings: Settings) -> None:
    client = boto3.client("dynamodb")
    for table in TABLES:
        found = client.describe_table(TableName=table.name(storage_settings))["Table"]
        assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        names = [index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])]
        assert names == [index.name for index in table.indexes]


def test_indexes_carry_no_more_attributes_than_aws_takes() -> None:
    assert all(carries_what_aws_takes(table) for table in TABLES)


@pytest.mark.parametrize(
    ("attributes", "indexes", "is_taken"), [(20, 5, True), (21, 1, False), (20, 6, False)]
)
def test_an_index_that_carries_21_attributes_or_a_table_with_more_than_100_would_be_noticed(
    attributes: int, indexes: int, is_taken: bool
) -> None:
    index = replace(RUNS_TABLE.indexes[0], included=tuple(f"a{n}" for n in range(attributes)))
    assert carries_what_aws_takes(replace(RUNS_TABLE, indexes=(index,) * indexes)) is is_taken


def carries_what_aws_takes(table: Table) -> bool:
    """Say whether AWS makes this table; what emulates it makes any."""
    carried = [len(index.included or ()) for index in table.indexes]
    return max(carried, default=0) <= 20 and sum(carried) <= 100


def test_a_renewal_changes_nothing_that_an_index_carries(
    store: Store, storage_settings: Settings, organization_id: str
) -> None:
    # It comes every 5 s for each call, and would be paid once more for each index that it reached.
    run = make_run(organization_id)
    store.runs.create(run)
    owned = store.runs.take_over(run, "streamer-1", NOON)
    before = rows_of(organization_id, storage_settings)
    assert owned.ownership is not None
    store.runs.renew(run.id, replace(owned.ownership, lease_until=NOON + timedelta(seconds=5)))
    assert rows_of(organization_id, storage_settings) == before != []


def rows_of(organization_id: str, settings: Settings) -> list[dict[str, object]]:
    """Return an organization's runs as the index carries them."""
    reply = boto3.client("dynamodb").query(
        TableName=settings.runs_table,
        IndexName="gsi1",
        KeyConditionExpression="gsi1pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"ORG#{organization_id}"}},
    )
    return [dict(item) for item in reply["Items"]]


def test_a_store_that_has_its_tables_can_be_warmed(store: Store) -> None:
    store.warm()


def test_missing_tables_are_a_storage_error(aws_endpoint_url: str) -> None:
    nowhere = connect(Settings(config_table="not-there"), endpoint_url=aws_endpoint_url)
    with pytest.raises(StorageError, match="tables of this install"):
        nowhere.warm()


def test_two_installs_in_one_process_do_not_mix(aws_endpoint_url: str, store: Store) -> None:
    other = connect(Settings(config_table="not-there"), endpoint_url=aws_endpoint_url)
    with pytest.raises(StorageError):
        other.warm()
    store.warm()


@pytest.mark.usefixtures("aws_endpoint_url")
def test_an_unreachable_database_is_a_storage_error_without_its_address() -> None:
    with nobody() as away, pytest.raises(StorageError) as caught:
        connect(Settings(), endpoint_url=away.url).warm()
    assert "127.0.0.1" not in str(caught.value)
