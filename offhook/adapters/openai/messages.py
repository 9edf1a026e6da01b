"""Requests in the form of OpenAI's chat completions, of which no endpoint refuses a part."""

import json
from collections.abc import Iterator
from typing import Any

from offhook.models.requests import ModelRequest, ToolSpec, ToolUse
from offhook.models.shaping import Turn, facts_of, system_of, tools_of, turns_of


def conversation(request: ModelRequest) -> dict[str, Any]:
    """Return `messages` and `tools`.

    There is one system message, since most chat templates know no other; it begins with what is the same in each turn,
    which endpoints cache by themselves.
    """
    system = "\n\n".join(filter(None, (system_of(request), facts_of(request))))
    turns = [message for turn in turns_of(request) for message in _messages(turn)]
    asked: dict[str, Any] = {"messages": [{"role": "system", "content": system}, *turns]}
    tools = [_tool(tool) for tool in tools_of(request)]
    return asked | ({"tools": tools} if tools else {})


def _messages(turn: Turn) -> Iterator[dict[str, Any]]:
    if not turn.is_users:
        message = {"role": "assistant", "content": turn.text or None}
        yield message | ({"tool_calls": [*map(_use, turn.uses)]} if turn.uses else {})
        return
    for outcome in turn.outcomes:
        yield {"role": "tool", "tool_call_id": outcome.call_id, "content": outcome.text}
    if turn.text:
        yield {"role": "user", "content": turn.text}


def _use(use: ToolUse) -> dict[str, Any]:
    function = {"name": use.name, "arguments": json.dumps(use.arguments)}
    return {"id": use.call_id, "type": "function", "function": function}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}
