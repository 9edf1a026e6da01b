"""What a stored definition wants done after its calls, apart from all else in it: this is read at each call that is placed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offhook.json_types import JsonObject

if TYPE_CHECKING:
    from offhook.workflows.nodes import QaNode, WebhookNode

# All that a workflow can hold is much to import, and most have neither of these.
_WEBHOOK, _CHECK = "webhook", "qa"


def webhooks_of(definition: JsonObject) -> list[WebhookNode]:
    """Return the webhooks that are sent."""
    found = nodes_of(definition, _WEBHOOK)
    if not found:
        return []
    from offhook.workflows.nodes import WebhookNode

    return [node for node in map(WebhookNode.model_validate, found) if node.is_active]


def checks_of(definition: JsonObject) -> list[QaNode]:
    """Return the quality checks that are made."""
    found = nodes_of(definition, _CHECK)
    if not found:
        return []
    from offhook.workflows.nodes import QaNode

    return [node for node in map(QaNode.model_validate, found) if node.is_active]


def nodes_of(definition: JsonObject, kind: str) -> list[JsonObject]:
    """Return the nodes of a stored definition that are of a kind, as they are stored."""
    nodes = definition.get("nodes")
    return [
        node
        for node in (nodes if isinstance(nodes, list) else [])
        if isinstance(node, dict) and node.get("type") == kind
    ]
