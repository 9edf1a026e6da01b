"""`make check` fails for a stack that has a finding."""

from pathlib import Path

from aws_cdk import App, Stack
from aws_cdk import aws_sqs as sqs

from infra.check import findings
from infra.findings import acknowledge


def stack_with_a_finding(outdir: Path) -> tuple[App, sqs.Queue]:
    app = App(outdir=str(outdir))
    return app, sqs.Queue(Stack(app, "Seeded"), "Queue", enforce_ssl=True)


def test_a_finding_is_told_with_the_construct_that_it_is_about(tmp_path: Path) -> None:
    app, _ = stack_with_a_finding(tmp_path)
    assert findings(app) == ["AwsSolutions-SQS3 Seeded/Queue/Resource"]


def test_a_finding_that_was_acknowledged_is_none(tmp_path: Path) -> None:
    app, queue = stack_with_a_finding(tmp_path)
    acknowledge(queue, "AwsSolutions-SQS3", "Nothing is lost with a message.")
    assert findings(app) == []
