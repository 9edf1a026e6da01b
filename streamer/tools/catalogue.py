"""Which tools each node of a call's workflow offers, and who carries them out."""

import asyncio
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from hashlib import sha256
from math import ceil

from offhook.errors import InvalidInputError
from offhook.knowledge.model import KnowledgeDocument
from offhook.runs.ports import Courier
from offhook.tools.definitions import stored_definition
from offhook.tools.forms import (
    CalculatorDefinition,
    EndCallDefinition,
    HandoffDefinition,
    HttpApiDefinition,
    McpDefinition,
    ScheduleCallbackDefinition,
    ToolDefinition,
    TransferCallDefinition,
)
from offhook.tools.functions import arguments_schema
from offhook.tools.model import Tool, ToolStatus
from offhook.tools.presenting import Wallet
from offhook.workflows import Step, Workflow
from streamer.call.offered_tools import OfferedTool, ToolKind
from streamer.tools.calculator import Calculator
from streamer.tools.call_back import CallBack
from streamer.tools.discovering import Discovery
from streamer.tools.document_search import NAME as SEARCH
from streamer.tools.document_search import DocumentSearch, missing
from streamer.tools.fair_threads import FairThreads
from streamer.tools.http_tool import HttpTool, Presented
from streamer.tools.knowledge import Library
from streamer.tools.mcp_tools import McpTool, RemoteFunction
from streamer.tools.ports import Function
from streamer.tools.runner import FunctionRunner

logger = logging.getLogger(__name__)

_MOST_NAME_CHARACTERS = 64
"""Of a function: what Bedrock and OpenAI take."""

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]")
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsOfCall:
    """The tools that each node offers, by the node's id, and who carries them out.

    `missing` are the UUIDs of those that can't be offered: gone, archived, or of a server that does not answer; and of documents
    that are gone.
    """

    offered: Mapping[str, tuple[OfferedTool, ...]] = field(default_factory=dict)
    runner: FunctionRunner = field(default_factory=lambda: FunctionRunner({}))
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A function as it is offered, and what carries it out; None: the call itself does. `names`: a node's filter knows it so."""

    tool: OfferedTool
    function: Function | None = None
    names: frozenset[str] = frozenset()


class Catalogue:
    """Finds the tools of calls; one for all calls of a process."""

    def __init__(self, *, courier: Courier, wallet: Wallet, library: Library) -> None:
        self._courier = courier
        self._library = library
        self._wallet = wallet
        self._threads = FairThreads("tools")
        self._discovery = Discovery(courier, self._threads)

    def close(self) -> None:
        """Take no more calls of tools."""
        self._threads.close()
        self._library.close()

    async def of(
        self,
        organization_id: str,
        workflow: Workflow,
        tools: Sequence[Tool],
        documents: Sequence[KnowledgeDocument] = (),
        *,
        language: str = "en-US",
    ) -> ToolsOfCall:
        """Return what the nodes of a workflow offer of their organization's tools and documents."""
        search = DocumentSearch(self._library, workflow, documents, language)
        active = {tool.uuid: tool for tool in tools if tool.status is ToolStatus.ACTIVE}
        steps = [node for node in workflow.nodes if isinstance(node, Step)]
        named = workflow.tool_uuids
        # A credential is opened when the first tool presents it, and once for a call.
        presented = cache(partial(self._wallet.headers, organization_id))
        async with asyncio.TaskGroup() as tasks:
            finding = {
                uuid: tasks.create_task(self._entries(active[uuid], presented))
                for uuid in named
                if uuid in active
            }
        found = dict(_told_apart({uuid: task.result() for uuid, task in finding.items()}))
        entries = {entry.tool.name: entry for each in found.values() for entry in each}
        return ToolsOfCall(
            offered={
                node.id: (*_offered_by(node, found), *search.offered.get(node.id, ())) for node in steps
            },
            runner=FunctionRunner(
                {name: entry.function for name, entry in entries.items() if entry.function is not None}
                | {SEARCH: search}
            ),
            missing=(*(uuid for uuid in named if not found.get(uuid)), *missing(workflow, documents)),
        )

    async def _entries(self, tool: Tool, presented: Presented) -> tuple[_Entry, ...]:
        """Return the functions of a tool; none of one that can't be used."""
        try:
            definition = stored_definition(tool)
        except InvalidInputError:
            # Stored by a release that knew another form of it.
            logger.warning("tool not readable", extra={"tool_uuid": tool.uuid})
            return ()
        if isinstance(definition, McpDefinition):
            functions = await self._discovery.functions(tool, definition, presented)
            return tuple(self._remote_entries(tool, definition, functions or (), presented))
        return (
            _Entry(tool=_offered(tool, definition), function=self._function(tool, definition, presented)),
        )

    def _function(self, tool: Tool, definition: ToolDefinition, presented: Presented) -> Function | None:
        match definition:
            case HttpApiDefinition():
                return HttpTool(
                    definition=definition,
                    organization_id=tool.organization_id,
                    courier=self._courier,
                    presented=presented,
                    threads=self._threads,
                )
            case CalculatorDefinition():
                return Calculator()
            case ScheduleCallbackDefinition():
                return CallBack()
            case _:
                return None

    def _remote_entries(
        self,
        tool: Tool,
        definition: McpDefinition,
        functions: Sequence[RemoteFunction],
        presented: Presented,
    ) -> Iterator[_Entry]:
        for function in functions:
            name = _function_name(tool, function)
            yield _Entry(
                tool=OfferedTool(
                    uuid=tool.uuid,
                    name=name,
                    description=function.description or tool.description,
                    parameters=function.parameters,
                    message=definition.message,
                    timeout_seconds=ceil(definition.timeout_ms / 1000),
                    is_idempotent=function.is_repeatable,
                ),
                function=McpTool(
                    definition=definition,
                    function=function,
                    organization_id=tool.organization_id,
                    courier=self._courier,
                    presented=presented,
                    threads=self._threads,
                ),
                names=frozenset({function.name, name}),
            )


