"""The rules of a workflow's nodes: each alone, all together, and on their errands."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from offhook.workflows.bare import Bare, Fault
from offhook.workflows.errands import ERRANDS, Errand
from offhook.workflows.errands.errand import with_article
from offhook.workflows.nodes import KINDS, Node, StartNode, kind_of


def node_faults(nodes: Sequence[Bare]) -> Iterator[Fault]:
    """Yield the faults of nodes taken alone."""
    for node in nodes:
        kind = kind_of(node.piece)
        if kind is not None and node.data is not None:
            yield from kind.faults(node)


def graph_faults(
    document: Mapping[str, Any], nodes: Sequence[Bare], edges: Sequence[Bare]
) -> Iterator[Fault]:
    """Yield the faults of the whole: how many nodes there are of a kind, ids, ends of edges, ways in and on."""
    yield from _count_faults(document)
    yield from _repeated_ids(nodes)
    yield from _repeated_ids(edges)
    yield from _end_faults(nodes, edges)
    yield from _missing_ways_in(document, nodes)


def errand_faults(nodes: Sequence[Bare]) -> Iterator[Fault]:
    """Yield the faults of errands, and of errands in nodes that may not have them."""
    for node in nodes:
        for errand in ERRANDS:
            if (node.data or {}).get(errand.field):
                yield from _errand_faults(errand, node, kind_of(node.piece))


def _errand_faults(errand: type[Errand], node: Bare, kind: type[Node] | None) -> Iterator[Fault]:
    if kind is not None and errand not in kind.errands:
        named = [with_article(other.kind) for other in KINDS if errand in other.errands]
        those = " or ".join(named) + (" node" if len(named) > 1 else "")
        yield node.at(errand.field), f"Only {those} may {errand.deed}."
    leads_on = kind is not None and errand in kind.errands and kind.leads_on
    yield from errand.faults(node, leads_on=leads_on)


def _count_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    nodes = document.get("nodes")
    if not isinstance(nodes, list):
        return
    kinds = [kind_of(node) if isinstance(node, dict) else None for node in nodes]
    counts = Counter(kinds)
    # A node of unknown type may have been meant as the start.
    if counts[StartNode] > 1 or (counts[StartNode] == 0 and None not in kinds):
        yield ("nodes",), f"There must be exactly one {StartNode.kind} node."
    for kind in KINDS:
        if kind.at_most is not None and counts[kind] > kind.at_most:
            number = "one" if kind.at_most == 1 else str(kind.at_most)
            yield ("nodes",), f"There may be {number} {kind.kind} node{'s' * (number != 'one')} at most."


def _repeated_ids(pieces: Sequence[Bare]) -> Iterator[Fault]:
    seen: set[str] = set()
    for piece in pieces:
        id_ = piece.named("id")
        if id_ in seen:
            yield (piece.key, piece.index, "id"), f"The ids of {piece.key} must be unique."
        if id_:
            seen.add(id_)


def _end_faults(nodes: Sequence[Bare], edges: Sequence[Bare]) -> Iterator[Fault]:
    kinds = {node.named("id"): kind_of(node.piece) for node in nodes}
    for edge in edges:
        for end in ("source", "target"):
            named, at = edge.named(end), (edge.key, edge.index, end)
            kind = kinds.get(named)
            if named is None:
                continue
            if named not in kinds:
                yield at, "There is no node with this id."
            elif kind is not None and end == "source" and not kind.leads_on:
                yield at, f"No edge may leave a {kind.kind} node."
            elif kind is not None and end == "target" and not kind.is_led_to:
                yield at, f"No edge may lead to a {kind.kind} node."


def _missing_ways_in(document: Mapping[str, Any], nodes: Sequence[Bare]) -> Iterator[Fault]:
    edges = document.get("edges") or []
    if not isinstance(edges, list):
        return
    targets = [edge.get("target") if isinstance(edge, dict) else None for edge in edges]
    if not all(isinstance(target, str) for target in targets):
        return  # An edge whose target can't be read may have been meant to lead to any node.
    reached = {*targets, None}
    for node in nodes:
        kind = kind_of(node.piece)
        if kind is not None and kind.is_led_to and node.named("id") not in reached:
            yield ("nodes", node.index), f"No edge leads to this {kind.kind} node."
