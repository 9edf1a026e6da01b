"""The rules of transfers and gathered digits, and of the edges that are taken when something happens.

Like those of `offhook.workflows.graph` they read the bare document.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from offhook.workflows.definition import Happening, NodeType
from offhook.workflows.graph import Fault, data_of, pieces, type_of

_MAY_TRANSFER = (NodeType.AGENT, NodeType.END)
_MAY_GATHER = (NodeType.START, NodeType.AGENT)
_NEEDS = {
    Happening.TRANSFER_FAILED: "transfer",
    Happening.DIGITS_GATHERED: "gather",
    Happening.DIGITS_MISSING: "gather",
    Happening.DIGITS_SENT: "send_digits",
}
_DIGITS = re.compile(r"[0-9*#A-Da-dwW]{1,64}")
_DIALABLE = re.compile(r"\+[1-9][0-9]{6,14}|sips?:[^\s@]+@[^\s@]+")


class _Way(NamedTuple):
    """An edge as these rules see it."""

    place: int
    source: object
    when: str
    dtmf: str


def happening_faults(document: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of nodes that transfer or gather digits, and of edges with a `when`."""
    nodes = [(index, node, data_of(node) or {}) for index, node in pieces(document, "nodes")]
    ways = list(_ways(document))
    for index, node, data in nodes:
        taken = [way for way in ways if way.source == node.get("id")]
        if data.get("transfer"):
            yield from _transfer_faults(index, type_of(node), data, taken)
        if data.get("send_digits"):
            yield from _sending_faults(index, type_of(node), data, taken)
        if data.get("gather"):
            yield from _gather_faults(index, type_of(node), data["gather"], taken)
    data_by_id = {node["id"]: data for _, node, data in nodes if isinstance(node.get("id"), str)}
    yield from _way_faults(ways, data_by_id)


def _ways(document: dict[str, Any]) -> Iterator[_Way]:
    for index, edge in pieces(document, "edges"):
        data = data_of(edge) or {}
        when, dtmf = (data.get(name) if isinstance(data.get(name), str) else "" for name in ("when", "dtmf"))
        yield _Way(index, edge.get("source"), when or "", dtmf or "")


def _transfer_faults(
    index: int, type_: NodeType | None, data: dict[str, Any], ways: list[_Way]
) -> Iterator[Fault]:
    at = ("nodes", index, "data", "transfer")
    to = data["transfer"].get("to") if isinstance(data["transfer"], dict) else None
    if type_ is not None and type_ not in _MAY_TRANSFER:
        yield at, "Only an agentNode or an endCall node may transfer."
    if data.get("gather"):
        yield at, "A node either transfers the call or gathers digits."
    if isinstance(to, str) and to and "{{" not in to and not _DIALABLE.fullmatch(to):
        yield (*at, "to"), "Write the number in E.164, such as +14155550100, as a sip: URI, or as a template."
    if type_ is NodeType.AGENT and not _has(ways, Happening.TRANSFER_FAILED):
        yield at, "An agentNode that transfers needs an edge with `when` transfer_failed."
    for way in ways:
        if way.when != Happening.TRANSFER_FAILED:
            yield (
                ("edges", way.place, "data"),
                "Only an edge with `when` transfer_failed leads on from a transfer.",
            )


def _sending_faults(
    index: int, type_: NodeType | None, data: dict[str, Any], ways: list[_Way]
) -> Iterator[Fault]:
    at, digits = ("nodes", index, "data", "send_digits"), data["send_digits"]
    if type_ is not None and type_ is not NodeType.AGENT:
        yield at, "Only an agentNode may send digits."
    if data.get("gather") or data.get("transfer"):
        yield at, "A node that sends digits neither transfers the call nor gathers digits."
    if isinstance(digits, str) and "{{" not in digits and not _DIGITS.fullmatch(digits):
        yield (
            at,
            "Digits are up to 64 of 0 to 9, *, #, A to D, and w for half a second of waiting, or a template.",
        )
    if not _has(ways, Happening.DIGITS_SENT):
        yield at, "A node that sends digits needs an edge with `when` digits_sent."
    for way in ways:
        if way.when != Happening.DIGITS_SENT:
            yield (
                ("edges", way.place, "data"),
                "Only an edge with `when` digits_sent leads on from sent digits.",
            )


def _gather_faults(index: int, type_: NodeType | None, gather: object, ways: list[_Way]) -> Iterator[Fault]:
    at = ("nodes", index, "data", "gather")
    finish_on = gather.get("finish_on", "#") if isinstance(gather, dict) else "#"
    if type_ is not None and type_ not in _MAY_GATHER:
        yield at, "Only a startCall or an agentNode node may gather digits."
    if not _has(ways, Happening.DIGITS_GATHERED):
        yield at, "A node that gathers digits needs an edge with `when` digits_gathered."
    for way in ways:
        if way.dtmf and (way.dtmf.isdigit() or way.dtmf == finish_on):
            yield (
                ("edges", way.place, "data", "dtmf"),
                "A node that gathers digits takes this key as one of them: choose * or # where that does not finish.",
            )


def _way_faults(ways: list[_Way], data_by_id: dict[str, dict[str, Any]]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for way in ways:
        if way.when not in _NEEDS or not isinstance(way.source, str) or way.source not in data_by_id:
            continue
        at = ("edges", way.place, "data", "when")
        needed = _NEEDS[Happening(way.when)]
        if not data_by_id[way.source].get(needed):
            yield at, f"This edge must leave a node with `{needed}`."
        if (way.source, way.when) in seen:
            yield at, f"Only one edge of a node may have `when` {way.when}."
        seen.add((way.source, way.when))


def _has(ways: list[_Way], happening: Happening) -> bool:
    return any(way.when == happening for way in ways)
