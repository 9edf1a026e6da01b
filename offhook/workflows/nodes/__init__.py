"""The kinds of nodes, a class each: its fields, its rules, and what the call does in it.

A new kind is a file here and a line in `KINDS`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator
from pydantic_core import PydanticCustomError

from offhook.workflows.nodes.agent import AgentNode
from offhook.workflows.nodes.call_back import CallBack
from offhook.workflows.nodes.end import EndNode
from offhook.workflows.nodes.global_prompt import GlobalNode
from offhook.workflows.nodes.handoff import HandoffNode
from offhook.workflows.nodes.node import Node
from offhook.workflows.nodes.qa import QaNode
from offhook.workflows.nodes.start import StartNode
from offhook.workflows.nodes.step import Step, StepData, Variable
from offhook.workflows.nodes.trigger import TriggerNode, is_trigger_path
from offhook.workflows.nodes.webhook import WebhookNode

KINDS: tuple[type[Node], ...] = (
    StartNode,
    AgentNode,
    EndNode,
    HandoffNode,
    GlobalNode,
    TriggerNode,
    WebhookNode,
    QaNode,
)

_BY_TYPE = {kind.kind: kind for kind in KINDS}


def kind_of(piece: Mapping[str, Any]) -> type[Node] | None:
    """Return the kind of a bare node, None for one that there is not."""
    named = piece.get("type")
    return _BY_TYPE.get(named) if isinstance(named, str) else None


def _refuse(named: object) -> str:
    expected = [repr(known) for known in _BY_TYPE]
    raise PydanticCustomError(
        "enum", "Input should be {expected}", {"expected": f"{', '.join(expected[:-1])} or {expected[-1]}"}
    )


class _OfNoKind(Node):
    """What is a node in all but its type."""

    type: Annotated[str, BeforeValidator(_refuse)]


def _read(piece: object) -> Node:
    kind = kind_of(piece) if isinstance(piece, dict) else None
    return (kind or _OfNoKind).model_validate(piece)


AnyNode = Annotated[Node, PlainValidator(_read)]
"""A node of the kind that its type names."""

__all__ = [
    "KINDS",
    "AnyNode",
    "CallBack",
    "GlobalNode",
    "Node",
    "QaNode",
    "StartNode",
    "Step",
    "StepData",
    "TriggerNode",
    "Variable",
    "WebhookNode",
    "is_trigger_path",
    "kind_of",
]
