"""What an agent's nodes ask of tools and documents that the organization has not, or that could not be told from their edges."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from offhook.json_types import JsonObject
from offhook.knowledge.ports import KnowledgeRepository
from offhook.tools.model import Tool, ToolStatus
from offhook.tools.ports import ToolRepository
from offhook.workflows import ProblemKind, Step, Workflow, WorkflowProblem, parse_workflow
from offhook.workflows.edges import function_name

_TOOLS, _DOCUMENTS = "tool_uuids", "document_uuids"
_UNKNOWN = "There is no tool {uuid} in your organization: make it, and name the uuid that it is given."
_NO_DOCUMENT = (
    "There is no document {uuid} in your organization: store it, and name the uuid that it is given."
)
_ARCHIVED = "The tool {name} is archived: unarchive it, or name another one."
_NAMED_ALIKE = (
    "The tool {name} and the edge {edge} have the same function name: a model could not tell them apart; "
    "give the edge another label."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsInWorkflows:
    """Implements ToolCheck."""

    tools: ToolRepository
    documents: KnowledgeRepository

    def problems(self, organization_id: str, definition: JsonObject) -> list[WorkflowProblem]:
        workflow = parse_workflow(definition)
        steps = [(index, node) for index, node in enumerate(workflow.nodes) if isinstance(node, Step)]
        found: list[WorkflowProblem] = []
        if any(node.data.tool_uuids for _, node in steps):
            tools = {tool.uuid: tool for tool in self.tools.list(organization_id)}
            found += [
                _problem(index, node, _TOOLS, place, message)
                for index, node in steps
                for place, message in _faults(workflow, node, tools)
            ]
        if any(node.data.document_uuids for _, node in steps):
            known = {document.uuid for document in self.documents.list(organization_id)}
            found += [
                _problem(index, node, _DOCUMENTS, place, _NO_DOCUMENT.format(uuid=uuid))
                for index, node in steps
                for place, uuid in enumerate(node.data.document_uuids)
                if uuid not in known
            ]
        return found


def _problem(index: int, node: Step, field: str, place: int, message: str) -> WorkflowProblem:
    return WorkflowProblem(
        kind=ProblemKind.NODE,
        id=node.id,
        field=f"data.{field}",
        message=message,
        loc=("nodes", index, "data", field, place),
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
