"""The handoff: says its words, then hands the call on to another agent of the organization."""

from typing import ClassVar

from offhook.workflows.errands import Errand, Handoff
from offhook.workflows.nodes.step import Step, StepData


class HandoffData(StepData):
    """Who goes on with the call; what is said before stands in `say`."""

    handoff: Handoff


class HandoffNode(Step):
    """A node whose caller another agent talks to from there on."""

    kind: ClassVar = "handoff"
    is_led_to: ClassVar = True
    # Whether there are such agents is looked up when a draft is stored.
    at_most: ClassVar = 20
    leads_on: ClassVar = True
    words: ClassVar = ()
    errands: ClassVar = (Handoff,)

    data: HandoffData

    @property
    def errand(self) -> Errand | None:
        """The handoff."""
        return self.data.handoff
