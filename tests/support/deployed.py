"""What the stack makes of an install, made at once in the AWS of the tests."""

import json
import secrets
from dataclasses import replace

import pytest

from offhook.adapters.dynamodb.tables import CONFIG_TABLE, EVENTS_TABLE, RUNS_TABLE
from offhook.settings import Settings
from tests.support.aws import client_of, with_tables_of_its_own


@pytest.fixture
def deployed_settings(storage_settings: Settings) -> Settings:
    """Return the settings of an install all of whose parts are as the stack has them."""
    prefix = f"deployed-{secrets.token_hex(4)}"
    settings = replace(
        with_tables_of_its_own(storage_settings),
        public_base_url="https://voice.example.com",
        install_secret="",
        install_secret_id=client_of("secretsmanager").create_secret(Name=prefix, SecretString="s" * 64)[
            "ARN"
        ],
        kms_key_id=client_of("kms").create_key()["KeyMetadata"]["Arn"],
        media_bucket=f"{prefix}-media",
        dial_queue_url=make_queue(f"{prefix}-dials"),
        aftercall_queue_url=make_queue(f"{prefix}-aftercalls"),
        campaign_queue_url=make_queue(f"{prefix}-campaigns"),
    )
    for table in (CONFIG_TABLE, RUNS_TABLE, EVENTS_TABLE):
        keep(table.name(settings), is_recoverable=table.is_recoverable)
    s3 = client_of("s3")
    s3.create_bucket(Bucket=settings.media_bucket)
    s3.put_public_access_block(Bucket=settings.media_bucket, PublicAccessBlockConfiguration=BLOCKED)
    s3.put_bucket_lifecycle_configuration(Bucket=settings.media_bucket, LifecycleConfiguration=EXPIRING)
    return settings


BLOCKED = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
EXPIRING = {
    "Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "org/"}, "Expiration": {"Days": 90}}]
}


def make_queue(name: str) -> str:
    sqs = client_of("sqs")
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
    return str(sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"])


def keep(table: str, *, is_recoverable: bool) -> None:
    dynamodb = client_of("dynamodb")
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)
    if is_recoverable:
        dynamodb.update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
        )
