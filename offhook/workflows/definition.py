"""The workflow document: nodes and edges as clients send them, read once into immutable values.

`offhook.workflows.validation` says what a document must hold beyond this form.
"""

from functools import cached_property
from typing import Annotated

from pydantic import FailFast, Field

from offhook.vocabulary import Happening
from offhook.workflows.errands import Capture
from offhook.workflows.nodes import AnyNode, GlobalNode, Node, StartNode, Step
from offhook.workflows.piece import Piece, Wording


class EdgeData(Piece):
    """When an edge is taken: `condition` for a model; `phrases`, `dtmf` and `when`, ours, without one."""

    label: str = ""
    condition: str = ""
    transition_speech: str = ""
    phrases: tuple[Wording, ...] = ()
    dtmf: str = ""
    when: Happening | None = None


class Edge(Piece):
    """One possible way on from a node."""

    id: str = Field(min_length=1, max_length=64)
    source: str
    target: str
    data: EdgeData = EdgeData()


class Workflow(Piece):
    """The graph that an agent follows."""

    # Whoever wants to know all faults looks at each piece by itself.
    nodes: Annotated[tuple[AnyNode, ...], FailFast()]
    edges: Annotated[tuple[Edge, ...], FailFast()] = ()

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _edges_by_source(self) -> dict[str, tuple[Edge, ...]]:
        ways: dict[str, list[Edge]] = {}
        for edge in self.edges:
            ways.setdefault(edge.source, []).append(edge)
        return {source: tuple(edges) for source, edges in ways.items()}

    @property
    def start(self) -> StartNode:
        """The node that every call begins in."""
        return next(node for node in self.nodes if isinstance(node, StartNode))

    @property
    def global_prompt(self) -> str:
        """The text that goes before the prompts of all nodes that want it."""
        return next((node.data.prompt for node in self.nodes if isinstance(node, GlobalNode)), "")

    @property
    def goes_by_words(self) -> bool:
        """Whether anything in it depends on what callers say; where nothing does, they have keys alone."""
        return any(_is_taken_by_words(edge) for edge in self.edges) or any(
            bool(node.data.prompt or node.data.extraction_variables or isinstance(node.errand, Capture))
            for node in self.nodes
            if isinstance(node, Step)
        )

    @property
    def tool_uuids(self) -> tuple[str, ...]:
        """The tools that its nodes offer, each once."""
        steps = (node for node in self.nodes if isinstance(node, Step))
        return tuple(dict.fromkeys(uuid for node in steps for uuid in node.data.tool_uuids))

    @property
    def document_uuids(self) -> tuple[str, ...]:
        """The documents that its nodes name, each once."""
        steps = (node for node in self.nodes if isinstance(node, Step))
        return tuple(dict.fromkeys(uuid for node in steps for uuid in node.data.document_uuids))

    def greeting_with(self, words: str) -> "Workflow":
        """Return the same workflow with other first words."""
        start = self.start
        data = start.data.model_copy(update={"say": words})
        greeted = start.model_copy(update={"data": data})
        # Not a copy, which would bring along what this one has worked out of its nodes.
        return Workflow.model_construct(
            nodes=tuple(greeted if node is start else node for node in self.nodes), edges=self.edges
        )

    @property
    def asks_models(self) -> bool:
        """Whether a language model may be asked what to say in it."""
        return any(bool(node.data.prompt) for node in self.nodes if isinstance(node, Step))

    def node(self, node_id: str) -> Node:
        """Return the node; raise KeyError."""
        return self._by_id[node_id]

    def step(self, node_id: str) -> Step:
        """Return the node that a call can stand in; raise KeyError for what is none."""
        node = self._by_id[node_id]
        if not isinstance(node, Step):
            raise KeyError(node_id)
        return node

    def edge_when(self, node_id: str, happening: Happening) -> Edge | None:
        """Return the way on from a node that is taken when this happens."""
        return next((edge for edge in self.edges_from(node_id) if edge.data.when is happening), None)

    def edges_from(self, node_id: str) -> tuple[Edge, ...]:
        """Return the ways on from a node, in the order of the document."""
        return self._edges_by_source.get(node_id, ())


def _is_taken_by_words(edge: Edge) -> bool:
    data = edge.data
    return bool(data.phrases) or not (data.dtmf or data.when)
