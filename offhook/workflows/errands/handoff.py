"""Handing the call on to another agent of the organization."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from offhook.vocabulary import Happening
from offhook.workflows.bare import Bare, Fault
from offhook.workflows.errands.errand import Errand, missing_way, other_ways


class Handoff(Errand):
    """The agent that goes on with the call, and why; `failed_say`, a template, is said when it can't."""

    field: ClassVar = "handoff"
    deed: ClassVar = "hand the call on to an agent"
    happenings: ClassVar = (Happening.HANDOFF_FAILED,)
    leads_away: ClassVar = True

    agent_uuid: str = Field(min_length=1, max_length=64)
    reason: str = Field("", max_length=200)
    failed_say: str = "I am sorry, I can't put you through to my colleague at the moment."

    @classmethod
    def faults(cls, node: Bare, *, leads_on: bool) -> Iterator[Fault]:
        """Yield the faults of a handoff: the call must have a way on when it fails, and has no other."""
        if leads_on:
            yield from missing_way(node, cls.field, Happening.HANDOFF_FAILED, "A node that hands the call on")
        yield from other_ways(node, Happening.HANDOFF_FAILED, "a handoff")
