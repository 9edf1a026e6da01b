"""Values that a model finds in the talk, beside the turns: nobody waits for them, and a failure is only taken note of."""

import asyncio
from collections.abc import Callable, Sequence

from offhook.agents.engines import EMBEDDED
from offhook.errors import EngineError
from offhook.models.ports import ModelChoice
from offhook.models.requests import ModelRequest, ToolCall
from streamer.call.commands import Extract
from streamer.call.conversation.extraction import TOOL_NAME, extraction_tool, read_values
from streamer.call.events import Extracted
from streamer.speech.thinker import Thinker

_LIMIT_S = 10.0
# Values are short; a reply has to be no sentence.
_MOST_TOKENS = 1_000
_FAILED = "The language model gave no values: it failed, or took too long."
_EMBEDDED = (
    "The embedded language model finds no values: give the variables `values`, or the agent another `model`."
)


class Extracting:
    """Asks a call's models for the values that a node gathers."""

    def __init__(
        self, thinker: Thinker, choices: Sequence[ModelChoice], *, on_found: Callable[[Extracted], None]
    ) -> None:
        self._thinker = thinker
        self.become(choices)
        self._on_found = on_found

    def become(self, choices: Sequence[ModelChoice]) -> None:
        """Take note that other models are asked from now on."""
        self._is_embedded = all(choice.engine == EMBEDDED for choice in choices)

    async def extract(self, order: Extract) -> None:
        """Look for the values, for so long at most, and tell of them."""
        self._on_found(await self._found(order))

    async def _found(self, order: Extract) -> Extracted:
        if self._is_embedded:
            return _nothing(order, _EMBEDDED)
        request = ModelRequest(
            system=order.system,
            lines=order.lines,
            tools=(extraction_tool(order.variables),),
            must_call=TOOL_NAME,
            max_tokens=_MOST_TOKENS,
        )
        try:
            async with asyncio.timeout(_LIMIT_S):
                async for thought in self._thinker.think(request, has_said=lambda: False):
                    if isinstance(thought, ToolCall) and thought.name == TOOL_NAME:
                        return read_values(order, thought.arguments or {})
        except (EngineError, TimeoutError):
            pass
        return _nothing(order, _FAILED)


def _nothing(order: Extract, why: str) -> Extracted:
    return Extracted(node_id=order.node_id, values={}, faults=(why,))
