"""What all kinds of nodes have, and what a kind says of itself."""

import re
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from offhook.addresses import MAX_URL_CHARACTERS
from offhook.workflows.bare import Bare, Fault, is_blank
from offhook.workflows.errands import ERRANDS, Errand
from offhook.workflows.piece import Piece

_ADDRESS = re.compile(r"https?://[^/?#\s{}]+[^\s{}]*", re.IGNORECASE)


class NodeData(Piece):
    """What a node says and does."""

    name: str = ""


class Node(Piece):
    """One node of the graph.

    A kind says of itself: its `kind`, the `type` in documents; `is_led_to`, edges lead to it, one at least; `leads_on`,
    edges may leave it; `at_most`, how many of it a workflow may have; `words`, the fields of its data of which one must
    say something; `errands`, those that it may have; `ends_call`, the agent hangs up once its words were heard.
    """

    kind: ClassVar[str]
    is_led_to: ClassVar[bool] = False
    leads_on: ClassVar[bool] = False
    at_most: ClassVar[int | None] = None
    ends_call: ClassVar[bool] = False
    words: ClassVar[tuple[str, ...]] = ()
    errands: ClassVar[tuple[type[Errand], ...]] = ()

    id: str = Field(min_length=1, max_length=64)
    type: str
    data: NodeData = NodeData()

    @classmethod
    def faults(cls, node: Bare) -> Iterator[Fault]:
        """Yield the faults of a node of this kind, taken alone."""
        data = node.data or {}
        if is_blank(data, "name"):
            yield node.at("name"), "A node needs a name."
        # A transfer has words of its own, and whoever presses keys needs none.
        has_more_to_do = any(data.get(errand.field) for errand in ERRANDS if errand.leads_away)
        if cls.words and all(is_blank(data, field) for field in cls.words) and not has_more_to_do:
            yield node.at("prompt"), f"A {cls.kind} node needs {_one_of(cls.words)}."

    @classmethod
    def hints(cls, _: Bare) -> Iterator[Fault]:
        """Yield what works in a node of this kind, and perhaps not as its author thinks."""
        yield from ()


def address_faults(node: Bare, field: str) -> Iterator[Fault]:
    """Yield the fault of an address that no request could be sent to; where it leads is checked when one is."""
    address = node.text(field)
    if address and (len(address) > MAX_URL_CHARACTERS or not _ADDRESS.fullmatch(address)):
        yield (
            node.at(field),
            "Write a whole address, such as https://hooks.example.com/offhook, with no placeholder.",
        )


def _one_of(fields: tuple[str, ...]) -> str:
    named = [f"`{field}`" for field in fields]
    return f"a {named[0]}" if len(named) == 1 else f"a {', '.join(named[:-1])} or {named[-1]}"
