"""The rules of a workflow's graph. They read the bare document, so that a broken piece does not hide another's fault.

What has not the form of a node or an edge is passed over here: its form is somebody else's fault.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from offhook.workflows.definition import NodeType

Fault: TypeAlias = tuple[tuple[str | int, ...], str]
"""Where in the document, and what."""

RESERVED_TRIGGER_PATHS = frozenset({"test", "workflow"})
"""Words that the trigger routes use themselves."""

_TRIGGER_PATH = re.compile(r"[A-Za-z0-9_-]{1,36}")
_DIGIT = re.compile(r"[0-9*#]")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]")


class _Rules(NamedTuple):
    """What the graph asks of one type of node; `words` are the fields of which one must say something."""

    needs_way_in: bool
    may_have_way_in: bool
    may_have_way_on: bool
    at_most_one: bool = False
    words: tuple[str, ...] = ()


_RULES = {
    NodeType.START: _Rules(False, False, True, words=("prompt", "say", "greeting")),
    NodeType.AGENT: _Rules(True, True, True, words=("prompt", "say")),
    NodeType.END: _Rules(True, True, False, words=("prompt", "say")),
    NodeType.GLOBAL: _Rules(False, False, False, at_most_one=True, words=("prompt",)),
    NodeType.TRIGGER: _Rules(False, False, True, at_most_one=True),
    NodeType.WEBHOOK: _Rules(False, False, False),
    NodeType.QA: _Rules(False, False, False),
}


def is_trigger_path(path: str) -> bool:
    """Say whether a trigger may have this path."""
    return _TRIGGER_PATH.fullmatch(path) is not None and path not in RESERVED_TRIGGER_PATHS


def node_faults(document: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of nodes taken alone."""
    for index, node in pieces(document, "nodes"):
        type_, data = type_of(node), data_of(node)
        if type_ is None or data is None:
            continue
        at = ("nodes", index, "data")
        if _is_blank(data, "name"):
            yield (*at, "name"), "A node needs a name."
        words = _RULES[type_].words
        # A transfer has words of its own, and whoever presses keys needs none.
        has_more_to_do = data.get("transfer") or data.get("send_digits")
        if words and all(_is_blank(data, field) for field in words) and not has_more_to_do:
            yield (*at, "prompt"), f"A {type_} node needs {_one_of(words)}."
        path = data.get("trigger_path")
        if type_ is NodeType.TRIGGER and isinstance(path, str) and path and not is_trigger_path(path):
            yield (
                (*at, "trigger_path"),
                "A trigger path has 1 to 36 letters, digits, - and _, and is not one of: test, workflow.",
            )


