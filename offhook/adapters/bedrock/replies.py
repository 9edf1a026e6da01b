"""Replies of ConverseStream, as its API reference has them in 2026, in our words."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from offhook.adapters.bedrock.failures import SERVICE
from offhook.models.arguments import arguments_of
from offhook.models.characters import whole
from offhook.models.failures import ModelError, ModelFailure
from offhook.models.joining import Joiner
from offhook.models.requests import (
    ModelEvent,
    ModelUsage,
    Stopped,
    StopReason,
    TextDelta,
    ToolCall,
    Working,
)
from offhook.models.thoughts import Unthought

_REASONS = {
    "tool_use": StopReason.TOOL_USE,
    "max_tokens": StopReason.MAX_TOKENS,
    "model_context_window_exceeded": StopReason.MAX_TOKENS,
    "guardrail_intervened": StopReason.GUARDRAIL,
    "content_filtered": StopReason.REFUSED,
    "malformed_model_output": StopReason.MALFORMED,
    "malformed_tool_use": StopReason.MALFORMED,
}


def events_of(messages: Iterable[dict[str, Any]]) -> Iterator[ModelEvent]:
    """Yield what a reply's messages say; raise ModelError for one that has no end.

    Reasoning is passed over, be it marked as such or written between tags.
    """
    reply = _Reply()
    for message in messages:
        yield from reply.take(message)
    if reply.reason is None:
        raise ModelError(ModelFailure.LOST, service=SERVICE, reason="no end")
    yield Stopped(reason=reply.reason)


class _Reply:
    """A reply on its way; `reason` is there once it is complete."""

    def __init__(self) -> None:
        self.reason: StopReason | None = None
        self._spoken = Unthought()
        self._joined = Joiner()
        self._tool: dict[str, Any] | None = None
        self._arguments = ""

    def take(self, message: dict[str, Any]) -> Iterator[ModelEvent]:
        """Yield what one message says."""
        match message:
            case {"contentBlockStart": {"start": {"toolUse": tool}}}:
                self._tool, self._arguments = tool, ""
                yield Working()
            case {"contentBlockDelta": {"delta": {"toolUse": {"input": piece}}}}:
                self._arguments += piece
                yield Working()
            case {"contentBlockDelta": {"delta": {"text": text}}}:
                yield from _text(self._joined.add(self._spoken.add(whole(text)), time.monotonic()))
            case {"contentBlockStop": _}:
                yield from self._end_block()
            case {"messageStop": {"stopReason": reason}}:
                yield from self._end_block()
                self.reason = _REASONS.get(reason, StopReason.END_TURN)
            case {"metadata": {"usage": usage}}:
                yield _usage(usage)

    def _end_block(self) -> Iterator[ModelEvent]:
        yield from _text(self._joined.add(self._spoken.rest(), time.monotonic()) + self._joined.rest())
        tool, self._tool = self._tool, None
        if tool is not None:
            yield ToolCall(
                name=tool["name"], call_id=tool["toolUseId"], arguments=arguments_of(self._arguments)
            )


def _text(text: str) -> Iterator[TextDelta]:
    if text:
        yield TextDelta(text=text)


def _usage(usage: dict[str, int]) -> ModelUsage:
    return ModelUsage(
        input_tokens=usage.get("inputTokens", 0),
        output_tokens=usage.get("outputTokens", 0),
        cached_tokens=usage.get("cacheReadInputTokens", 0),
        cache_write_tokens=usage.get("cacheWriteInputTokens", 0),
    )
