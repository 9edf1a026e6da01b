"""What the stack keeps: tables, recordings, key and secret."""

import json
from typing import Any

import pytest

from infra.bundles.bundle import PROJECT
from offhook.adapters.dynamodb.tables import CONFIG_TABLE, EVENTS_TABLE, RUNS_TABLE, table_definition
from offhook.adapters.dynamodb.tables import Table as Specification
from offhook.runs.ending.media import media_prefix
from offhook.settings import Settings
from streamer.record.shelf import clip_key
from streamer.speech.ports import Voice
from tests.support.makers import make_run
from tests.support.stack import Template

TABLES = {"DataConfigTable": CONFIG_TABLE, "DataRunsTable": RUNS_TABLE, "DataEventsTable": EVENTS_TABLE}

STATEFUL = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SecretsManager::Secret")
# Properties by which a resource would have a name that only one of the account can have.
NAMES = {
    "TableName",
    "BucketName",
    "QueueName",
    "FunctionName",
    "RoleName",
    "LogGroupName",
    "AlarmName",
    "ServiceName",
}


@pytest.mark.parametrize(("name", "specification"), TABLES.items())
def test_a_table_is_made_as_specified(template: Template, name: str, specification: Specification) -> None:
    made = template.named("AWS::DynamoDB::Table", name)
    specified = table_definition(specification, Settings())
    for part in ("KeySchema", "BillingMode", "GlobalSecondaryIndexes"):
        assert made.get(part) == specified.get(part)
    assert by_name(made["AttributeDefinitions"]) == by_name(specified["AttributeDefinitions"])


@pytest.mark.parametrize(("name", "specification"), TABLES.items())
def test_a_table_expires_rows_and_can_be_recovered_where_it_must(
    template: Template, name: str, specification: Specification
) -> None:
    made = template.named("AWS::DynamoDB::Table", name)
    assert made["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert made["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": specification.is_recoverable
    }
    assert made["DeletionProtectionEnabled"] is True


def holding(template: Template, type_: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what holds data; the pages come with each deployment, and go with the stack."""
    return [each for each in template.resources(type_) if not each[0].startswith("EdgePages")]


@pytest.mark.parametrize("type_", STATEFUL)
def test_what_holds_data_outlives_the_stack(template: Template, type_: str) -> None:
    found = holding(template, type_)
    assert found
    for logical_id, resource in found:
        assert resource["DeletionPolicy"] == "Retain", logical_id
        assert resource["UpdateReplacePolicy"] == "Retain", logical_id


# CloudFormation makes a new resource for a new id, and leaves the old one behind with all that is in it.
def test_what_holds_data_keeps_its_logical_ids(template: Template) -> None:
    ids = sorted(logical_id for type_ in STATEFUL for logical_id, _ in holding(template, type_))
    assert ids == [
        "DataConfigTable6430BC6B",
        "DataEventsTable4BC90689",
        "DataInstallSecret0F91D3FC",
        "DataKey5F086070",
        "DataMedia56AA92A6",
        "DataRunsTable8D96F77C",
    ]


def test_nothing_has_a_name_of_ours(template: Template) -> None:
    for logical_id, resource in template.document["Resources"].items():
        # What refers to another resource tells that one's name; an endpoint's service is AWS's.
        properties = resource.get("Properties", {}) if resource["Type"] != "AWS::EC2::VPCEndpoint" else {}
        named = {name for name in NAMES & properties.keys() if not refers(properties[name])}
        assert not named, logical_id


def refers(value: Any) -> bool:
    return isinstance(value, dict) and not {"Ref", "Fn::GetAtt"}.isdisjoint(value)


def test_recordings_are_private_encrypted_and_expire(template: Template) -> None:
    bucket = template.named("AWS::S3::Bucket", "Data")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["PublicAccessBlockConfiguration"].keys() == {
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    }
    assert rule(bucket, "recordings") == {"Prefix": "org/", "ExpirationInDays": 90}
    assert rule(bucket, "clips") == {"Prefix": "clips/", "ExpirationInDays": 90}
    for contacts in ("uploads", "exports"):
        assert rule(bucket, contacts) == {"Prefix": f"{contacts}/", "ExpirationInDays": 7}
    assert rule(bucket, "unfinished") == {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
    assert encryption(bucket) == {"SSEAlgorithm": "AES256"}


def test_pages_of_the_install_read_recordings_and_send_files_with_the_links_that_they_are_given(
    templates: dict[str, Template],
) -> None:
    origins = {"default": "https://*.cloudfront.net", "everything": "https://voice.example.com"}
    wanted = json.loads((PROJECT / "web" / "cors.json").read_text())
    for variant, origin in origins.items():
        (rule,) = templates[variant].named("AWS::S3::Bucket", "Data")["CorsConfiguration"]["CorsRules"]
        assert rule == {
            "AllowedOrigins": [origin],
            "AllowedMethods": wanted["AllowedMethods"],
            "AllowedHeaders": wanted["AllowedHeaders"],
            "ExposedHeaders": wanted["ExposeHeaders"],
            "MaxAge": wanted["MaxAgeSeconds"],
        }


def test_recordings_are_read_over_tls_only(template: Template) -> None:
    (statement,) = template.named("AWS::S3::BucketPolicy", "Data")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == (
        "Deny",
        "s3:*",
        {"AWS": "*"},
    )
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_media_kms_encrypts_with_the_install_s_own_key(templates: dict[str, Template]) -> None:
    bucket = templates["everything"].named("AWS::S3::Bucket", "Data")
    assert encryption(bucket)["SSEAlgorithm"] == "aws:kms"
    assert "DataKey" in str(encryption(bucket)["KMSMasterKeyID"])
    assert rule(bucket, "recordings")["ExpirationInDays"] == 30


def test_every_prefix_that_is_written_expires(template: Template, organization_id: str) -> None:
    run = make_run(organization_id)
    written = (media_prefix(run), clip_key(organization_id, Voice(engine="polly", name="Joanna"), "Hello."))
    prefixes = [
        lifecycle.get("Prefix", "-") for lifecycle in rules(template.named("AWS::S3::Bucket", "Data"))
    ]
    assert [sum(key.startswith(prefix) for prefix in prefixes) for key in written] == [1, 1]


def test_the_install_secret_is_made_by_aws_and_long_enough(template: Template) -> None:
    generated = template.only("AWS::SecretsManager::Secret")["GenerateSecretString"]
    assert generated == {"PasswordLength": 64, "ExcludePunctuation": True}


def test_the_key_is_rotated(template: Template) -> None:
    assert template.only("AWS::KMS::Key")["EnableKeyRotation"] is True


def rules(bucket: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bucket["LifecycleConfiguration"]["Rules"]
    return found


def rule(bucket: dict[str, Any], id_: str) -> dict[str, Any]:
    (found,) = [rule for rule in rules(bucket) if rule["Id"] == id_]
    return {name: value for name, value in found.items() if name not in ("Id", "Status")}


def encryption(bucket: dict[str, Any]) -> dict[str, Any]:
    (applied,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    default: dict[str, Any] = applied["ServerSideEncryptionByDefault"]
    return default


def by_name(definitions: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(definitions, key=lambda definition: definition["AttributeName"])
