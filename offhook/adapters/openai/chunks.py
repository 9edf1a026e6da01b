"""Replies of chat completions, chunk by chunk, in our words; endpoints leave out much of what OpenAI's have."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from offhook.adapters.openai.refusals import SERVICE, failure_in
from offhook.json_types import JsonObject, JsonValue
from offhook.models.arguments import arguments_of
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
    "length": StopReason.MAX_TOKENS,
    "content_filter": StopReason.GUARDRAIL,
    "error": StopReason.MALFORMED,
}
_MOST_CALLS = 64
_MOST_ARGUMENTS = 100_000


@dataclass(slots=True, kw_only=True)
class _Call:
    index: JsonValue
    call_id: str
    name: str
    arguments: str | JsonObject = ""


class Chunks:
    """A reply on its way; `has_ended` says that why it ended was told."""

    def __init__(self) -> None:
        self._spoken = Unthought()
        self._joined = Joiner()
        self._calls: list[_Call] = []
        self._reason: StopReason | None = None

    @property
    def has_ended(self) -> bool:
        return self._reason is not None

    def take(self, chunk: JsonObject) -> Iterator[ModelEvent]:
        """Yield what a chunk says; raise ModelError where it says that the endpoint has failed."""
        if chunk.get("error"):
            raise failure_in(chunk)
        delta, reason = _choice(chunk)
        for text in (delta.get("content"), delta.get("refusal")):
            if isinstance(text, str) and text:
                yield from _text(self._joined.add(self._spoken.add(text), time.monotonic()))
        for piece in _list(delta.get("tool_calls")):
            if isinstance(piece, dict):
                self._add(piece)
                yield Working()
        if isinstance(reason, str):
            self._reason = _REASONS.get(reason, StopReason.END_TURN)
        if (usage := _usage(chunk.get("usage"))) is not None:
            yield usage

    def end(self) -> Iterator[ModelEvent]:
        """Yield what is left when nothing more comes."""
        yield from _text(self._joined.add(self._spoken.rest(), time.monotonic()) + self._joined.rest())
        for number, call in enumerate(self._calls):
            arguments = arguments_of(call.arguments)
            yield ToolCall(name=call.name, call_id=call.call_id or f"call-{number}", arguments=arguments)
        is_plain = self._reason in (None, StopReason.END_TURN)
        ended = StopReason.TOOL_USE if self._calls and is_plain else self._reason
        yield Stopped(reason=ended or StopReason.END_TURN)

    def _add(self, piece: JsonObject) -> None:
        function = piece.get("function")
        function = function if isinstance(function, dict) else {}
        call_id, name, arguments = piece.get("id"), function.get("name"), function.get("arguments")
        call = self._found(piece.get("index"), call_id)
        if call is None:
            call = _Call(index=piece.get("index"), call_id=_str(call_id), name="")
            self._calls.append(call)
        call.name = call.name or _str(name)
        if isinstance(arguments, dict):
            call.arguments = arguments
        elif isinstance(arguments, str) and isinstance(call.arguments, str):
            call.arguments += arguments
        if len(self._calls) > _MOST_CALLS or len(call.arguments) > _MOST_ARGUMENTS:
            raise _too_much()

    def _found(self, index: JsonValue, call_id: JsonValue) -> _Call | None:
        """Return the call that a piece goes on with: some endpoints give ids only, some number all calls 0."""
        if call_id:
            return next((call for call in self._calls if call.call_id == call_id), None)
        return next((call for call in reversed(self._calls) if call.index == index), None)


def _choice(chunk: JsonObject) -> tuple[dict[str, Any], JsonValue]:
    """Return the first choice's delta, and why it has ended; the last chunk, with the usage, has no choice."""
    choices = _list(chunk.get("choices"))
    choice = choices[0] if choices and isinstance(choices[0], dict) else {}
    delta = choice.get("delta")
    return (delta if isinstance(delta, dict) else {}), choice.get("finish_reason")


def _usage(usage: JsonValue) -> ModelUsage | None:
    if not isinstance(usage, dict):
        return None
    asked, details = _count(usage.get("prompt_tokens")), usage.get("prompt_tokens_details")
    cached = min(asked, _count(details.get("cached_tokens"))) if isinstance(details, dict) else 0
    answered = _count(usage.get("completion_tokens"))
    return ModelUsage(input_tokens=asked - cached, output_tokens=answered, cached_tokens=cached)


def _count(value: JsonValue) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _text(text: str) -> Iterator[TextDelta]:
    if text:
        yield TextDelta(text=text)


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _str(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _too_much() -> ModelError:
    return ModelError(ModelFailure.CORRUPT, service=SERVICE, reason="too many tools")
