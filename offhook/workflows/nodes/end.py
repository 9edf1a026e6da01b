"""The end: says its last words, then hangs up."""

from typing import ClassVar

from offhook.workflows.errands import Errand, Transfer
from offhook.workflows.nodes.step import Step, StepData


class EndData(StepData):
    """What is said at the end, and whom the caller is put through to."""

    transfer: Transfer | None = None


class EndNode(Step):
    """A node that ends the call."""

    kind: ClassVar = "endCall"
    is_led_to: ClassVar = True
    ends_call: ClassVar = True
    errands: ClassVar = (Transfer,)

    data: EndData = EndData()

    @property
    def errand(self) -> Errand | None:
        """The transfer that ends the call."""
        return self.data.transfer
