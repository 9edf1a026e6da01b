"""The rules of a workflow's edges: alone, beside the others that leave the same node, and on its errands."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from offhook.workflows.bare import Bare, Fault, is_blank
from offhook.workflows.errands import ERRANDS

_KEY = re.compile(r"[0-9*#]")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]")
_ERRAND_OF = {str(happening): errand.field for errand in ERRANDS for happening in errand.happenings}


def edge_faults(edges: Sequence[Bare]) -> Iterator[Fault]:
    """Yield the faults of edges, alone and beside the others that leave the same node."""
    names: dict[tuple[str, str], str] = {}
    for edge in edges:
        if edge.data is not None:
            yield from _own_faults(edge, edge.data)
            yield from _name_faults(edge, names)


def when_faults(nodes: Sequence[Bare], edges: Sequence[Bare]) -> Iterator[Fault]:
    """Yield the faults of edges with a `when`: it must be one of the node's errand, and no other edge's."""
    data_by_id = {node.named("id"): node.data or {} for node in nodes}
    seen: set[tuple[str, str]] = set()
    for edge in edges:
        when, source = edge.text("when"), edge.named("source")
        if when not in _ERRAND_OF or source is None or source not in data_by_id:
            continue
        if not data_by_id[source].get(_ERRAND_OF[when]):
            yield edge.at("when"), f"This edge must leave a node with `{_ERRAND_OF[when]}`."
        if (source, when) in seen:
            yield edge.at("when"), f"Only one edge of a node may have `when` {when}."
        seen.add((source, when))


def function_name(label: str) -> str:
    """Return what an edge with this label is called where it is offered to a language model."""
    return _NOT_IN_A_NAME.sub("_", label.strip().lower())


def _own_faults(edge: Bare, data: Mapping[str, Any]) -> Iterator[Fault]:
    dtmf = data.get("dtmf")
    if isinstance(dtmf, str) and dtmf and not _KEY.fullmatch(dtmf):
        yield edge.at("dtmf"), "The key of an edge is one of 0 to 9, * and #."
    if not _has_phrases(data) and not dtmf and not data.get("when"):
        for field in ("label", "condition"):
            if is_blank(data, field):
                message = f"An edge needs a {field}, or phrases, a dtmf key or a `when` that take it."
                yield edge.at(field), message


def _name_faults(edge: Bare, names: dict[tuple[str, str], str]) -> Iterator[Fault]:
    source, id_ = edge.named("source"), str(edge.piece.get("id"))
    name = function_name(edge.text("label"))
    # A label in another script becomes nothing but underscores: such edges are told apart by numbers.
    if source is None or not name.strip("_"):
        return
    first = names.setdefault((source, name), id_)
    if first != id_:
        yield (
            edge.at("label"),
            f"This label makes the same function name, {name}, as that of edge {first}: word one otherwise.",
        )


def _has_phrases(data: Mapping[str, Any]) -> bool:
    phrases = data.get("phrases")
    if not isinstance(phrases, list):
        return phrases is not None  # A fault of form.
    return any(not isinstance(phrase, str) or phrase.strip() for phrase in phrases)
