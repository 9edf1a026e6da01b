"""The trigger: a public URL that starts a call."""

import re
from collections.abc import Iterator
from typing import ClassVar

from offhook.workflows.bare import Bare, Fault
from offhook.workflows.nodes.node import Node, NodeData

RESERVED_TRIGGER_PATHS = frozenset({"test", "workflow"})
"""Words that the trigger routes use themselves."""

_TRIGGER_PATH = re.compile(r"[A-Za-z0-9_-]{1,36}")


def is_trigger_path(path: str) -> bool:
    """Say whether a trigger may have this path."""
    return _TRIGGER_PATH.fullmatch(path) is not None and path not in RESERVED_TRIGGER_PATHS


class TriggerData(NodeData):
    """The path in the URL, and whether it works."""

    trigger_path: str = ""
    enabled: bool = True


class TriggerNode(Node):
    """A public path that starts outbound calls."""

    kind: ClassVar = "trigger"
    leads_on: ClassVar = True
    at_most: ClassVar = 1

    data: TriggerData = TriggerData()

    @classmethod
    def faults(cls, node: Bare) -> Iterator[Fault]:
        """Yield the faults of a trigger: its path must be a word that the routes do not use."""
        yield from super().faults(node)
        path = (node.data or {}).get("trigger_path")
        if isinstance(path, str) and path and not is_trigger_path(path):
            yield (
                node.at("trigger_path"),
                "A trigger path has 1 to 36 letters, digits, - and _, and is not one of: test, workflow.",
            )
