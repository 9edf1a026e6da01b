"""Checks the stack with and without its options: cdk-nag has no finding, cfn-lint none either: `python -m infra.check`."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.app import ROOT, make_app
from infra.variants import VARIANTS, WITHOUT_BUNDLES


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
