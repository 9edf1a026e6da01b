"""The workflow document: nodes and edges as clients send them, read once into immutable values.

`offhook.workflows.validation` says what a document must hold beyond this form.
"""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from offhook.documents import GivenDocument


class NodeType(StrEnum):
    """What a node is for."""

    START = "startCall"
    AGENT = "agentNode"
    END = "endCall"
    GLOBAL = "globalNode"
    TRIGGER = "trigger"
    WEBHOOK = "webhook"
    QA = "qa"


# What a caller says in one breath; it bounds what filling in the placeholders of a hostile document can make.
_Wording = Annotated[str, Field(max_length=200)]


class _Document(GivenDocument):
    # Editors keep positions, colours and keys of later versions in the document: they are carried, not understood.
    model_config = ConfigDict(frozen=True, extra="ignore")


class Variable(_Document):
    """Something to gather from the caller; with `values` it is gathered by phrases, without a model."""

    name: str = Field(min_length=1, max_length=64)
    type: Literal["string", "number", "boolean"] = "string"
    prompt: str = ""
    values: tuple[_Wording, ...] = ()


class TransferMode(StrEnum):
    """How a caller is put through: cold at once, warm once the other person knows what it is about."""

    COLD = "cold"
    WARM = "warm"


class Transfer(_Document):
    """Where a node puts the caller through to, and what is said meanwhile; `to` and all texts are templates.

    `message` is said before, `summary` to the other person of a warm transfer, `hold_say` to a caller who waits for
    them, and `failed_say` when nobody could be reached.
    """

    to: str = Field(min_length=1, max_length=256)
    mode: TransferMode = TransferMode.COLD
    message: str = ""
    summary: str = Field("", max_length=2000)
    timeout_seconds: int = Field(30, ge=5, le=120)
    hold_say: str = "Thank you for waiting. I am still trying to reach somebody for you."
    failed_say: str = "I am sorry, nobody can take your call at the moment."


class Gather(_Document):
    """Keys to gather into a variable, until there are `num_digits`, or `finish_on`, or none for `timeout_ms`."""

    variable: str = Field(min_length=1, max_length=64)
    num_digits: int | None = Field(None, ge=1, le=32)
    finish_on: Literal["#", "*", ""] = "#"
    timeout_ms: int = Field(5000, ge=1000, le=30_000)


class NodeData(_Document):
    """What a node says and does; `say`, `disposition`, `transfer`, `gather` and `send_digits` are ours, not Dograh's."""

    name: str = ""
    prompt: str = ""
    greeting: str = ""
    say: str = ""
    disposition: str = ""
    # Dograh's schema says false and its editor writes true; a caller expects to be heard, so silence means true here.
    allow_interrupt: bool = True
    add_global_prompt: bool = True
    extraction_variables: tuple[Variable, ...] = ()
    trigger_path: str = ""
    enabled: bool = True
    transfer: Transfer | None = None
    gather: Gather | None = None
    send_digits: str = Field("", max_length=256)


class Node(_Document):
    """One step of the conversation."""

    id: str = Field(min_length=1, max_length=64)
    type: NodeType
    data: NodeData = NodeData()

    @property
    def spoken(self) -> str:
        """The words that the node says for itself on entry, as a template; empty where a model decides them."""
        own = self.data.say or (self.data.greeting if self.type is NodeType.START else "")
        message = self.data.transfer.message if self.data.transfer else ""
        return f"{own} {message}".strip()


class Happening(StrEnum):
    """What may happen in a node that an edge can lead on from."""

    TRANSFER_FAILED = "transfer_failed"
    DIGITS_GATHERED = "digits_gathered"
    DIGITS_MISSING = "digits_missing"
    DIGITS_SENT = "digits_sent"


class EdgeData(_Document):
    """When an edge is taken: `condition` for a model; `phrases`, `dtmf` and `when`, ours, without one."""

    label: str = ""
    condition: str = ""
    transition_speech: str = ""
    phrases: tuple[_Wording, ...] = ()
    dtmf: str = ""
    when: Happening | None = None


class Edge(_Document):
    """One possible way on from a node."""

    id: str = Field(min_length=1, max_length=64)
    source: str
    target: str
    data: EdgeData = EdgeData()


class Workflow(_Document):
    """The graph that an agent follows."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @property
    def start(self) -> Node:
        """The node that every call begins in."""
        return next(node for node in self.nodes if node.type is NodeType.START)

    @property
    def global_prompt(self) -> str:
        """The text that goes before the prompts of all nodes that want it."""
        return next((node.data.prompt for node in self.nodes if node.type is NodeType.GLOBAL), "")

    @property
    def trigger_paths(self) -> tuple[str, ...]:
        """The public paths that start calls of this workflow."""
        return tuple(
            node.data.trigger_path
            for node in self.nodes
            if node.type is NodeType.TRIGGER and node.data.enabled and node.data.trigger_path
        )

    def node(self, node_id: str) -> Node:
        """Return the node; raise KeyError."""
        return self._by_id[node_id]

    def edge_when(self, node_id: str, happening: Happening) -> Edge | None:
        """Return the way on from a node that is taken when this happens."""
        return next((edge for edge in self.edges_from(node_id) if edge.data.when is happening), None)

    def edges_from(self, node_id: str) -> tuple[Edge, ...]:
        """Return the ways on from a node, in the order of the document."""
        return tuple(edge for edge in self.edges if edge.source == node_id)
