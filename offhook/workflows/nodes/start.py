"""The start: where every call begins."""

from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from offhook.workflows.bare import Bare, Fault
from offhook.workflows.errands import Capture, Errand, Gather
from offhook.workflows.nodes.node import address_faults
from offhook.workflows.nodes.step import Step, StepData


class FetchMode(StrEnum):
    """Before which calls something is fetched."""

    DISABLED = "disabled"
    ALWAYS = "always"
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class StartData(StepData):
    """What a start says, and what is fetched before; `greeting` is Dograh's name for `say`.

    `pre_call_fetch_enabled` is the older word for the mode `always`.
    """

    greeting: str = ""
    pre_call_fetch_mode: FetchMode | None = None
    pre_call_fetch_enabled: bool = False
    pre_call_fetch_url: str = ""
    pre_call_fetch_credential_uuid: str = Field("", max_length=64)
    gather: Gather | None = None
    capture: Capture | None = None


class StartNode(Step):
    """The node that every call begins in."""

    kind: ClassVar = "startCall"
    leads_on: ClassVar = True
    begins_call: ClassVar = True
    words: ClassVar = ("prompt", "say", "greeting")
    errands: ClassVar = (Gather, Capture)

    data: StartData = StartData()

    def fetches(self, direction: str) -> bool:
        """Say whether something is fetched before calls in this direction, `inbound` or `outbound`."""
        data = self.data
        mode = data.pre_call_fetch_mode or (
            FetchMode.ALWAYS if data.pre_call_fetch_enabled else FetchMode.DISABLED
        )
        return bool(data.pre_call_fetch_url) and mode in (FetchMode.ALWAYS, direction)

    @classmethod
    def faults(cls, node: Bare) -> Iterator[Fault]:
        """Yield the faults of a start: what it fetches must have an address."""
        yield from super().faults(node)
        yield from address_faults(node, "pre_call_fetch_url")

    @property
    def own_words(self) -> str:
        """What is said on entry; `say` wins."""
        return self.data.say or self.data.greeting

    @property
    def errand(self) -> Errand | None:
        """The keys to gather, or the value to capture."""
        return self.data.gather or self.data.capture
