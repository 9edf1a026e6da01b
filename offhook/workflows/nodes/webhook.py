"""The webhook: a request after the call; kept, and not made in this version."""

from typing import ClassVar

from offhook.workflows.nodes.node import Node


class WebhookNode(Node):
    """A request to somebody after the call."""

    kind: ClassVar = "webhook"
