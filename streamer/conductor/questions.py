"""What the call wants asked, as requests to language models."""

from offhook.models.requests import ModelRequest
from streamer.call.commands import AskModel, Extract
from streamer.call.extraction import TOOL_NAME, extraction_tool

# Values are short; a reply has to be no sentence.
_MOST_VALUE_TOKENS = 1_000


def reply_request(ask: AskModel) -> ModelRequest:
    """Return the request for the agent's next words."""
    return ModelRequest(system=ask.system, facts=ask.facts, lines=ask.lines, tools=ask.tools)


def extraction_request(order: Extract) -> ModelRequest:
    """Return the request for the values that a node gathers."""
    return ModelRequest(
        system=order.system,
        lines=order.lines,
        tools=(extraction_tool(order.variables),),
        must_call=TOOL_NAME,
        max_tokens=_MOST_VALUE_TOKENS,
    )
