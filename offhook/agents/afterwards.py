"""What a stored definition wants done after its calls, apart from all else in it: this is read at each call that is placed."""

from collections.abc import Iterator
from typing import TypeVar

from offhook.json_types import JsonObject
from offhook.workflows.nodes import Node, QaNode, WebhookNode

NodeT = TypeVar("NodeT", bound=Node)


def webhooks_of(definition: JsonObject) -> list[WebhookNode]:
    """Return the webhooks that are sent."""
    return [node for node in _nodes(definition, WebhookNode) if node.is_active]


def checks_of(definition: JsonObject) -> list[QaNode]:
    """Return the quality checks that are made."""
    return [node for node in _nodes(definition, QaNode) if node.is_active]


def _nodes(definition: JsonObject, kind: type[NodeT]) -> Iterator[NodeT]:
    nodes = definition.get("nodes")
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict) and node.get("type") == kind.kind:
            yield kind.model_validate(node)