def _offered_by(node: Step, found: Mapping[str, Sequence[_Entry]]) -> Iterator[OfferedTool]:
    for uuid in dict.fromkeys(node.data.tool_uuids):
        wanted = node.data.mcp_tool_filters.get(uuid)
        for entry in found.get(uuid, ()):
            if wanted is None or not entry.names or not entry.names.isdisjoint(wanted):
                yield entry.tool


def _told_apart(found: Mapping[str, Sequence[_Entry]]) -> Iterator[tuple[str, Sequence[_Entry]]]:
    """Yield the tools' functions, no two of one name: servers called "crm_1" and "crm-1" would share theirs."""
    taken: set[str] = set()
    for uuid, entries in found.items():
        is_taken = not taken.isdisjoint(entry.tool.name for entry in entries)
        apart = (
            [_renamed(entry, _ending(entry.tool.name, uuid)) for entry in entries] if is_taken else entries
        )
        taken.update(entry.tool.name for entry in apart)
        yield uuid, apart


def _renamed(entry: _Entry, name: str) -> _Entry:
    return replace(entry, tool=replace(entry.tool, name=name))


def _offered(tool: Tool, definition: ToolDefinition) -> OfferedTool:
    whole = OfferedTool(
        uuid=tool.uuid,
        name=tool.name,
        description=tool.description,
        parameters=arguments_schema(definition),
        message="" if isinstance(definition, CalculatorDefinition) else definition.message,
    )
    match definition:
        case HttpApiDefinition():
            return replace(
                whole,
                timeout_seconds=ceil(definition.timeout_ms / 1000),
                is_idempotent=definition.idempotent,
            )
        case ScheduleCallbackDefinition():
            return replace(whole, is_idempotent=True, call_back_zone=definition.time_zone)
        case EndCallDefinition():
            return replace(whole, kind=ToolKind.END_CALL)
        case TransferCallDefinition():
            return replace(
                whole,
                kind=ToolKind.TRANSFER,
                destination=definition.destination,
                timeout_seconds=definition.timeout_seconds,
            )
        case HandoffDefinition():
            return replace(whole, kind=ToolKind.HANDOFF, destination=definition.agent_uuid)
        case _:
            return replace(whole, is_idempotent=True)


def _function_name(tool: Tool, function: RemoteFunction) -> str:
    """Name a server's tool as Dograh does, `mcp__crm__find`; what no model takes so gets a name that is still its own."""
    slug = _NOT_IN_A_SLUG.sub("_", tool.name.lower()).strip("_")
    whole = f"mcp__{slug}__{function.name}"
    name = _NOT_IN_A_NAME.sub("_", whole)[:_MOST_NAME_CHARACTERS]
    if name == whole:
        return name
    return _ending(name, whole)


def _ending(name: str, whole: str) -> str:
    """Return the name with an ending that tells it from others that were cut or written alike."""
    digest = sha256(whole.encode()).hexdigest()[:8]
    return f"{name[: _MOST_NAME_CHARACTERS - 9]}_{digest}"
