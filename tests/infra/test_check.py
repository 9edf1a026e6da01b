"""`make check` fails for a stack that has a finding."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from aws_cdk import App
    from aws_cdk.aws_sqs import Queue


@pytest.fixture
def seeded(tmp_path: Path) -> "tuple[App, Queue]":
    """An app with a queue that cdk-nag has something against."""
    from aws_cdk import App, Stack
    from aws_cdk.aws_sqs import Queue

    app = App(outdir=str(tmp_path))
    return app, Queue(Stack(app, "Seeded"), "Queue", enforce_ssl=True)


def test_a_finding_is_told_with_the_construct_that_it_is_about(seeded: "tuple[App, Queue]") -> None:
    from infra.check import findings

    app, _ = seeded
    assert findings(app) == ["AwsSolutions-SQS3 Seeded/Queue/Resource"]


def test_a_finding_that_was_acknowledged_is_none(seeded: "tuple[App, Queue]") -> None:
    from infra.check import findings
    from infra.findings import acknowledge

    app, queue = seeded
    acknowledge(queue, "AwsSolutions-SQS3", "Nothing is lost with a message.")
    assert findings(app) == []
