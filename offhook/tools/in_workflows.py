"""What an agent's nodes ask of tools that the organization has not, or that could not be told from their edges."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from offhook.json_types import JsonObject
from offhook.tools.model import Tool, ToolStatus
from offhook.tools.ports import ToolRepository
from offhook.workflows import ProblemKind, Step, Workflow, WorkflowProblem, parse_workflow
from offhook.workflows.edges import function_name

_FIELD = "data.tool_uuids"
_UNKNOWN = "There is no tool {uuid} in your organization: make it, and name the uuid that it is given."
_ARCHIVED = "The tool {name} is archived: unarchive it, or name another one."
_NAMED_ALIKE = (
    "The tool {name} and the edge {edge} have the same function name: a model could not tell them apart; "
    "give the edge another label."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsInWorkflows:
    """Implements ToolCheck."""

    tools: ToolRepository

    def problems(self, organization_id: str, definition: JsonObject) -> list[WorkflowProblem]:
        workflow = parse_workflow(definition)
        if not any(node.data.tool_uuids for node in workflow.nodes if isinstance(node, Step)):
            return []
        by_uuid = {tool.uuid: tool for tool in self.tools.list(organization_id)}
        return [
            WorkflowProblem(
                kind=ProblemKind.NODE,
                id=node.id,
                field=_FIELD,
                message=message,
                loc=("nodes", index, *_FIELD.split("."), place),
            )
            for index, node in enumerate(workflow.nodes)
            if isinstance(node, Step)
            for place, message in _faults(workflow, node, by_uuid)
        ]


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
