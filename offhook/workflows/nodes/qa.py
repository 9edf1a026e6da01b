"""The quality check of a call that is over; kept, and not done in this version."""

from typing import ClassVar

from offhook.workflows.nodes.node import Node


class QaNode(Node):
    """A check of the call's quality after its end."""

    kind: ClassVar = "qa"