def edge_faults(document: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of edges, alone and beside the others that leave the same node."""
    names: dict[tuple[str, str], str] = {}
    for index, edge in pieces(document, "edges"):
        data = data_of(edge)
        if data is None:
            continue
        at = ("edges", index, "data")
        dtmf, label = data.get("dtmf"), data.get("label")
        if isinstance(dtmf, str) and dtmf and not _DIGIT.fullmatch(dtmf):
            yield (*at, "dtmf"), "The key of an edge is one of 0 to 9, * and #."
        if not _has_phrases(data) and not dtmf and not data.get("when"):
            for field in ("label", "condition"):
                if _is_blank(data, field):
                    yield (
                        (*at, field),
                        f"An edge needs a {field}, or phrases, a dtmf key or a `when` that take it.",
                    )
        if isinstance(label, str) and isinstance(edge.get("source"), str):
            name = _NOT_IN_A_NAME.sub("_", label.strip().lower())
            first = names.setdefault((edge["source"], name), str(edge.get("id")))
            # A label in another script becomes nothing but underscores: such edges are told apart by numbers.
            if first != str(edge.get("id")) and name.strip("_"):
                yield (
                    (*at, "label"),
                    f"This label makes the same function name, {name}, as that of edge {first}: word one otherwise.",
                )


def graph_faults(document: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of the whole: how many nodes there are of a type, ids, ends of edges, ways in and on."""
    yield from _count_faults(document)
    for key in ("nodes", "edges"):
        yield from _repeated_ids(document, key)
    yield from _end_faults(document)
    yield from _missing_ways_in(document)


def _count_faults(document: dict[str, Any]) -> Iterator[Fault]:
    nodes = document.get("nodes")
    if not isinstance(nodes, list):
        return
    types = [type_of(node) if isinstance(node, dict) else None for node in nodes]
    counts = Counter(types)
    # A node of unknown type may have been meant as the start.
    if counts[NodeType.START] > 1 or (counts[NodeType.START] == 0 and None not in types):
        yield ("nodes",), "There must be exactly one startCall node."
    for type_, rules in _RULES.items():
        if rules.at_most_one and counts[type_] > 1:
            yield ("nodes",), f"There may be one {type_} node at most."


def _repeated_ids(document: dict[str, Any], key: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, piece in pieces(document, key):
        named = piece.get("id")
        if not isinstance(named, str) or not named:
            continue
        if named in seen:
            yield (key, index, "id"), f"The ids of {key} must be unique."
        seen.add(named)


def _end_faults(document: dict[str, Any]) -> Iterator[Fault]:
    types = _types_by_id(document)
    for index, edge in pieces(document, "edges"):
        for end in ("source", "target"):
            named = edge.get(end)
            if not isinstance(named, str):
                continue
            type_ = types.get(named)
            if named not in types:
                yield ("edges", index, end), "There is no node with this id."
            elif type_ is None:
                continue
            elif end == "source" and not _RULES[type_].may_have_way_on:
                yield ("edges", index, end), f"No edge may leave a {type_} node."
            elif end == "target" and not _RULES[type_].may_have_way_in:
                yield ("edges", index, end), f"No edge may lead to a {type_} node."


def _missing_ways_in(document: dict[str, Any]) -> Iterator[Fault]:
    edges = document.get("edges") or []
    if not isinstance(edges, list):
        return
    targets = [edge.get("target") if isinstance(edge, dict) else None for edge in edges]
    if not all(isinstance(target, str) for target in targets):
        return  # An edge whose target can't be read may have been meant to lead to any node.
    reached = set(targets)
    for index, node in pieces(document, "nodes"):
        type_, named = type_of(node), node.get("id")
        if (
            type_ is not None
            and isinstance(named, str)
            and _RULES[type_].needs_way_in
            and named not in reached
        ):
            yield ("nodes", index), f"No edge leads to this {type_} node."


def _types_by_id(document: dict[str, Any]) -> dict[str, NodeType | None]:
    return {
        node["id"]: type_of(node) for _, node in pieces(document, "nodes") if isinstance(node.get("id"), str)
    }


def pieces(document: dict[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the nodes or the edges that have the form of one, each with its place."""
    pieces = document.get(key)
    for index, piece in enumerate(pieces if isinstance(pieces, list) else []):
        if isinstance(piece, dict):
            yield index, piece


def type_of(node: dict[str, Any]) -> NodeType | None:
    """Return the type of a node, None for one that there is not."""
    named = node.get("type")
    return NodeType(named) if isinstance(named, str) and named in _KNOWN_TYPES else None


_KNOWN_TYPES = frozenset(NodeType)


def data_of(piece: dict[str, Any]) -> dict[str, Any] | None:
    """Return the data of a node or edge, empty where there is none; None for what has no form."""
    data = piece.get("data")
    if data is None:
        return {}
    return data if isinstance(data, dict) else None


def _is_blank(data: dict[str, Any], field: str) -> bool:
    """Say whether the field says nothing; what is no text is a fault of form and counts as said."""
    text = data.get(field)
    return text is None or (isinstance(text, str) and not text.strip())


def _has_phrases(data: dict[str, Any]) -> bool:
    phrases = data.get("phrases")
    if not isinstance(phrases, list):
        return phrases is not None  # A fault of form.
    return any(not isinstance(phrase, str) or phrase.strip() for phrase in phrases)


def _one_of(fields: tuple[str, ...]) -> str:
    named = [f"`{field}`" for field in fields]
    return f"a {named[0]}" if len(named) == 1 else f"a {', '.join(named[:-1])} or {named[-1]}"
