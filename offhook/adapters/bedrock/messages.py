"""Requests in Converse's form, as its API reference has it in 2026."""

from typing import Any

from offhook.models.requests import ModelRequest, ToolOutcome, ToolSpec, ToolUse
from offhook.models.shaping import Turn, facts_of, system_of, tools_of, turns_of

_CACHE_POINT = {"cachePoint": {"type": "default"}}


def conversation(request: ModelRequest, *, caches: bool) -> dict[str, Any]:
    """Return `messages`, `system` and `toolConfig`; what is the same in each turn stands before a cache point."""
    after = [_CACHE_POINT] if caches else []
    facts = facts_of(request)
    system = [{"text": system_of(request)}, *after, *([{"text": facts}] if facts else [])]
    tools = [_tool(tool) for tool in tools_of(request)]
    asked: dict[str, Any] = {"messages": [_message(turn) for turn in turns_of(request)], "system": system}
    return asked | ({"toolConfig": {"tools": [*tools, *after]}} if tools else {})


def _message(turn: Turn) -> dict[str, Any]:
    text = [{"text": turn.text}] if turn.text else []
    if turn.is_users:
        return {"role": "user", "content": [*map(_outcome, turn.outcomes), *text]}
    return {"role": "assistant", "content": [*text, *map(_use, turn.uses)]}


def _use(use: ToolUse) -> dict[str, Any]:
    return {"toolUse": {"toolUseId": use.call_id, "name": use.name, "input": use.arguments}}


def _outcome(outcome: ToolOutcome) -> dict[str, Any]:
    result = {"toolUseId": outcome.call_id, "content": [{"text": outcome.text}]}
    return {"toolResult": result | ({"status": "error"} if outcome.is_error else {})}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    schema = {"json": tool.parameters}
    return {"toolSpec": {"name": tool.name, "description": tool.description, "inputSchema": schema}}
