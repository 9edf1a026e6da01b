"""What the carrier posts about one call: in order, and without holding the call up."""

import asyncio
import logging
from dataclasses import dataclass

import httpx

from local.cloudonix.domain import DomainProfile
from offhook.json_types import JsonObject

logger = logging.getLogger(__name__)

CALLBACK_LIMIT_SECONDS = 5.0
_MAX_WAITING = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Post:
    """A body, and where it goes."""

    url: str
    body: JsonObject
    is_form: bool


class Callbacks:
    """A queue of posts that carry the domain's headers."""

    def __init__(self, client: httpx.AsyncClient, profile: DomainProfile) -> None:
        self._client = client
        self._headers = profile.headers()
        self._waiting: asyncio.Queue[_Post | None] = asyncio.Queue(_MAX_WAITING)

    def post(self, url: str | None, body: JsonObject, *, is_form: bool = False) -> None:
        """Post a body after those before it; without an address, nothing happens."""
        if url and not self._waiting.full():
            self._waiting.put_nowait(_Post(url=url, body=body, is_form=is_form))

    async def run(self) -> None:
        """Post what comes, until `finish`."""
        while (post := await self._waiting.get()) is not None:
            await self._deliver(post)

    async def finish(self) -> None:
        """Let `run` end once everything is posted."""
        await self._waiting.put(None)

    async def _deliver(self, post: _Post) -> None:
        try:
            async with asyncio.timeout(CALLBACK_LIMIT_SECONDS):
                response = await self._send(post)
        except Exception as error:  # noqa: BLE001 - the top of one post, whose accident must not end the calls
            logger.warning("a status callback was not delivered", extra={"reason": type(error).__name__})
            return
        if not response.is_success:
            logger.warning("a status callback was refused", extra={"status": response.status_code})

    async def _send(self, post: _Post) -> httpx.Response:
        if post.is_form:
            fields = {name: str(value) for name, value in post.body.items()}
            return await self._client.post(post.url, data=fields, headers=self._headers)
        return await self._client.post(post.url, json=post.body, headers=self._headers)
