"""The bucket of the pages, how the edge serves it, and what fills it at each deployment."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from infra.bundles import AWS
from infra.bundles.bundle import PROJECT
from infra.config import Configuration
from infra.findings import acknowledge
from infra.logs import log_group
from infra.pages.headers import headers_policy

WEB = PROJECT / "web"
FRONT_PAGE = "index"
"""The page that `/` shows."""

# Of all files, and no file of a page itself.
_HEADERS = "headers.json"
_NOT_SERVED = [_HEADERS, "cors.json", "tsconfig.json", "types", "*.d.ts"]
_PROGRAM = Path(__file__).with_name("publish.py")
_LIMIT = Duration.minutes(1)


class Pages(Construct):
    """What lies in `web/`, seen through the edge alone; `install` sets its names apart from those of other installs.

    From `media` pages load recordings, and there they send files of contacts.
    """

    def __init__(
        self, scope: Construct, id_: str, *, config: Configuration, install: str, media: s3.IBucket
    ) -> None:
        super().__init__(scope, id_)
        self._media = media
        self._config = config
        self._install = install
        self.bucket = _bucket(self)

    def behaviours(self) -> Mapping[str, cloudfront.BehaviorOptions]:
        """Return what the edge does for the paths of pages and of what they are made of."""
        access = cloudfront.S3OriginAccessControl(
            self, "Access", origin_access_control_name=f"Pages-{self._install}"
        )
        behaviour = cloudfront.BehaviorOptions(
            origin=origins.S3BucketOrigin.with_origin_access_control(
                self.bucket, origin_access_control=access
            ),
            # People type addresses without a scheme.
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
            # Compressed, and kept for a second: the files say that who has one must ask whether it has changed.
            cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
            response_headers_policy=headers_policy(
                self,
                f"Pages-{self._install}",
                WEB / _HEADERS,
                media_origin=f"https://{self._media.bucket_regional_domain_name}",
            ),
        )
        pages = (f"/{page.stem}" for page in sorted(WEB.glob("*.html")))
        return dict.fromkeys(["/", "/web/*", *pages], behaviour)

    def publish_for(self, distribution: cloudfront.Distribution) -> None:
        """Fill the bucket whenever a page has changed; a new distribution takes longer than a role's rights do."""
        archive = assets.Asset(self, "Archive", path=str(WEB), exclude=_NOT_SERVED)
        publisher = self._publisher(archive)
        publication = CustomResource(
            self,
            "Publication",
            resource_type="Custom::Pages",
            service_token=publisher.function_arn,
            service_timeout=_LIMIT.plus(_LIMIT),
            properties={
                "Bucket": self.bucket.bucket_name,
                "ArchiveBucket": archive.s3_bucket_name,
                "ArchiveKey": archive.s3_object_key,
                # Whoever lays the same files out in another way has to do it again.
                "Program": hashlib.sha256(_PROGRAM.read_bytes()).hexdigest(),
            },
        )
        publication.node.add_dependency(distribution)

    def _publisher(self, archive: assets.Asset) -> lambda_.Function:
        log = log_group(self, "Log", self._config)
        function = lambda_.Function(
            self,
            "Publisher",
            description="Offhook: lays the pages into their bucket when they are deployed",
            runtime=lambda_.Runtime(
                f"python{AWS.python}", lambda_.RuntimeFamily.PYTHON, supports_inline_code=True
            ),
            architecture=lambda_.Architecture.ARM_64,
            handler="index.handler",
            code=lambda_.Code.from_inline(_PROGRAM.read_text(encoding="utf-8")),
            memory_size=512,
            timeout=_LIMIT,
            role=self._role(archive, log.log_group_arn),
            log_group=log,
        )
        acknowledge(function, "AwsSolutions-L1", "The same as that of all other functions.")
        return function

    def _role(self, archive: assets.Asset, log_arn: str) -> iam.Role:
        objects = self.bucket.arn_for_objects("*")
        allowed = {
            archive.bucket.arn_for_objects(archive.s3_object_key): ["s3:GetObject"],
            self.bucket.bucket_arn: ["s3:ListBucket"],
            objects: ["s3:PutObject", "s3:DeleteObject"],
            log_arn: ["logs:CreateLogStream", "logs:PutLogEvents"],
        }
        statements = [
            iam.PolicyStatement(actions=actions, resources=[resource])
            for resource, actions in allowed.items()
        ]
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"Pages": iam.PolicyDocument(statements=statements)},
        )
        name = Stack.of(self).get_logical_id(self.bucket.node.default_child)  # type: ignore[arg-type]
        acknowledge(
            role, f"AwsSolutions-IAM5[Resource::<{name}.Arn>/*]", "All that lies in the bucket of pages."
        )
        return role


def _bucket(scope: Construct) -> s3.Bucket:
    """Return a bucket that goes with the stack: what lies in it comes with each deployment."""
    bucket = s3.Bucket(
        scope,
        "Bucket",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        encryption=s3.BucketEncryption.S3_MANAGED,
        removal_policy=RemovalPolicy.DESTROY,
    )
    acknowledge(bucket, "AwsSolutions-S1", "Pages are for everybody, and hold nothing.")
    return bucket
