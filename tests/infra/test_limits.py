"""What CloudFormation would ask of AWS is within the limits that AWS's own service models give.

CDK, linters and emulators accept a table whose index projects too much, or a description that is too long; AWS does not.
"""

from typing import Any

import pytest

from infra.variants import VARIANTS
from tests.support.creations import Creation, creations
from tests.support.service_models import faults
from tests.support.stack import Template

HELD = {"CreateTable", "CreateQueue", "CreateFunction", "RegisterTaskDefinition"}
# The sum over a table's indexes; no service model has it.
MOST_PROJECTED_OF_A_TABLE = 100
KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_request_is_within_the_limits(templates: dict[str, Template], variant: str) -> None:
    asked = list(creations(templates[variant]))
    assert {creation.operation for creation in asked} >= HELD
    found = {
        creation.logical_id: faults(creation.service, creation.operation, creation.request)
        for creation in asked
    }
    assert {logical_id: all_ for logical_id, all_ in found.items() if all_} == {}


def test_an_index_with_21_attributes_is_over_the_limit(template: Template) -> None:
    request = runs_table(template).request
    index = request["GlobalSecondaryIndexes"][0]
    index["Projection"]["NonKeyAttributes"] = [f"attribute{n}" for n in range(20)]
    assert faults("dynamodb", "CreateTable", request) == []
    index["Projection"]["NonKeyAttributes"].append("one more")
    (fault,) = faults("dynamodb", "CreateTable", request)
    assert fault == (
        "CreateTable.GlobalSecondaryIndexes[0].Projection.NonKeyAttributes is 21 entries, at most 20"
    )


def test_the_indexes_of_a_table_project_no_more_than_one_table_may(template: Template) -> None:
    for creation in creations(template):
        if creation.operation == "CreateTable":
            indexes = creation.request.get("GlobalSecondaryIndexes", [])
            projected = [len(index["Projection"].get("NonKeyAttributes", ())) for index in indexes]
            assert sum(projected) <= MOST_PROJECTED_OF_A_TABLE


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"BillingMode": "ON_DEMAND"}, "CreateTable.BillingMode is 'ON_DEMAND', none of PROVISIONED"),
        (
            {"GlobalSecondaryIndexes": [{"IndexName": "gsi 1", "KeySchema": KEYS, "Projection": {}}]},
            "CreateTable.GlobalSecondaryIndexes[0].IndexName is 'gsi 1', not of the form [a-zA-Z0-9_.-]+",
        ),
        ({"TableName": "x" * 1025}, "CreateTable.TableName is 1025 characters, at most 1024"),
        ({"KeySchema": []}, "CreateTable.KeySchema is 0 entries, at least 1"),
        ({"TableNames": "a"}, "CreateTable.TableNames is unknown"),
        ({"DeletionProtectionEnabled": "true"}, "CreateTable.DeletionProtectionEnabled is no boolean"),
    ],
)
def test_every_kind_of_limit_is_held(template: Template, change: dict[str, Any], fault: str) -> None:
    request = {**runs_table(template).request, **change}
    (found,) = faults("dynamodb", "CreateTable", request)
    assert found.startswith(fault)


def test_what_is_missing_is_told(template: Template) -> None:
    request = runs_table(template).request
    del request["TableName"]
    assert faults("dynamodb", "CreateTable", request) == ["CreateTable.TableName is missing"]


def runs_table(template: Template) -> Creation:
    (found,) = [
        creation
        for creation in creations(template)
        if creation.operation == "CreateTable" and creation.logical_id.startswith("DataRunsTable")
    ]
    return found
