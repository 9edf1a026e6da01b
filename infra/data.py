"""What outlives every deployment: tables, recordings, the key that seals, the secret that signs."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.config import Configuration
from infra.findings import acknowledge
from infra.pages.cors import cors_rule
from offhook.adapters.dynamodb import tables

_SECRET_CHARACTERS = 64
_CLIP_DAYS = 90
# A file of contacts has been read long before, and what was exported is exported again.
_CONTACT_DAYS = 7


class Data(Construct):
    """Kept when the stack is deleted, and found again by nobody but its owner: nothing has a name of ours."""

    def __init__(self, scope: Construct, id_: str, *, config: Configuration) -> None:
        super().__init__(scope, id_)
        self.config_table = self._table("ConfigTable", tables.CONFIG_TABLE)
        self.runs_table = self._table("RunsTable", tables.RUNS_TABLE)
        self.events_table = self._table("EventsTable", tables.EVENTS_TABLE)
        acknowledge(
            self.events_table,
            "AwsSolutions-DDB3",
            "The logs of calls, much the largest table, in which nothing is ever changed.",
        )
        self.key = kms.Key(
            self,
            "Key",
            description="Seals the secrets of carriers and tools.",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        self.secret = secretsmanager.Secret(
            self,
            "InstallSecret",
            description="Signs the tokens, cursors and callbacks of this install.",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=_SECRET_CHARACTERS, exclude_punctuation=True
            ),
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(
            self.secret,
            "AwsSolutions-SMG4",
            "Rotated by hand (docs/install-secret.md): processes read it at start, so a new one needs a deployment.",
        )
        self.media = self._bucket(config)
        acknowledge(
            self.media,
            "AwsSolutions-S1",
            "Keys name organizations and runs. Who must record each access has CloudTrail's data events.",
        )

    def _table(self, id_: str, specification: tables.Table) -> dynamodb.Table:
        # Table, not TableV2: that is a GlobalTable, of which CloudFormation's rehearsals and linters know less.
        table = dynamodb.Table(
            self,
            id_,
            partition_key=_key(tables.PARTITION_KEY),
            sort_key=_key(tables.SORT_KEY),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute=tables.TTL_ATTRIBUTE,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=specification.is_recoverable
            ),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
        )
        for index in specification.indexes:
            _add_index(table, index)
        return table

    def _bucket(self, config: Configuration) -> s3.Bucket:
        return s3.Bucket(
            self,
            "Media",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.KMS if config.media_kms else s3.BucketEncryption.S3_MANAGED,
            encryption_key=self.key if config.media_kms else None,
            bucket_key_enabled=config.media_kms or None,
            cors=[cors_rule(config)],
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="recordings", prefix="org/", expiration=Duration.days(config.retention_days)
                ),
                # Made again when they are missed; what no agent says any more goes away like this.
                s3.LifecycleRule(id="clips", prefix="clips/", expiration=Duration.days(_CLIP_DAYS)),
                *(
                    s3.LifecycleRule(id=name, prefix=f"{name}/", expiration=Duration.days(_CONTACT_DAYS))
                    for name in ("uploads", "exports")
                ),
                s3.LifecycleRule(id="unfinished", abort_incomplete_multipart_upload_after=Duration.days(1)),
            ],
            removal_policy=RemovalPolicy.RETAIN,
        )


def _key(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)


def _add_index(table: dynamodb.Table, index: tables.Index) -> None:
    table.add_global_secondary_index(
        index_name=index.name,
        partition_key=_key(index.partition_key),
        sort_key=_key(index.sort_key),
        projection_type=dynamodb.ProjectionType.ALL
        if index.included is None
        else dynamodb.ProjectionType.INCLUDE,
        non_key_attributes=None if index.included is None else list(index.included),
    )
