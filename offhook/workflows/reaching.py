"""Whether a workflow can work at all: what its callers can reach, what they can say, and where it goes round without them.

These rules hold for what is saved. A version that was stored before them is still followed.
"""

from collections.abc import Iterator, Mapping, Sequence

from offhook.vocabulary import Happening
from offhook.workflows.bare import Bare, Fault
from offhook.workflows.nodes import StartNode, kind_of
from offhook.workflows.phrases import PLACEHOLDER, words_of

_WITHOUT_THE_CALLER = frozenset({Happening.TRANSFER_FAILED, Happening.DIGITS_SENT, Happening.HANDOFF_FAILED})
# Fields of Dograh's editor that this version keeps and does nothing with.
_WITHOUT_EFFECT: Mapping[str, str] = {
    "greeting_recording_id": "recorded greetings are not played: write the words into `greeting`",
    "delayed_start": "the agent greets at once",
    "qa_provider": "the model that the agent talks with judges",
    "qa_model": "the model that the agent talks with judges",
    "qa_endpoint": "the model that the agent talks with judges",
    "qa_api_key": "take it out, for whoever may read the agent can read it",
}


def untakeable(nodes: Sequence[Bare], edges: Sequence[Bare]) -> Iterator[Fault]:
    """Yield the edges that nobody can take."""
    yield from _same_keys(edges)
    yield from _phrases_of_nobody(nodes, edges)


def unreached(nodes: Sequence[Bare]) -> Iterator[Fault]:
    """Yield the nodes that no way from the start leads to, and that no end is among those it leads to."""
    by_id = {node.named("id"): node for node in nodes}
    starts = [node for node in nodes if kind_of(node.piece) is StartNode]
    if len(starts) != 1:
        return  # A fault that is told elsewhere.
    reached = {starts[0].named("id")}
    todo = list(starts)
    while todo:
        for way in todo.pop().ways:
            target = way.named("target")
            if target in by_id and target not in reached:
                reached.add(target)
                todo.append(by_id[target])
    led_to = {way.named("target") for node in nodes for way in node.ways}
    ends = [node for node in nodes if _ends_call(node)]
    for node in nodes:
        # A node without any way in has been told of already.
        if node.named("id") in led_to - reached:
            yield ("nodes", node.index), "No way from the start leads to this node."
    if ends and not any(end.named("id") in reached for end in ends):
        yield ("nodes",), "No way from the start leads to an endCall node."


def warnings(nodes: Sequence[Bare], edges: Sequence[Bare]) -> Iterator[Fault]:
    """Yield what works, and perhaps not as its author thinks."""
    for node in nodes:
        data = node.data or {}
        kind = kind_of(node.piece)
        if kind is not None:
            yield from kind.hints(node)
        for field, meaning in _WITHOUT_EFFECT.items():
            if data.get(field):
                yield node.at(field), f"This has no effect: {meaning}."
        if data.get("greeting_type") == "audio":
            yield node.at("greeting_type"), "This has no effect: the greeting is always spoken from its text."
    if nodes and not any(_ends_call(node) for node in nodes):
        yield ("nodes",), "There is no endCall node: only the caller, or the longest duration, ends a call."
    yield from _circles(edges)


def _ends_call(node: Bare) -> bool:
    kind = kind_of(node.piece)
    return kind is not None and kind.ends_call


def _same_keys(edges: Sequence[Bare]) -> Iterator[Fault]:
    taken: set[tuple[str | None, str]] = set()
    for edge in edges:
        key = edge.text("dtmf")
        if key and (edge.named("source"), key) in taken:
            yield (
                edge.at("dtmf"),
                f"Another edge of this node has the key {key}: only the first would be taken.",
            )
        taken.add((edge.named("source"), key))


def _phrases_of_nobody(nodes: Sequence[Bare], edges: Sequence[Bare]) -> Iterator[Fault]:
    gathered = {node.named("id"): set(_variables_with_values(node)) for node in nodes}
    for edge in edges:
        known = gathered.get(edge.named("source"), set())
        for index, phrase in enumerate(edge.listed("phrases")):
            if not isinstance(phrase, str) or not phrase.strip():
                continue
            place = (*edge.at("phrases"), index)
            missing = [name for name in dict.fromkeys(PLACEHOLDER.findall(phrase)) if name not in known]
            if missing:
                yield place, f"The node gathers no variable {missing[0]} with `values` that could stand here."
            elif not words_of(PLACEHOLDER.sub("x", phrase)):
                yield place, "This phrase has no word that anybody could say."


def _variables_with_values(node: Bare) -> Iterator[str]:
    for variable in node.listed("extraction_variables"):
        if isinstance(variable, dict) and isinstance(variable.get("name"), str) and variable.get("values"):
            yield variable["name"]


def _circles(edges: Sequence[Bare]) -> Iterator[Fault]:
    """Yield the edges that close a circle which needs no caller: each node has one such way on at most."""
    onward: dict[str, Bare] = {}
    for edge in edges:
        source = edge.named("source")
        if source is not None and edge.text("when") in _WITHOUT_THE_CALLER:
            onward.setdefault(source, edge)
    done: set[str] = set()
    for start in onward:
        path: dict[str, Bare] = {}
        at: str | None = start
        while at in onward and at not in done and at not in path:
            path[at] = onward[at]
            at = onward[at].named("target")
        if at is not None and at in path:
            message = "This way leads in a circle that needs no caller: it is taken 20 times at most, then the call ends."
            yield onward[at].at("when"), message
        done |= path.keys()
