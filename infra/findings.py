"""Findings of cdk-nag that are meant to be so, each acknowledged on its construct with the reason."""

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, id_: str, reason: str) -> None:
    """Say why a finding (`AwsSolutions-S1`) is right for this construct and what it consists of."""
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions::{id_}", reason=reason))
