"""What the tests of the stack share: its templates, each synthesised once, and its functions, each started once."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.bundles import Target, functions_bundle
from infra.variants import VARIANTS, WITHOUT_BUNDLES
from tests.support.bundled_rooms import Rooms, lay_out_runtime
from tests.support.carrier import ScriptedCarrier
from tests.support.deployment import LITERALS, Deployment, deploy
from tests.support.stack import Template, synthesise


@pytest.fixture(scope="session")
def template(templates: dict[str, Template]) -> Template:
    """The stack as it is without any option."""
    return templates["default"]


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which each variant is synthesised, in a folder of its name."""
    return tmp_path_factory.mktemp("cdk.out")


@pytest.fixture(scope="session")
def templates(assembly: Path) -> dict[str, Template]:
    """The stack in each of its variants."""
    return {
        name: synthesise(assembly / name, {**WITHOUT_BUNDLES, **options})
        for name, options in VARIANTS.items()
    }


@pytest.fixture(scope="session")
def deployment(template: Template, aws_endpoint_url: str) -> Deployment:
    """The stack, made by moto's CloudFormation at the AWS of these tests."""
    manager: Any = boto3.client("secretsmanager")
    manager.create_secret(
        Name=LITERALS["AWS::SecretsManager::Secret"], SecretString="the-install-secret-of-this-rehearsal"
    )
    return deploy(template, "offhook-rehearsal")


@pytest.fixture(scope="package")
def carrier() -> Iterator[ScriptedCarrier]:
    """The carrier that the functions of the deployment ask."""
    with ScriptedCarrier().serving() as carrier:
        yield carrier


@pytest.fixture(scope="package")
def outside(carrier: ScriptedCarrier, aws_endpoint_url: str) -> dict[str, str]:
    """What is not the stack's: AWS and a carrier on this machine, and what Lambda and ECS themselves set."""
    sdk = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION")
    return {
        **{name: os.environ[name] for name in sdk},
        "AWS_ENDPOINT_URL": aws_endpoint_url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "OFFHOOK_CLOUDONIX_URL": carrier.url,
        "OFFHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    }


@pytest.fixture(scope="package")
def rooms(
    template: Template,
    deployment: Deployment,
    outside: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Rooms]:
    """The functions of that deployment."""
    with ExitStack() as stack:
        yield Rooms(
            stack,
            template=template,
            deployment=deployment,
            bundle=functions_bundle(target=Target.here()),
            runtime=lay_out_runtime(tmp_path_factory.mktemp("rooms") / "runtime"),
            outside=outside,
        )
