"""What docs/operations.md tells to type, typed: from the first deployment to the last, against AWS's stand-ins."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.config import Configuration
from offhook.adapters.dynamodb.tables import CONFIG_TABLE, EVENTS_TABLE, RUNS_TABLE
from offhook.adapters.secrets_manager.install_secret import read_install_secret
from offhook.settings import Settings
from tests.support.aws_command import CHECKS_ONLY, aws_command
from tests.support.control_plane import ControlPlane
from tests.support.deployed import deployed_settings
from tests.support.whole_install import WholeInstall

__all__ = ["deployed_settings"]

pytestmark = pytest.mark.timeout(180)

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
LIMIT_S = 150
MARK = "----- next"
# What moto lacks.
ONLY_CHECKED = "ecs service-quotas sqs:start-message-move-task"
LOSE = """
import sys, boto3
table = boto3.resource("dynamodb").Table(sys.argv[1])
for row in table.scan()["Items"]:
    table.delete_item(Key=row)
"""
DEPLOYS = ("make", "cdk", "git", "docker")


def blocks(section: str) -> list[str]:
    """Return the shell blocks of a section, without which nothing before the first one is meant."""
    found = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert found, section
    return re.findall(r"```sh\n(.*?)```", found[1], re.DOTALL)


(BEGIN,) = re.findall(r"```sh\n(.*?)```", TEXT.split("\n## ")[0], re.DOTALL)
SECTIONS = re.findall(r"^## (.*)$", TEXT, re.MULTILINE)
ALL_BLOCKS = [BEGIN, *(block for section in SECTIONS for block in blocks(section))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody in the project's folder, before whom AWS stands, and what they have deployed with."""

    settings: Settings
    folder: Path
    environment: dict[str, str]

    def types(self, *parts: str) -> list[str]:
        """Have blocks typed into one shell; return what each printed."""
        script = "".join(f"{part}\necho {MARK}\n" for part in (BEGIN, *parts))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout.split(f"{MARK}\n")[1:-1]

    @property
    def deployed(self) -> list[list[str]]:
        """What was typed of make, cdk and git."""
        return [json.loads(line) for line in (self.folder / "deployed.jsonl").read_text().splitlines()]


def physical_ids(settings: Settings) -> dict[str, tuple[str, str]]:
    tables = {"Config": CONFIG_TABLE, "Runs": RUNS_TABLE, "Events": EVENTS_TABLE}
    dead = settings.dial_queue_url + "-dead"
    return {
        **{
            f"Data{name}Table0A1B": ("AWS::DynamoDB::Table", table.name(settings))
            for name, table in tables.items()
        },
        "DataMedia0A1B": ("AWS::S3::Bucket", settings.media_bucket),
        "DataKey0A1B": ("AWS::KMS::Key", settings.kms_key_id.rpartition("/")[2]),
        "DataInstallSecret0A1B": ("AWS::SecretsManager::Secret", settings.install_secret_id),
        "QueuesDialsDeadLetters0A1B": ("AWS::SQS::Queue", dead),
        "StreamerCluster0A1B": ("AWS::ECS::Cluster", "a-cluster"),
        "StreamerService0A1B": ("AWS::ECS::Service", "arn:aws:ecs:us-east-1:1:service/a-cluster/a-service"),
        "StreamerLog0A1B": ("AWS::Logs::LogGroup", "a-log-group"),
    }


@pytest.fixture
def operator(
    deployed_settings: Settings, shared_install: WholeInstall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Operator]:
    names = [
        f"OFFHOOK_{name}_TABLE={getattr(deployed_settings, f'{name.lower()}_table')}"
        for name in ("CONFIG", "RUNS", "EVENTS")
    ]
    key_command = " ".join(
        [
            "env",
            "AWS_DEFAULT_REGION=us-east-1",
            *names,
            ".venv/bin/offhook keys create --bootstrap --organization main",
        ]
    )
    outputs = {
        "BaseUrl": shared_install.base_url,
        "InboundUrl": "https://voice.test/inbound",
        "StreamUrlTemplate": "wss://voice.test/{agent_uuid}",
        "FirstKeyCommand": key_command,
    }
    tools = tmp_path / "tools"
    tools.mkdir()
    python = f'exec "{sys.executable}" -P'
    for name in DEPLOYS:
        (tools / name).write_text(
            f'#!/bin/sh\n{python} -c \'import json, sys; print(json.dumps(sys.argv[1:]))\' {name} "$@" >> "{tmp_path}/deployed.jsonl"\n'
        )
    for tool in tools.iterdir():
        tool.chmod(0o755)
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    plane = ControlPlane(
        outputs=outputs, environment=deployed_settings.to_env(), resources=physical_ids(deployed_settings)
    )
    with plane.serving(), aws_command(tools / "aws"):
        for name, value in {**plane.endpoints, CHECKS_ONLY: ONLY_CHECKED}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
        yield Operator(settings=deployed_settings, folder=tmp_path, environment=dict(os.environ))


