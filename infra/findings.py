"""Findings of cdk-nag that are meant to be so, each acknowledged on its construct with the reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, id_: str, reason: str) -> None:
    """Say why this finding (such as `AwsSolutions-S1`) is right for this construct."""
    Validations.of(construct).acknowledge(Acknowledgment(id=id_, reason=reason))
