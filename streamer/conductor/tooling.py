"""Tools that a call's model has called, on their way to whoever carries them out, and their answers on the way back."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from offhook.json_types import JsonObject
from offhook.models.requests import ToolOutcome, ToolUse
from offhook.workflows import TemplateContext
from streamer.call.commands import CallTool, CallTools
from streamer.call.events import ToolAnswered
from streamer.tools.ports import MOST_ANSWER_CHARACTERS, ToolContext, ToolRunner


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """What one call's tools need: their runner, the values of templates, and `flush`, which returns once the log is kept.

    `run_id` tells its calls from those of other runs.
    """

    runner: ToolRunner
    run_id: str
    values: Callable[[JsonObject], TemplateContext]
    flush: Callable[[], Awaitable[None]]


_NO_TOOLS = "Tools can't be called here. Tell the caller, and go on without."
_TOO_LATE = "No answer came in time. It is not known whether this was done: tell the caller so."
# The runner keeps the tool's own limit; whoever does not must not hold up a call.
_GRACE_S = 1.0


class Tooling:
    """Calls tools side by side. None is cancelled by what the caller says: it may have been done already."""

    def __init__(self, toolbox: Toolbox | None, *, on_answer: Callable[[ToolAnswered], None]) -> None:
        self._toolbox = toolbox
        self._on_answer = on_answer

    def become(self, runner: ToolRunner) -> None:
        """Have another agent's tools carried out from now on."""
        if self._toolbox is not None:
            self._toolbox = replace(self._toolbox, runner=runner)

    def call(self, order: CallTools, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        """Call these tools, each as a task."""
        for call in order.calls:
            spawn(self._call(call, order.gathered))

    async def _call(self, call: CallTool, gathered: JsonObject) -> None:
        began_s = time.monotonic()
        outcome = await self._outcome(call, gathered)
        self._on_answer(
            ToolAnswered(
                call_id=call.call_id,
                text=outcome.text[:MOST_ANSWER_CHARACTERS],
                is_error=outcome.is_error,
                duration_ms=round((time.monotonic() - began_s) * 1000),
            )
        )

    async def _outcome(self, call: CallTool, gathered: JsonObject) -> ToolOutcome:
        if self._toolbox is None:
            return ToolOutcome(call_id=call.call_id, text=_NO_TOOLS, is_error=True)
        use = ToolUse(call_id=call.call_id, name=call.tool.name, arguments=call.arguments)
        context = ToolContext(
            tool=call.tool,
            values=self._toolbox.values(gathered),
            key=f"{self._toolbox.run_id}-{call.call_id}",
            is_repeated=call.is_repeated,
        )
        try:
            async with asyncio.timeout(call.tool.timeout_seconds + _GRACE_S):
                # Whoever takes the call over must know what was sent: only what is idempotent is sent twice.
                await self._toolbox.flush()
                return await self._toolbox.runner.run(use, context=context)
        except TimeoutError:
            return ToolOutcome(call_id=call.call_id, text=_TOO_LATE, is_error=True)
