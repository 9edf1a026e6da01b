"""How the rules see a document: bare, so that a broken piece does not hide another's fault.

What has not the form of a node or an edge is passed over here: its form is somebody else's fault.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Place: TypeAlias = tuple[str | int, ...]
Fault: TypeAlias = tuple[Place, str]
"""Where in the document, and what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """A node or an edge where it stands in the document; of a node also the edges that leave it, its `ways`.

    `data` is None where it has no form.
    """

    key: str
    index: int
    piece: Mapping[str, Any]
    data: Mapping[str, Any] | None
    ways: Sequence["Bare"] = ()

    def at(self, *fields: str) -> Place:
        """Return the place of a field of its data."""
        return (self.key, self.index, "data", *fields)

    def named(self, field: str) -> str | None:
        """Return one of its names: its id, its type, an end; None for what is no text."""
        name = self.piece.get(field)
        return name if isinstance(name, str) else None

    def text(self, field: str) -> str:
        """Return a field of its data, empty for what is no text."""
        value = (self.data or {}).get(field)
        return value if isinstance(value, str) else ""

    def listed(self, field: str) -> Sequence[Any]:
        """Return a list in its data, an empty one for what is none."""
        value = (self.data or {}).get(field)
        return value if isinstance(value, list) else ()

    def has_way(self, happening: str) -> bool:
        """Say whether an edge with this `when` leaves the node."""
        return any(way.text("when") == happening for way in self.ways)


def bare_pieces(document: Mapping[str, Any]) -> tuple[list[Bare], list[Bare]]:
    """Return a document's nodes and its edges."""
    edges = list(_pieces(document, "edges", {}))
    ways: defaultdict[str, list[Bare]] = defaultdict(list)
    for edge in edges:
        source = edge.named("source")
        if source is not None:
            ways[source].append(edge)
    return list(_pieces(document, "nodes", ways)), edges


def is_blank(data: Mapping[str, Any], field: str) -> bool:
    """Say whether the field says nothing; what is no text is a fault of form and counts as said."""
    text = data.get(field)
    return text is None or (isinstance(text, str) and not text.strip())


def _pieces(document: Mapping[str, Any], key: str, ways: Mapping[str, list[Bare]]) -> Iterator[Bare]:
    pieces = document.get(key)
    for index, piece in enumerate(pieces if isinstance(pieces, list) else []):
        if isinstance(piece, dict):
            data, id_ = piece.get("data"), piece.get("id")
            yield Bare(
                key=key,
                index=index,
                piece=piece,
                data={} if data is None else data if isinstance(data, dict) else None,
                ways=ways.get(id_, ()) if isinstance(id_, str) else (),
            )
