"""What it costs to deploy from a machine that cannot compile the modules."""

from aws_cdk import Annotations, Stack

from infra.bundles.bundle import PROJECT
from infra.bundles.compiling import find_python
from infra.bundles.target import AWS


def warn_of_slow_starts(stack: Stack) -> None:
    """Have the CDK say it, where the stack is bundled at all."""
    if stack.bundling_required and find_python(PROJECT, AWS.python) is None:
        Annotations.of(stack).add_warning_v2(
            "offhook:not-compiled",
            f"No Python {AWS.python} is here to compile the modules with: each start of a function or a streamer takes "
            "2.4 times as long. Install one and deploy again.",
        )