@pytest.mark.parametrize("block", ALL_BLOCKS)
def test_every_block_can_be_read_by_a_shell(block: str) -> None:
    done = subprocess.run(["bash", "-n", "-c", block], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_all_that_is_told_can_be_done_from_the_first_deployment_to_the_last(operator: Operator) -> None:
    parts = [block for section in SECTIONS for block in blocks(section)]
    printed = dict(zip(parts, operator.types(*parts), strict=True))
    first_deploy = "".join(printed[block] for block in blocks("First deploy"))
    assert re.search(r"^dg_\S+$", first_deploy, re.MULTILINE)
    assert "https://voice.test/inbound" in first_deploy
    assert "BAD" not in first_deploy
    settings, gone = operator.settings, ("ResourceNotFoundException", "NoSuchBucket", "404")
    for service, ask, named in (
        *(
            ("dynamodb", "describe_table", {"TableName": t.name(settings)})
            for t in (CONFIG_TABLE, RUNS_TABLE, EVENTS_TABLE)
        ),
        ("s3", "head_bucket", {"Bucket": settings.media_bucket}),
    ):
        with pytest.raises(ClientError) as refused:
            getattr(boto3.client(service), ask)(**named)  # type: ignore[call-overload]
        assert refused.value.response["Error"]["Code"] in gone
    key: Any = boto3.client("kms").describe_key(KeyId=settings.kms_key_id)
    assert key["KeyMetadata"]["KeyState"] == "PendingDeletion"
    secret: Any = boto3.client("secretsmanager")  # type: ignore[call-overload,unused-ignore]
    assert secret.describe_secret(SecretId=settings.install_secret_id)["DeletedDate"]
    assert_deployed(operator.deployed)


def assert_deployed(commands: list[list[str]]) -> None:
    """Check that there are the targets, the options and the commands that were typed."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for name, first, *others in commands:
        if name == "make":
            assert first in targets
            Configuration.from_context(
                dict(pair.split("=", 1) for text in others for pair in re.findall(r"-c (\S+)", text))
            )
        elif name == "cdk":
            assert first in ("bootstrap", "diff", "destroy")
    typed = [" ".join(command[:2]) for command in commands]
    assert typed[:3] == ["make synth", "cdk bootstrap", "cdk bootstrap"]
    assert typed[-1] == "cdk destroy"


def test_a_restored_table_has_the_rows_that_were_lost(operator: Operator) -> None:
    name = CONFIG_TABLE.name(operator.settings)
    table = boto3.resource("dynamodb").Table(name)
    rows = [{"pk": f"ORG#{number}", "sk": "ORG"} for number in range(30)]
    for row in rows:
        table.put_item(Item=row)
    (block, _) = blocks("Restore")
    before, after = block.split("aws dynamodb wait", 1)
    operator.types(f"{before}python -c {shlex.quote(LOSE)} $TABLE\naws dynamodb wait{after}")
    assert sorted(str(row["pk"]) for row in table.scan()["Items"]) == sorted(row["pk"] for row in rows)


def test_a_rotated_secret_signs_anew_and_still_verifies_what_was_signed_before(operator: Operator) -> None:
    before = read_install_secret(operator.settings.install_secret_id)
    first, second = blocks("Rotating the install secret")
    operator.types(first)
    between = read_install_secret(operator.settings.install_secret_id)
    assert (between.current, len(between.others)) == (before.current, 1)
    operator.types(first, second)
    after = read_install_secret(operator.settings.install_secret_id)
    assert after.current not in (before.current, *between.others)
    assert before.current in after.others


def test_links_within_the_document_lead_somewhere() -> None:
    titles = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}
    linked = set(re.findall(r"\]\(#([a-z-]+)\)", TEXT))
    assert linked
    assert linked <= anchors
    # The alarms' descriptions lead here.
    assert "alarms" in anchors
