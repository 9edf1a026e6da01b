"""The function by which a model looks things up in the documents of the node that the call stands in."""

from collections.abc import Sequence

from offhook.errors import InvalidInputError
from offhook.json_types import JsonObject
from offhook.knowledge.model import KnowledgeDocument
from offhook.workflows import Step, Workflow
from streamer.call.offered_tools import OfferedTool
from streamer.tools.knowledge import MAX_QUERY_CHARACTERS, Library, Lookup
from streamer.tools.ports import Answer, ToolContext

NAME = "search_documents"

_NAMES_CHARACTERS = 500
_PARAMETERS: JsonObject = {
    "type": "object",
    "properties": {
        "query": {
            "type": "string",
            "maxLength": MAX_QUERY_CHARACTERS,
            "description": "What to look for, in a few words of the language of the documents.",
        }
    },
    "required": ["query"],
    "additionalProperties": False,
}


class DocumentSearch:
    """Implements Function for all nodes of a workflow; `offered` has the one tool of each node that names documents."""

    def __init__(
        self, library: Library, workflow: Workflow, documents: Sequence[KnowledgeDocument], language: str
    ) -> None:
        by_uuid = {document.uuid: document for document in documents}
        self.offered: dict[str, tuple[OfferedTool]] = {}
        self._lookups: dict[str, Lookup] = {}
        for node in workflow.nodes:
            named = node.data.document_uuids if isinstance(node, Step) else ()
            found = [by_uuid[uuid] for uuid in dict.fromkeys(named) if uuid in by_uuid]
            if found:
                tool = _offered(node.id, found)
                self.offered[node.id] = (tool,)
                self._lookups[tool.uuid] = library.open(found, language)

    async def call(self, arguments: JsonObject, context: ToolContext) -> Answer:
        query = arguments.get("query")
        if not isinstance(query, str) or not query.strip():
            raise InvalidInputError("Say in `query` what to look for.")
        return Answer(text=await self._lookups[context.tool.uuid].search(query))


def missing(workflow: Workflow, documents: Sequence[KnowledgeDocument]) -> tuple[str, ...]:
    """Return the UUIDs of documents that the workflow names and that are not there any more."""
    known = {document.uuid for document in documents}
    return tuple(uuid for uuid in workflow.document_uuids if uuid not in known)


def _offered(node_id: str, documents: Sequence[KnowledgeDocument]) -> OfferedTool:
    names = "; ".join(document.name for document in documents)[:_NAMES_CHARACTERS]
    return OfferedTool(
        uuid=f"documents of {node_id}",
        name=NAME,
        description=f"Looks something up in the documents: {names}. Use it before you answer what they may tell.",
        parameters=_PARAMETERS,
        is_idempotent=True,
    )
