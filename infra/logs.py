"""Log groups, which keep their lines for as long as the options say."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import Configuration


def log_group(scope: Construct, id_: str, config: Configuration) -> logs.LogGroup:
    """Return a group that goes with the stack."""
    group = logs.LogGroup(scope, id_, removal_policy=RemovalPolicy.DESTROY)
    resource = group.node.default_child
    if isinstance(resource, logs.CfnLogGroup):  # which it always is; CDK's own names for days are no numbers
        resource.retention_in_days = config.log_retention_days
    return group
