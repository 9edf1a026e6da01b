"""The CDK app: what `cdk.json` runs, and what tests synthesise in their own process."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import App

from infra.config import Configuration
from infra.stack import OffhookStack
from offhook.errors import InvalidInputError

ROOT = Path(__file__).parents[1]

# Traces name folders of this machine, so that no two would give the same bytes.
_SAME_EVERYWHERE = {"aws:cdk:disable-creation-stack-traces": True}


def make_app(context: Mapping[str, object], outdir: Path | None = None) -> App:
    """Return the app with its stack; raise InvalidInputError where the context has no sense.

    The CDK CLI hands its context over in the environment, and that wins over `context`.
    """
    cdk_json = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))
    app = App(
        context={**_SAME_EVERYWHERE, **cdk_json["context"], **context},
        outdir=str(outdir) if outdir else None,
        analytics_reporting=False,
    )
    OffhookStack(app, "Offhook", config=Configuration.from_context(app.node.get_all_context()))
    return app


if __name__ == "__main__":
    try:
        make_app({}).synth()
    except InvalidInputError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(1)
