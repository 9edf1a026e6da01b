"""Replies as ConverseStream sends them: one message of the event stream for each step."""

import json
from collections.abc import Iterator

from local.aws.speech.event_stream import framed, spoil
from local.aws.speech.refusals import RefusalError
from local.models.script import Kind
from local.models.steps import BlockClosed, Ended, Opened, Said, Step, ToolOpened, ToolPiece
from offhook.json_types import JsonObject
from offhook.models.requests import StopReason

REFUSALS = {
    Kind.THROTTLED: RefusalError(
        "ThrottlingException", "Too many requests, please wait before trying again.", status=429
    ),
    Kind.UNAVAILABLE: RefusalError(
        "ServiceUnavailableException", "The service isn't currently available.", status=503
    ),
    Kind.INTERNAL: RefusalError(
        "InternalServerException", "The server had an error. Please try again.", status=500
    ),
    Kind.NOT_READY: RefusalError(
        "ModelNotReadyException", "The model is not ready for inference.", status=429
    ),
    Kind.DENIED: RefusalError(
        "AccessDeniedException", "You don't have access to the model with the specified model ID.", status=403
    ),
    Kind.INVALID: RefusalError(
        "ValidationException", "The provided model identifier is invalid.", status=400
    ),
}

_STOP_REASONS = {
    StopReason.END_TURN: "end_turn",
    StopReason.TOOL_USE: "tool_use",
    StopReason.MAX_TOKENS: "max_tokens",
    StopReason.GUARDRAIL: "guardrail_intervened",
    StopReason.MALFORMED: "malformed_tool_use",
    StopReason.REFUSED: "content_filtered",
}


class ConverseStream:
    """Writes one reply."""

    content_type = "application/vnd.amazon.eventstream"
    refusals = REFUSALS

    def __init__(self, _model: str) -> None:
        """Converse's events do not name the model."""

    def write(self, step: Step) -> Iterator[bytes]:
        """Yield the messages of a step."""
        match step:
            case Opened():
                yield _event("messageStart", {"role": "assistant"})
            case Said(block, text, True):
                yield _delta(block, {"reasoningContent": {"text": text}})
            case Said(block, text):
                yield _delta(block, {"text": text})
            case ToolOpened(block, _, call_id, name):
                start: JsonObject = {"toolUse": {"toolUseId": call_id, "name": name}}
                yield _event("contentBlockStart", {"start": start, "contentBlockIndex": block})
            case ToolPiece(block, _, piece):
                yield _delta(block, {"toolUse": {"input": piece}})
            case BlockClosed(block):
                yield _event("contentBlockStop", {"contentBlockIndex": block})
            case Ended():
                yield _event("messageStop", {"stopReason": _STOP_REASONS[step.reason]})
                yield _event("metadata", _metadata(step))

    def garbage(self) -> bytes:
        """Return a message whose checksum does not fit."""
        return spoil(_delta(0, {"text": "?"}))

    def exception(self, refusal: RefusalError) -> bytes:
        """Return what ends a stream that has begun; its names begin small."""
        name = refusal.name[0].lower() + refusal.name[1:]
        return framed("exception", name, json.dumps({"message": str(refusal)}).encode())


def refused(error: RefusalError) -> tuple[JsonObject, dict[str, str]]:
    """Return the body and the headers of an answer that refuses."""
    return {"message": str(error)}, {"x-amzn-errortype": error.name}


def _delta(block: int, delta: JsonObject) -> bytes:
    return _event("contentBlockDelta", {"delta": delta, "contentBlockIndex": block})


def _metadata(ended: Ended) -> JsonObject:
    usage = ended.usage
    tokens: JsonObject = {
        "inputTokens": usage.input_tokens,
        "outputTokens": usage.output_tokens,
        "totalTokens": usage.input_tokens + usage.output_tokens,
        "cacheReadInputTokens": usage.cached_tokens,
        "cacheWriteInputTokens": usage.cache_write_tokens,
    }
    return {"usage": tokens, "metrics": {"latencyMs": 1}}


def _event(name: str, payload: JsonObject) -> bytes:
    return framed("event", name, json.dumps(payload).encode())
