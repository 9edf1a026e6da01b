"""What a call hands to whoever carries its tools out."""

from dataclasses import dataclass
from typing import Protocol

from offhook.json_types import JsonObject
from offhook.models.requests import ToolOutcome, ToolUse
from offhook.workflows import TemplateContext
from streamer.call.offered_tools import OfferedTool

MOST_ANSWER_CHARACTERS = 8_000
"""What a model is told of a tool's answer at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """What a tool is called for, beside its arguments.

    `values` are what templates of its definition are filled in from. `key` is the same whenever this call of the tool is
    sent, and no other call's, for an `Idempotency-Key`; one that `is_repeated` may have been sent by a process that is gone.
    """

    tool: OfferedTool
    values: TemplateContext
    key: str
    is_repeated: bool = False


class ToolRunner(Protocol):
    """Carries out the tools of one call; those of the kind REQUEST, the others are the call's own."""

    async def run(self, call: ToolUse, *, context: ToolContext) -> ToolOutcome:
        """Return what came of it within the tool's `timeout_seconds`, in at most MOST_ANSWER_CHARACTERS for the model.

        This raises nothing but CancelledError: a failure is an outcome that `is_error`, and says in a sentence what the
        model may do about it. It holds no secret and nothing of the address.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a function of a tool says to the model."""

    text: str
    is_error: bool = False


class Function(Protocol):
    """One function that a model may call."""

    async def call(self, arguments: JsonObject, context: ToolContext) -> Answer:
        """Return its answer; raise InvalidInputError with a sentence for the model, TimeoutError."""
