"""Carrying out the tools of one call: by name, a few at a time, and never without an outcome."""

import asyncio
from collections.abc import Mapping

from offhook.errors import InvalidInputError
from offhook.models.requests import ToolOutcome, ToolUse
from streamer.tools.http_tool import GO_ON, UNKNOWN_WHETHER_DONE
from streamer.tools.ports import Answer, Function, ToolContext

MOST_AT_ONCE = 5
"""Tools of one call that run side by side; more wait for their turn."""

_UNKNOWN = "There is no tool of this name here. Go on without it."
_TOO_LATE = "No answer came in time."
# A tool keeps its own time, and says more; what waits too long for its turn says nothing.
_GRACE_S = 0.5


class FunctionRunner:
    """Implements ToolRunner."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    async def run(self, call: ToolUse, *, context: ToolContext) -> ToolOutcome:
        answer = await self._answer(call, context)
        return ToolOutcome(call_id=call.call_id, text=answer.text, is_error=answer.is_error)

    async def _answer(self, call: ToolUse, context: ToolContext) -> Answer:
        function = self._functions.get(call.name)
        if function is None:
            return Answer(text=_UNKNOWN, is_error=True)
        try:
            async with asyncio.timeout(context.tool.timeout_seconds + _GRACE_S), self._turns:
                return await function.call(call.arguments, context)
        except InvalidInputError as error:
            return Answer(text=error.detail, is_error=True)
        except TimeoutError:
            advice = GO_ON if context.tool.is_idempotent else UNKNOWN_WHETHER_DONE
            return Answer(text=f"{_TOO_LATE} {advice}", is_error=True)
