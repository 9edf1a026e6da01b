"""Checks the stack with and without its options: cdk-nag has no finding, cfn-lint none either: `python -m infra.check`."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.app import ROOT, make_app

_NAMED = {"domain": "voice.example.com", "zone_id": "Z0123456789ABCDEFGHIJ", "zone_name": "example.com"}
# Together they make every kind of resource that there can be.
VARIANTS: Mapping[str, Mapping[str, object]] = {
    "default": {},
    "everything": {
        **_NAMED,
        "waf": True,
        "alarm_email": "alarms@example.com",
        "media_kms": True,
        "models": "bedrock,openai,embedded",
        "bedrock_model": "us.amazon.nova-lite-v1:0",
        "bedrock_models": "amazon.nova-pro-v1:0",
        "bedrock_guardrails": "abc123",
        "bedrock_second_region": "us-west-2",
        "embeddings_model": "amazon.titan-embed-text-v2:0",
        "llm_url": "https://llm.example.com/v1",
        "llm_api_key_id": "arn:aws:secretsmanager:us-east-1:123456789012:secret:llm-key-AbCdEf",
    },
    "elsewhere": {
        **_NAMED,
        "waf": True,
        "region": "eu-central-1",
        "availability_zones": "eu-central-1a,eu-central-1c",
        "edge": "public-alb",
        "image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/voice/streamer:1.2",
        "max_calls": 120,
    },
}
# Bundles take a minute, and no check looks into them.
WITHOUT_BUNDLES: Mapping[str, object] = {"aws:cdk:bundling-stacks": []}


def findings(app: App) -> list[str]:
    """Synthesise the app; return what cdk-nag finds, warnings too, which it also prints with what acknowledges them."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    try:
        app.synth()
    except RuntimeError as error:
        if "ValidationFailed" not in str(error):
            raise
    report: dict[str, Any] = json.loads((Path(app.outdir) / "validation-report.json").read_text())
    return [
        f"{violation['ruleName']} {construct['constructPath']}"
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]


def main() -> int:
    """Return the exit status: 0 when nothing was found."""
    with TemporaryDirectory() as folder:
        found = [
            finding
            for name, options in VARIANTS.items()
            for finding in findings(make_app({**WITHOUT_BUNDLES, **options}, Path(folder, name)))
        ]
        templates = sorted(Path(folder).rglob("*.template.json"))
        linted = subprocess.run(  # noqa: S603
            [Path(sys.executable).with_name("cfn-lint"), *templates], cwd=ROOT, check=False
        )
    if found or linted.returncode:
        return 1
    print(f"The stack is without findings in {len(VARIANTS)} variants.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
