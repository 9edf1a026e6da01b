"""Replies as endpoints that speak OpenAI's protocol send them: server-sent events, a chunk for each step."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from local.aws.speech.refusals import RefusalError
from local.models.script import Kind
from local.models.steps import BlockClosed, Ended, Opened, Said, Step, ToolOpened, ToolPiece
from offhook.json_types import JsonObject
from offhook.models.requests import StopReason

REFUSALS = {
    Kind.THROTTLED: RefusalError("rate_limit_exceeded", "Rate limit reached for requests.", status=429),
    Kind.UNAVAILABLE: RefusalError(
        "service_unavailable", "The engine is currently overloaded, please try again later.", status=503
    ),
    Kind.INTERNAL: RefusalError(
        "server_error", "The server had an error while processing your request.", status=500
    ),
    Kind.NOT_READY: RefusalError("model_loading", "The model is loading.", status=503),
    Kind.DENIED: RefusalError("invalid_api_key", "Incorrect API key provided.", status=401),
    Kind.INVALID: RefusalError("model_not_found", "The model does not exist.", status=404),
}

_FINISH_REASONS = {
    StopReason.END_TURN: "stop",
    StopReason.TOOL_USE: "tool_calls",
    StopReason.MAX_TOKENS: "length",
    StopReason.GUARDRAIL: "content_filter",
    StopReason.MALFORMED: "error",
    StopReason.REFUSED: "content_filter",
}
_DONE = b"data: [DONE]\n\n"


class ChatCompletion:
    """Writes one reply."""

    content_type = "text/event-stream; charset=utf-8"
    refusals = REFUSALS

    def __init__(self, model: str) -> None:
        self._model = model

    def write(self, step: Step) -> Iterator[bytes]:
        """Yield the events of a step."""
        match step:
            case Opened():
                yield self._delta({"role": "assistant", "content": ""})
            case Said(_, text, True):
                yield self._delta({"reasoning_content": text})
            case Said(_, text):
                yield self._delta({"content": text})
            case ToolOpened(_, number, call_id, name):
                function: JsonObject = {"name": name, "arguments": ""}
                yield self._tool({"index": number, "id": call_id, "type": "function", "function": function})
            case ToolPiece(_, number, piece):
                yield self._tool({"index": number, "function": {"arguments": piece}})
            case BlockClosed():
                pass
            case Ended():
                yield self._delta({}, _FINISH_REASONS[step.reason])
                yield self._chunk({"choices": [], "usage": _usage(step)})
                yield _DONE

    def garbage(self) -> bytes:
        """Return an event that is no JSON."""
        return b'data: {"choices": [{"delta": {"cont\n\n'

    def exception(self, refusal: RefusalError) -> bytes:
        """Return what ends a stream that has begun."""
        return _event(refused(refusal)[0])

    def _tool(self, call: JsonObject) -> bytes:
        return self._delta({"tool_calls": [call]})

    def _delta(self, delta: JsonObject, reason: str | None = None) -> bytes:
        return self._chunk({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})

    def _chunk(self, content: dict[str, Any]) -> bytes:
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": self._model}
        return _event(head | content)


def refused(error: RefusalError) -> tuple[JsonObject, dict[str, str]]:
    """Return the body and the headers of an answer that refuses."""
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    return {"error": {"message": str(error), "type": kind, "code": error.name}}, {}


def _usage(ended: Ended) -> JsonObject:
    usage = ended.usage
    asked = usage.input_tokens + usage.cached_tokens
    return {
        "prompt_tokens": asked,
        "completion_tokens": usage.output_tokens,
        "total_tokens": asked + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def _event(content: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(content).encode() + b"\n\n"
