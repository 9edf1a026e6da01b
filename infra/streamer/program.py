"""What a task runs: a plain Python that fetches our archive, or an image of whoever deploys."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from infra.bundles import AWS, streamer_bundle

PYTHON_IMAGE = f"public.ecr.aws/docker/library/python:{AWS.python}-slim"
"""By tag: each deployment takes the newest, to whose digest ECS then keeps all tasks until the next one."""

_BOOT = Path(__file__).with_name("boot.py")
_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z.]+/(?P<name>[^:@]+)[:@](?P<version>.+)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """An image, and what it is started with before the streamer's own options; no entry point is the image's own."""

    image: ecs.ContainerImage
    entry_point: tuple[str, ...] = ()
    command: tuple[str, ...] = ()


def booted(scope: Construct, role: iam.IRole) -> Program:
    """Return a Python that fetches our archive, which the CLI uploads and the role may read."""
    stack = Stack.of(scope)
    # Whoever has bundles left out looks at everything else.
    archive = streamer_bundle().archive if stack.bundling_required else _BOOT
    asset = assets.Asset(scope, "Archive", path=str(archive))
    objects = asset.bucket.arn_for_objects(asset.s3_object_key)
    role.add_to_principal_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[objects]))
    address = f"https://{asset.s3_bucket_name}.s3.{stack.region}.{stack.url_suffix}/{asset.s3_object_key}"
    return Program(
        image=ecs.ContainerImage.from_registry(PYTHON_IMAGE),
        entry_point=("python", "-c"),
        command=(
            _BOOT.read_text(encoding="utf-8"),
            address,
            hashlib.sha256(archive.read_bytes()).hexdigest(),
        ),
    )


def packed(scope: Construct, uri: str) -> Program:
    """Return an image whose entry point is the streamer (`Dockerfile`), from a registry of one's own or not."""
    own = _ECR.fullmatch(uri)
    if own is None:
        return Program(image=ecs.ContainerImage.from_registry(uri))
    arn = Stack.of(scope).format_arn(
        service="ecr",
        account=own["account"],
        region=own["region"],
        resource="repository",
        resource_name=own["name"],
    )
    repository = ecr.Repository.from_repository_attributes(
        scope, "Repository", repository_arn=arn, repository_name=own["name"]
    )
    return Program(image=ecs.ContainerImage.from_ecr_repository(repository, own["version"]))
