"""What an agent's nodes ask of tools, documents and agents that the organization has not, or that could not be told from their edges."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from offhook.agents.model import AgentStatus
from offhook.agents.ports import AgentRepository
from offhook.errors import NotFoundError
from offhook.json_types import JsonObject
from offhook.knowledge.ports import KnowledgeRepository
from offhook.tools.model import Tool, ToolCategory, ToolStatus
from offhook.tools.ports import ToolRepository
from offhook.workflows import Handoff, ProblemKind, Step, Workflow, WorkflowProblem, parse_workflow
from offhook.workflows.edges import function_name
from offhook.workflows.validation import MAX_PROBLEMS, bounded

T = TypeVar("T")

_TOOLS, _DOCUMENTS = "tool_uuids", "document_uuids"
_UNKNOWN = "There is no tool {uuid} in your organization: make it, and name the uuid that it is given."
_NO_DOCUMENT = (
    "There is no document {uuid} in your organization: store it, and name the uuid that it is given."
)
_NO_AGENT = "There is no agent {uuid} in your organization: name the uuid of one that there is."
_ARCHIVED_AGENT = "The agent {name} is archived: unarchive it, or name another one."
_ARCHIVED = "The tool {name} is archived: unarchive it, or name another one."
_NAMED_ALIKE = (
    "The tool {name} and the edge {edge} have the same function name: a model could not tell them apart; "
    "give the edge another label."
)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsInWorkflows:
    """Implements ToolCheck."""

    tools: ToolRepository
    documents: KnowledgeRepository
    agents: AgentRepository

    def problems(self, organization_id: str, definition: JsonObject) -> list[WorkflowProblem]:
        return bounded(self._problems(organization_id, parse_workflow(definition)))

    def _problems(self, organization_id: str, workflow: Workflow) -> Iterator[WorkflowProblem]:
        steps = [(index, node) for index, node in enumerate(workflow.nodes) if isinstance(node, Step)]
        offered = _there(partial(self.tools.get_many, organization_id), workflow.tool_uuids)
        tools = {tool.uuid: tool for tool in offered}
        for index, node in steps:
            for place, message in _faults(workflow, node, tools):
                yield _problem(index, node, _TOOLS, place, message)
        yield from self._problems_of_handoff_tools(organization_id, steps, tools)
        documents = _there(partial(self.documents.get_many, organization_id), workflow.document_uuids)
        known = {document.uuid for document in documents}
        for index, node in steps:
            for place, uuid in enumerate(node.data.document_uuids):
                if uuid not in known:
                    yield _problem(index, node, _DOCUMENTS, place, _NO_DOCUMENT.format(uuid=uuid))
        yield from self._problems_of_handoffs(organization_id, steps)

    def _problems_of_handoff_tools(
        self, organization_id: str, steps: Sequence[tuple[int, Step]], tools: Mapping[str, Tool]
    ) -> Iterator[WorkflowProblem]:
        faults = {
            tool.uuid: self._fault_of_agent(organization_id, str(tool.definition.get("agent_uuid")))
            for tool in tools.values()
            if tool.category is ToolCategory.HANDOFF
        }
        for index, node in steps:
            for place, uuid in enumerate(node.data.tool_uuids):
                if (fault := faults.get(uuid)) is not None:
                    yield _problem(index, node, _TOOLS, place, f"This tool hands the call on. {fault}")

    def _problems_of_handoffs(
        self, organization_id: str, steps: Sequence[tuple[int, Step]]
    ) -> Iterator[WorkflowProblem]:
        for index, node in steps:
            if isinstance(node.errand, Handoff):
                uuid = node.errand.agent_uuid
                if (fault := self._fault_of_agent(organization_id, uuid)) is not None:
                    yield _problem(index, node, Handoff.field, None, fault)

    def _fault_of_agent(self, organization_id: str, uuid: str) -> str | None:
        try:
            agent = self.agents.get(organization_id, uuid)
        except NotFoundError:
            return _NO_AGENT.format(uuid=uuid)
        return None if agent.status is AgentStatus.ACTIVE else _ARCHIVED_AGENT.format(name=agent.name)


def _there(read: Callable[[Sequence[str]], Sequence[T]], named: Sequence[str]) -> Iterator[T]:
    """Yield what is there of these; no more are read once more of them are missing than faults are told."""
    missing = 0
    for start in range(0, len(named), _AT_ONCE):
        asked = named[start : start + _AT_ONCE]
        found = read(asked)
        yield from found
        missing += len(asked) - len(found)
        if missing > MAX_PROBLEMS:
            return


def _problem(index: int, node: Step, field: str, place: int | None, message: str) -> WorkflowProblem:
    return WorkflowProblem(
        kind=ProblemKind.NODE,
        id=node.id,
        field=f"data.{field}",
        message=message,
        loc=("nodes", index, "data", field, *(() if place is None else (place,))),
    )


def _faults(workflow: Workflow, node: Step, tools: Mapping[str, Tool]) -> Iterator[tuple[int, str]]:
    edges = {
        function_name(edge.data.label).strip("_"): edge.id for edge in reversed(workflow.edges_from(node.id))
    }
    for place, uuid in enumerate(node.data.tool_uuids):
        tool = tools.get(uuid)
        if tool is None:
            yield place, _UNKNOWN.format(uuid=uuid)
        elif tool.status is not ToolStatus.ACTIVE:
            yield place, _ARCHIVED.format(name=tool.name)
        elif (edge := edges.get(tool.name.lower().strip("_"))) is not None:
            yield place, _NAMED_ALIKE.format(name=tool.name, edge=edge)
