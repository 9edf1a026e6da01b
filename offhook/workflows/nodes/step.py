"""Steps: the nodes that a call can stand in."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from offhook.workflows.errands import Errand
from offhook.workflows.nodes.call_back import CallBack
from offhook.workflows.nodes.node import Node, NodeData
from offhook.workflows.piece import Piece, Wording

MOST_TOOLS = 64
"""Tools, and documents, that a node names at most: no model chooses well among more."""

Uuid = Annotated[str, Field(min_length=1, max_length=64)]


class Variable(Piece):
    """Something to gather from the caller; with `values` it is gathered by phrases, without a model."""

    name: str = Field(min_length=1, max_length=64)
    type: Literal["string", "number", "boolean"] = "string"
    prompt: str = ""
    values: tuple[Wording, ...] = ()


class StepData(NodeData):
    """What a step says and offers; `say`, `disposition`, `call_back` and the errands are ours, not Dograh's.

    `mcp_tool_filters` names, by the UUID of a tool, those functions of its server that are offered; others are not.
    """

    prompt: str = ""
    say: str = ""
    disposition: str = ""
    call_back: CallBack | None = None
    # Dograh's schema says false and its editor writes true; a caller expects to be heard, so silence means true here.
    allow_interrupt: bool = True
    add_global_prompt: bool = True
    tool_uuids: tuple[Uuid, ...] = Field((), max_length=MOST_TOOLS)
    document_uuids: tuple[Uuid, ...] = Field((), max_length=MOST_TOOLS)
    mcp_tool_filters: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    # Likewise: who lists variables wants them, unless a switch of the editor says otherwise.
    extraction_enabled: bool = True
    extraction_prompt: str = ""
    extraction_variables: tuple[Variable, ...] = ()


class Step(Node):
    """A node that a call can stand in: the call machine asks it what to say, and what to do then.

    A kind also says of itself that it `begins_call`: nobody has answered yet who is a person for sure.
    """

    begins_call: ClassVar[bool] = False
    words: ClassVar[tuple[str, ...]] = ("prompt", "say")

    data: StepData = StepData()

    @property
    def own_words(self) -> str:
        """What the node says for itself on entry, as a template; empty where a model finds the words."""
        return self.data.say

    @property
    def errand(self) -> Errand | None:
        """What the node does beside talking."""
        return None

    @property
    def spoken(self) -> str:
        """All words that the node says without a model on entry, as a template."""
        return f"{self.own_words} {self.errand.words if self.errand else ''}".strip()
