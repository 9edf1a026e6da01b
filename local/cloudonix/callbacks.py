"""Status callbacks of one call: posted in order, without holding the call up."""

import asyncio
import logging

import httpx

from offhook.json_types import JsonObject

logger = logging.getLogger(__name__)

CALLBACK_LIMIT_SECONDS = 5.0
_MAX_WAITING = 100


class Callbacks:
    """A queue of what to post to the address that the dial named; without an address, nothing happens."""

    def __init__(self, client: httpx.AsyncClient, url: str | None) -> None:
        self._client = client
        self._url = url
        self._waiting: asyncio.Queue[JsonObject | None] = asyncio.Queue(_MAX_WAITING)

    def post(self, body: JsonObject) -> None:
        """Post a body after those before it."""
        if self._url and not self._waiting.full():
            self._waiting.put_nowait(body)

    async def run(self) -> None:
        """Post what comes, until `finish`."""
        while (body := await self._waiting.get()) is not None:
            await self._deliver(body)

    async def finish(self) -> None:
        """Let `run` end once everything is posted."""
        await self._waiting.put(None)

    async def _deliver(self, body: JsonObject) -> None:
        try:
            async with asyncio.timeout(CALLBACK_LIMIT_SECONDS):
                response = await self._client.post(self._url or "", json=body)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            logger.warning("a status callback was not delivered", extra={"reason": type(error).__name__})
            return
        if not response.is_success:
            logger.warning("a status callback was refused", extra={"status": response.status_code})
