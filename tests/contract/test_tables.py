"""The tables and what the items need of them."""

import socket
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest
from pynamodb.attributes import Attribute

from offhook.adapters.dynamodb.run_item import RunItem
from offhook.adapters.dynamodb.store import Store, connect
from offhook.adapters.dynamodb.tables import (
    RUN_LIST_ATTRIBUTES,
    RUNS_TABLE,
    TABLES,
    TTL_ATTRIBUTE,
    create_tables,
    table_definition,
)
from offhook.errors import StorageError
from offhook.runs.model import RunStatus
from offhook.runs.ports import RunFilter
from offhook.settings import Settings
from tests.support.makers import make_run


def test_tables_can_be_created_twice(storage_settings: Settings) -> None:
    client = boto3.client("dynamodb")
    create_tables(client, storage_settings)
    for table in TABLES:
        state = client.describe_time_to_live(TableName=table.name(storage_settings))
        assert state["TimeToLiveDescription"] == {
            "TimeToLiveStatus": "ENABLED",
            "AttributeName": TTL_ATTRIBUTE,
        }


def test_a_table_of_an_earlier_version_gets_the_indexes_that_it_lacks(
    aws_endpoint_url: str, organization_id: str
) -> None:
    client = boto3.client("dynamodb")
    settings = Settings(
        config_table=f"{organization_id}-config",
        runs_table=f"{organization_id}-runs",
        events_table=f"{organization_id}-events",
    )
    earlier = table_definition(replace(RUNS_TABLE, indexes=RUNS_TABLE.indexes[:1]), settings)
    client.create_table(**earlier)
    store = connect(settings, endpoint_url=aws_endpoint_url)
    run = make_run(organization_id, retention_days=1)
    store.runs.create(run)
    create_tables(client, settings)
    ended = store.runs.advance(run, RunStatus.BUSY)
    assert ended.ended_at is not None
    assert list(store.runs.expired((ended.ended_at + timedelta(days=1)).date(), limit=2)) == [ended]
    of_agent = RunFilter(agent_uuid=run.agent_uuid)
    assert len(store.runs.list(organization_id, of_agent, limit=2, before_id=None).runs) == 1


def test_tables_are_billed_on_demand_and_indexed_as_specified(storage_settings: Settings) -> None:
    client = boto3.client("dynamodb")
    for table in TABLES:
        found = client.describe_table(TableName=table.name(storage_settings))["Table"]
        assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        names = [index["IndexName"] for index in found.get("GlobalSecondaryIndexes", [])]
        assert names == [index.name for index in table.indexes]


def test_a_list_of_runs_carries_all_of_a_run_but_its_lease_and_what_follows_its_end() -> None:
    attributes: dict[str, Attribute[object]] = dict(RunItem.get_attributes())
    keys = {"pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi3pk"}
    lease = {"write_id", "ttl", "owner", "epoch", "lease_until"}
    # What only a single run shows, or only its owner asks for.
    details = {
        "logs",
        "retention_days",
        "hangup_requested_at",
        *(name for name in attributes if name.startswith("transfer_")),
    }
    assert set(attributes) - keys - lease - details == set(RUN_LIST_ATTRIBUTES)


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


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.usefixtures("aws_endpoint_url")
def test_an_unreachable_database_is_a_storage_error_without_its_address(unused_port: int) -> None:
    unreachable = connect(Settings(), endpoint_url=f"http://127.0.0.1:{unused_port}")
    with pytest.raises(StorageError) as caught:
        unreachable.warm()
    assert "127.0.0.1" not in str(caught.value)
