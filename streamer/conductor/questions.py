"""What the call wants asked, in the words of language models."""

from collections.abc import Sequence
from typing import assert_never

from offhook.models.requests import ChatLine, Line, ModelRequest, ToolOutcome, ToolSpec, ToolUse
from streamer.call.commands import AskModel, Extract, ModelLine, ModelToolOutcome, ModelToolUse, TalkLine
from streamer.call.extraction import TOOL_NAME, extraction_tool

# Values are short; a reply has to be no sentence.
_MOST_VALUE_TOKENS = 1_000


def reply_request(ask: AskModel) -> ModelRequest:
    """Return the request for the agent's next words."""
    return ModelRequest(
        system=ask.system,
        facts=ask.facts,
        lines=_lines(ask.lines),
        tools=tuple(
            ToolSpec(name=tool.name, description=tool.description, parameters=tool.parameters)
            for tool in ask.tools
        ),
    )


def extraction_request(order: Extract) -> ModelRequest:
    """Return the request for the values that a node gathers."""
    tool = extraction_tool(order.variables)
    return ModelRequest(
        system=order.system,
        lines=_lines(order.lines),
        tools=(ToolSpec(name=tool.name, description=tool.description, parameters=tool.parameters),),
        must_call=TOOL_NAME,
        max_tokens=_MOST_VALUE_TOKENS,
    )


def _lines(lines: Sequence[TalkLine]) -> tuple[Line, ...]:
    return tuple(map(_line, lines))


def _line(line: TalkLine) -> Line:
    match line:
        case ModelLine():
            return ChatLine(role="user" if line.from_caller else "assistant", text=line.text)
        case ModelToolUse():
            return ToolUse(call_id=line.call_id, name=line.tool, arguments=line.arguments)
        case ModelToolOutcome():
            return ToolOutcome(call_id=line.call_id, text=line.text, is_error=line.is_error)
        case _:
            assert_never(line)
