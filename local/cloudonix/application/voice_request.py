"""Asking a voice application how a call goes on."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from local.cloudonix.cxml.verbs import Redirect
from local.cloudonix.dial import CallRecord, Dial, Surroundings, names_of
from offhook.json_types import JsonObject

logger = logging.getLogger(__name__)

ANSWER_LIMIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Onward:
    """Where a call goes on, and what is told there beside what is always told."""

    redirect: Redirect
    fields: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceRequests:
    """Asks in the name of one call."""

    dial: Dial
    record: CallRecord
    around: Surroundings
    describe: Callable[[], JsonObject]
    """Returns the session as the REST API shows it."""

    async def fetch(self, onward: Onward) -> str | None:
        """Return the document to go on with; None, with a logged sentence, when there is none."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT_SECONDS):
                response = await self._ask(onward)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            logger.warning("the voice application was not reached", extra={"reason": type(error).__name__})
            return None
        if not response.is_success:
            logger.warning("the voice application refused", extra={"status": response.status_code})
            return None
        return response.text

    async def _ask(self, onward: Onward) -> httpx.Response:
        client, fields = self.around.client, self._fields() | onward.fields
        headers = self.around.profile_of(self.dial.domain).headers()
        if onward.redirect.method == "GET":
            # Beside what the address has already.
            flat = {name: str(value) for name, value in fields.items() if not isinstance(value, dict)}
            url = httpx.URL(onward.redirect.url).copy_merge_params(flat)
            return await client.get(url, headers=headers)
        return await client.post(onward.redirect.url, json=fields, headers=headers)

    def _fields(self) -> JsonObject:
        return names_of(self.dial, self.record) | {
            "CallerName": "",
            "Direction": self.dial.direction.value,
            "CallStatus": "in-progress" if self.record.answered_ms else "ringing",
            "SessionData": self.describe(),
            "ApiVersion": "1",
        }
