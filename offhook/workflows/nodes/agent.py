"""The agent's node: a step of the conversation."""

from typing import ClassVar

from pydantic import Field

from offhook.workflows.errands import Capture, Errand, Gather, SendDigits, Transfer
from offhook.workflows.errands.send_digits import MOST_DIGITS_CHARACTERS
from offhook.workflows.nodes.step import Step, StepData


class AgentData(StepData):
    """What the agent says in a step, and does."""

    transfer: Transfer | None = None
    gather: Gather | None = None
    capture: Capture | None = None
    send_digits: str = Field("", max_length=MOST_DIGITS_CHARACTERS)


class AgentNode(Step):
    """A step of the conversation."""

    kind: ClassVar = "agentNode"
    is_led_to: ClassVar = True
    leads_on: ClassVar = True
    errands: ClassVar = (Transfer, SendDigits, Gather, Capture)

    data: AgentData = AgentData()

    @property
    def errand(self) -> Errand | None:
        """The transfer, the keys to press, those to gather, or the value to capture."""
        data = self.data
        return (
            SendDigits(digits=data.send_digits)
            if data.send_digits
            else data.transfer or data.gather or data.capture
        )
