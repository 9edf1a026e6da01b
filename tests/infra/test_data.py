"""What the stack keeps: tables, recordings, key and secret."""

from typing import Any

import pytest

from offhook.adapters.dynamodb.tables import CONFIG_TABLE, EVENTS_TABLE, RUNS_TABLE, table_definition
from offhook.adapters.dynamodb.tables import Table as Specification
from offhook.settings import Settings
from tests.support.stack import Template

TABLES = {"DataConfigTable": CONFIG_TABLE, "DataRunsTable": RUNS_TABLE, "DataEventsTable": EVENTS_TABLE}


def table(template: Template, name: str) -> dict[str, Any]:
    properties: dict[str, Any]
    (properties,) = [
        resource["Properties"]
        for logical_id, resource in template.resources("AWS::DynamoDB::Table")
        if logical_id.startswith(name)
    ]
    return properties


@pytest.mark.parametrize(("name", "specification"), TABLES.items())
def test_a_table_is_made_as_specified(template: Template, name: str, specification: Specification) -> None:
    made = table(template, name)
    specified = table_definition(specification, Settings())
    for part in ("KeySchema", "BillingMode", "GlobalSecondaryIndexes"):
        assert made.get(part) == specified.get(part)
    assert by_name(made["AttributeDefinitions"]) == by_name(specified["AttributeDefinitions"])


@pytest.mark.parametrize(("name", "specification"), TABLES.items())
def test_a_table_expires_rows_and_can_be_recovered_where_it_must(
    template: Template, name: str, specification: Specification
) -> None:
    made = table(template, name)
    assert made["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert made["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": specification.is_recoverable
    }
    assert made["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize(
    "type_",
    ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SecretsManager::Secret"],
)
def test_what_holds_data_outlives_the_stack(template: Template, type_: str) -> None:
    found = list(template.resources(type_))
    assert found
    for logical_id, resource in found:
        assert resource["DeletionPolicy"] == "Retain", logical_id
        assert resource["UpdateReplacePolicy"] == "Retain", logical_id


def by_name(definitions: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(definitions, key=lambda definition: definition["AttributeName"])
