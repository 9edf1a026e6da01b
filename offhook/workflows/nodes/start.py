"""The start: where every call begins."""

from typing import ClassVar

from offhook.workflows.errands import Errand, Gather
from offhook.workflows.nodes.step import Step, StepData


class StartData(StepData):
    """What a start says; `greeting` is Dograh's name for `say`."""

    greeting: str = ""
    gather: Gather | None = None


class StartNode(Step):
    """The node that every call begins in."""

    kind: ClassVar = "startCall"
    leads_on: ClassVar = True
    begins_call: ClassVar = True
    words: ClassVar = ("prompt", "say", "greeting")
    errands: ClassVar = (Gather,)

    data: StartData = StartData()

    @property
    def own_words(self) -> str:
        """What is said on entry; `say` wins."""
        return self.data.say or self.data.greeting

    @property
    def errand(self) -> Errand | None:
        """The keys to gather."""
        return self.data.gather
