"""The handoff: says its words, then hands the call on to another agent of the organization."""

from typing import ClassVar

from pydantic import Field

from offhook.workflows.errands import Errand, Handoff
from offhook.workflows.nodes.step import Step, StepData


class HandoffData(StepData):
    """Who goes on with the call, and why; what is said before stands in `say`."""

    agent_uuid: str = Field(min_length=1, max_length=64)
    reason: str = Field("", max_length=200)
    failed_say: str = "I am sorry, I can't put you through to my colleague at the moment."


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
        data = self.data
        return Handoff(agent_uuid=data.agent_uuid, reason=data.reason, failed_say=data.failed_say)
