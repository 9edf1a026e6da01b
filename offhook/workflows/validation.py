"""What a workflow definition must hold: every fault of its form and of its graph, all of them at once."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from typing import Any

from pydantic import TypeAdapter, ValidationError

from offhook.documents import sentence
from offhook.errors import FieldProblem, InvalidInputError
from offhook.json_types import JsonObject
from offhook.workflows.bare import Fault, bare_pieces
from offhook.workflows.definition import Edge, Workflow
from offhook.workflows.edges import edge_faults, when_faults
from offhook.workflows.graph import errand_faults, graph_faults, node_faults
from offhook.workflows.nodes import AnyNode, Node
from offhook.workflows.reaching import unreached, untakeable, warnings

MAX_DEFINITION_BYTES = 256 * 1024
MAX_PROBLEMS = 50
"""How many faults are told, the last of them that there are more; with more nobody mends a workflow by hand."""

_NODE: TypeAdapter[Node] = TypeAdapter(AnyNode)
_EDGE = TypeAdapter(Edge)
_NAME_OF_KEY = {"nodes": "node", "edges": "edge"}


class ProblemKind(StrEnum):
    """What a fault is a fault of."""

    NODE = "node"
    EDGE = "edge"
    WORKFLOW = "workflow"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowProblem:
    """One fault of a workflow: of the node or edge `id`, in its `field` such as `data.prompt`; `loc` is the whole path."""

    kind: ProblemKind
    id: str | None
    field: str | None
    message: str
    loc: tuple[str | int, ...]


def parse_workflow(document: JsonObject) -> Workflow:
    """Read a workflow definition; raise InvalidInputError `invalid-workflow` with every fault."""
    try:
        workflow = Workflow.model_validate(document)
    except ValidationError:
        raise invalid_workflow(bounded(_problems(document))) from None
    problems = bounded(_problems_of_rules(document))
    if problems:
        raise invalid_workflow(problems)
    return workflow


def workflow_problems(document: JsonObject) -> list[WorkflowProblem]:
    """Return the faults of a definition that somebody wants to store; of one that is too large, only that."""
    size_bytes = len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
    if size_bytes > MAX_DEFINITION_BYTES:
        return [
            _of_workflow(f"A definition has {MAX_DEFINITION_BYTES} bytes of JSON at most, not {size_bytes}.")
        ]
    try:
        Workflow.model_validate(document)
    except ValidationError:
        return bounded(_problems(document))
    nodes, edges = bare_pieces(document)
    problems = bounded(chain(_problems_of_rules(document), _told(document, untakeable(nodes, edges))))
    # What another fault keeps from being reached is mended with it.
    return problems or bounded(_told(document, unreached(nodes)))


def workflow_warnings(document: JsonObject) -> list[WorkflowProblem]:
    """Return what works in a definition without faults, and perhaps not as its author thinks."""
    return bounded(_told(document, warnings(*bare_pieces(document))))


def invalid_workflow(problems: list[WorkflowProblem]) -> InvalidInputError:
    """Return the error that tells of these faults."""
    first, more = problems[0].message, len(problems) - 1
    return InvalidInputError(
        f"The workflow definition has faults: {first}{f' ({more} more in errors)' if more else ''}",
        problems=[FieldProblem(loc=each.loc, msg=each.message, members=_members(each)) for each in problems],
        code="invalid-workflow",
    )


def bounded(problems: Iterable[WorkflowProblem]) -> list[WorkflowProblem]:
    """Return the first faults, and look for no more of them than are told."""
    found = list(islice(problems, MAX_PROBLEMS + 1))
    if len(found) > MAX_PROBLEMS:
        found[MAX_PROBLEMS - 1 :] = [_of_workflow("There are more faults: mend these first.")]
    return found


def _members(problem: WorkflowProblem) -> dict[str, str | None]:
    return {name: getattr(problem, name) for name in ("kind", "id", "field", "message")}


def _problems(document: Any) -> Iterator[WorkflowProblem]:
    """Yield the faults of a document whose form is broken: piece by piece, so that none hides another's."""
    if not isinstance(document, dict):
        yield _of_workflow("A workflow definition is an object with `nodes` and `edges`.")
        return
    for key in ("nodes", "edges"):
        if not isinstance(document.get(key), list) and (key == "nodes" or document.get(key) is not None):
            yield _of_workflow(f"`{key}` must be a list.", key)
    for key, form in (("nodes", _NODE), ("edges", _EDGE)):
        pieces = document.get(key)
        for index, piece in enumerate(pieces if isinstance(pieces, list) else []):
            for loc, message in _form_faults(form, piece):
                yield _about(document, (key, index, *loc), message)
    yield from _problems_of_rules(document)


def _form_faults(form: TypeAdapter[Any], piece: object) -> Iterator[Fault]:
    try:
        form.validate_python(piece)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            yield found["loc"], sentence(found)


def _problems_of_rules(document: Any) -> Iterator[WorkflowProblem]:
    nodes, edges = bare_pieces(document)
    yield from _told(document, node_faults(nodes))
    yield from _told(document, edge_faults(edges))
    yield from _told(document, graph_faults(document, nodes, edges))
    yield from _told(document, errand_faults(nodes))
    yield from _told(document, when_faults(nodes, edges))


def _told(document: Any, faults: Iterable[Fault]) -> Iterator[WorkflowProblem]:
    return (_about(document, loc, message) for loc, message in faults)


def _about(document: dict[str, Any], loc: tuple[str | int, ...], message: str) -> WorkflowProblem:
    if len(loc) < 2:
        return _of_workflow(message, *loc)
    piece = document[str(loc[0])][loc[1]]
    named = piece.get("id") if isinstance(piece, dict) else None
    return WorkflowProblem(
        kind=ProblemKind(_NAME_OF_KEY[str(loc[0])]),
        id=named if isinstance(named, str) else None,
        field=".".join(str(part) for part in loc[2:]) or None,
        message=message,
        loc=loc,
    )


def _of_workflow(message: str, *loc: str | int) -> WorkflowProblem:
    field = ".".join(str(part) for part in loc) or None
    return WorkflowProblem(kind=ProblemKind.WORKFLOW, id=None, field=field, message=message, loc=loc)
