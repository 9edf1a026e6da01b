"""What a node offers the language model as functions: its ways on, and its tools, each by a name of its own."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from offhook.models.requests import ToolSpec
from offhook.workflows import Edge
from streamer.call.offered_tools import OfferedTool, ToolKind

Way: TypeAlias = Edge | OfferedTool

MAX_NAME_CHARACTERS = 48
"""What a function's name keeps of a label: models take 64 characters, and a number may follow."""

MAX_CHARACTERS = 64
"""The longest name that models take."""

MAX_WAYS = 128
"""Functions that a model is offered at most, edges first; no model chooses well among more."""

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


class Ways:
    """What one node offers: edges that are taken by a condition, and tools."""

    def __init__(self, edges: Iterable[Edge], tools: Sequence[OfferedTool]) -> None:
        self._by_name: dict[str, Way] = {}
        for number, edge in enumerate((edge for edge in edges if edge.data.when is None), 1):
            self._add(_name_of(edge)[:MAX_NAME_CHARACTERS] or f"edge_{number}", number, edge)
        for number, tool in enumerate(tools, 1):
            self._add(tool.name[:MAX_CHARACTERS], number, tool)
        self.have_requests = any(tool.kind is ToolKind.REQUEST for tool in tools)

    def _add(self, name: str, number: int, way: Way) -> None:
        while name in self._by_name:
            name = f"{name}_{number}"[-MAX_CHARACTERS:]
        if len(self._by_name) < MAX_WAYS:
            self._by_name[name] = way

    def of(self, name: str) -> Way | None:
        """Return what was offered under this name; None for what was not."""
        return self._by_name.get(name)

    @property
    def offered(self) -> tuple[ToolSpec, ...]:
        """All of it, in the words of models."""
        return tuple(_offer(name, way) for name, way in self._by_name.items())


def _offer(name: str, way: Way) -> ToolSpec:
    if isinstance(way, Edge):
        return ToolSpec(name=name, description=way.data.condition)
    return ToolSpec(name=name, description=way.description, parameters=way.parameters)


def _name_of(edge: Edge) -> str:
    # An accent is no reason for another name; letters that have no Latin ones under them leave a number.
    plain = unicodedata.normalize("NFKD", (edge.data.label or edge.id)[:200].lower())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return _NOT_IN_A_NAME.sub("_", letters).strip("_")
