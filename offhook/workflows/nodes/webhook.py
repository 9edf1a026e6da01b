"""The webhook: a request to somebody after the call, with what came of it."""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from offhook.headers import carries_secret, is_name, is_reserved, is_value
from offhook.workflows.bare import Bare, Fault
from offhook.workflows.nodes.node import Node, NodeData, address_faults
from offhook.workflows.piece import Piece

_BAD_HEADER = (
    "A header has a name that isn't ours to set, and a value of printable ASCII without space at its ends."
)


class Header(Piece):
    """A header of the request."""

    key: str = Field("", max_length=64)
    value: str = Field("", max_length=1024)


class WebhookData(NodeData):
    """What is sent where; strings in the template are templates, and one that is all placeholder keeps its value's type."""

    enabled: bool = True
    http_method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    endpoint_url: str = ""
    credential_uuid: str = Field("", max_length=64)
    custom_headers: tuple[Header, ...] = Field((), max_length=20)
    payload_template: dict[str, Any] = Field(default_factory=dict)


class WebhookNode(Node):
    """A request to somebody after the call."""

    kind: ClassVar = "webhook"
    at_most: ClassVar = 10

    data: WebhookData = WebhookData()

    @property
    def is_active(self) -> bool:
        """Whether it is sent."""
        return self.data.enabled and bool(self.data.endpoint_url)

    @property
    def headers(self) -> dict[str, str]:
        """The custom headers that are sent: whatever shows who asks comes from the credential alone."""
        given = {header.key: header.value for header in self.data.custom_headers}
        return {name: value for name, value in given.items() if name and not carries_secret(name)}

    @classmethod
    def hints(cls, node: Bare) -> Iterator[Fault]:
        """Yield what of a webhook is not sent."""
        if (node.data or {}).get("enabled", True) and not node.text("endpoint_url"):
            yield node.at("endpoint_url"), "Nothing is sent without an address."
        for index, header in enumerate(node.listed("custom_headers")):
            if isinstance(header, dict) and carries_secret(str(header.get("key"))):
                yield (
                    (*node.at("custom_headers"), index),
                    "This is not sent: store what shows who asks as a credential, and name that instead.",
                )

    @classmethod
    def faults(cls, node: Bare) -> Iterator[Fault]:
        """Yield the faults of a webhook: its address and its headers must be such as can be sent."""
        yield from super().faults(node)
        yield from address_faults(node, "endpoint_url")
        for index, header in enumerate(node.listed("custom_headers")):
            if isinstance(header, dict) and not _can_be_sent(header):
                yield (*node.at("custom_headers"), index), _BAD_HEADER


def _can_be_sent(header: dict[str, Any]) -> bool:
    key, value = header.get("key"), header.get("value")
    # An editor keeps the empty line that nobody has filled in.
    if not key and not value:
        return True
    return (
        isinstance(key, str)
        and isinstance(value, str)
        and is_name(key)
        and not is_reserved(key)
        and (not value or is_value(value))
    )
