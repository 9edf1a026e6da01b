"""What a language model is asked, and what it answers, in no provider's words."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from offhook.json_types import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatLine:
    """One thing said so far; `from_caller` is False for what the agent said."""

    from_caller: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """A tool that the model has called; what came of it is the ToolOutcome of the same `call_id`, which is not the provider's."""

    call_id: str
    name: str
    arguments: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOutcome:
    """What a tool has answered, or in words why it has not."""

    call_id: str
    text: str
    is_error: bool = False


Line: TypeAlias = ChatLine | ToolUse | ToolOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A function that the model may call; its name, when to call it, and the JSON Schema of its arguments, an object."""

    name: str
    description: str
    parameters: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """All that a language model needs for one reply.

    `system` and `tools` are the same for all turns of a step, so that a provider may cache them; `facts` are what changes:
    times, gathered values, what tools have said in former steps. `must_call` names the tool that the reply has to be.
    """

    system: str
    lines: tuple[Line, ...]
    tools: tuple[ToolSpec, ...] = ()
    facts: str = ""
    must_call: str = ""
    max_tokens: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """The next piece of the reply's text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """The model writes what is not said: a sign of life, no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """The model wants this function called; `arguments` is None where what it gave is no JSON object."""

    name: str
    call_id: str = ""
    arguments: JsonObject | None = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsage:
    """What the reply cost in tokens; those that were read from or written to a cache are not among `input_tokens`."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    cache_write_tokens: int = 0

    def __add__(self, other: "ModelUsage") -> "ModelUsage":
        return ModelUsage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
        )


class StopReason(StrEnum):
    """Why a reply has ended."""

    END_TURN = "end_turn"
    TOOL_USE = "tool_use"
    MAX_TOKENS = "max_tokens"  # cut off
    GUARDRAIL = "guardrail"  # what a guardrail says was said in its place
    MALFORMED = "malformed"  # the model wrote what its provider cannot read
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The reply is complete."""

    reason: StopReason


ModelEvent: TypeAlias = TextDelta | Working | ToolCall | ModelUsage | Stopped
