"""Which state of a thing an editor has read: its revision rises with every change."""

from collections.abc import Set as AbstractSet
from typing import TypeAlias

from offhook.errors import StaleError

Revisions: TypeAlias = AbstractSet[int] | None
"""The revisions that the editor expects the thing to have; None: any."""


def check_revision(name: str, revision: int, expected: Revisions) -> None:
    """Raise StaleError where a thing, an `agent` or a `campaign`, has another revision than the editor expects."""
    if expected is not None and revision not in expected:
        raise StaleError(
            f"The {name} has changed since you read it: read it again, and redo your change on what you find."
        )
