"""The global node: text that goes before the prompts of the nodes that want it."""

from typing import ClassVar

from offhook.workflows.nodes.node import Node, NodeData


class GlobalData(NodeData):
    """The text."""

    prompt: str = ""


class GlobalNode(Node):
    """What the language model is told in every node that does not refuse it."""

    kind: ClassVar = "globalNode"
    at_most: ClassVar = 1
    words: ClassVar = ("prompt",)

    data: GlobalData = GlobalData()
