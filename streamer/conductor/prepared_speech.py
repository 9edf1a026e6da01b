"""A sentence that is synthesised before it is known whether it will be said."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from offhook.errors import EngineError
from streamer.speech.ports import Order
from streamer.speech.speaker import Part


class PreparedSpeech:
    """Collects what a synthesiser makes of a text, and hands it over when the text is said; `is_wanted` once it is queued."""

    def __init__(
        self, text: str, speech: AsyncGenerator[Part, None], order: Order, tasks: asyncio.TaskGroup
    ) -> None:
        self.text = text
        self._order = order
        self.is_wanted = False
        self.has_failed = False
        self._parts: asyncio.Queue[Part | EngineError | None] = asyncio.Queue()
        self._making = tasks.create_task(self._make(speech))

    def want(self) -> None:
        """Take note that it will be said: it is somebody's turn to hear it now."""
        self.is_wanted = True
        self._order.is_ahead = False

    async def parts(self) -> AsyncGenerator[Part, None]:
        """Yield what there is, and then the rest as it comes; raise EngineError."""
        try:
            while (part := await self._parts.get()) is not None:
                if isinstance(part, EngineError):
                    raise part
                yield part
        finally:
            self.drop()

    def drop(self) -> None:
        """Make no more of it."""
        self._making.cancel()

    async def _make(self, speech: AsyncGenerator[Part, None]) -> None:
        try:
            async with aclosing(speech):
                async for part in speech:
                    self._parts.put_nowait(part)
        except EngineError as error:
            self.has_failed = True
            self._parts.put_nowait(error)
        else:
            self._parts.put_nowait(None)
