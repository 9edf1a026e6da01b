"""The triggers in a stored definition, apart from all that is asked of one before it is stored: calls look for no more."""

from offhook.json_types import JsonObject
from offhook.workflows import TriggerNode
from offhook.workflows.nodes.trigger import TriggerData


def trigger_paths(definition: JsonObject) -> list[str]:
    """Return the paths of all triggers, also of those that are switched off: they stay the agent's."""
    return [data.trigger_path for data in _triggers(definition) if data.trigger_path]


def has_live_trigger(definition: JsonObject, path: str) -> bool:
    """Say whether this path starts calls."""
    return any(data.enabled and data.trigger_path == path for data in _triggers(definition))


def _triggers(definition: JsonObject) -> list[TriggerData]:
    """Read the triggers of a stored definition, and nothing else of it: this happens at each call that is placed."""
    nodes = definition.get("nodes")
    return [
        TriggerNode.model_validate(node).data
        for node in (nodes if isinstance(nodes, list) else [])
        if isinstance(node, dict) and node.get("type") == TriggerNode.kind
    ]
