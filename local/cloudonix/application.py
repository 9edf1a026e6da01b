"""A voice application: carries out CXML documents on an answered call."""

import asyncio
import logging
import secrets
from collections.abc import Iterator

import httpx

from local.cloudonix.cxml import (
    ConnectStream,
    Hangup,
    Pause,
    Redirect,
    Reject,
    Say,
    Verb,
    read_document,
)
from local.cloudonix.dial import Dial, Surroundings
from local.cloudonix.media import run_media_stream
from local.cloudonix.phone import Phone
from offhook.errors import EngineError, InvalidInputError
from streamer.media import Started

logger = logging.getLogger(__name__)

REDIRECT_LIMIT_SECONDS = 10.0
# A document that redirects to itself would go round for ever.
MAX_REDIRECTS = 100


class Application:
    """Runs documents one after the other on the same call and phone."""

    def __init__(
        self, dial: Dial, token: str, phone: Phone, surroundings: Surroundings, *, voice: str
    ) -> None:
        self._dial = dial
        self._token = token
        self._phone = phone
        self._around = surroundings
        self._voice = voice
        self._call_sid = f"CA{secrets.token_hex(16)}"
        self._stream_names: set[str] = set()

    async def run(self, document: str) -> None:
        """Carry a document out, and those that it redirects to, until there is no more to do."""
        verbs = read_document(document)
        redirects = 0
        while (verb := _next_verb(verbs)) and not isinstance(verb, Hangup | Reject):
            if not isinstance(verb, Redirect):
                await self._carry_out(verb)
                continue
            redirects += 1
            fetched = await self.fetch(verb) if redirects <= MAX_REDIRECTS else None
            if fetched is None:
                return
            verbs = read_document(fetched)

    async def fetch(self, redirect: Redirect) -> str | None:
        """Ask how to go on; None, with a logged sentence, when there is no answer to go on with."""
        try:
            async with asyncio.timeout(REDIRECT_LIMIT_SECONDS):
                response = await self._ask(redirect)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            logger.warning("the voice application was not reached", extra={"reason": type(error).__name__})
            return None
        if not response.is_success:
            logger.warning("the voice application refused", extra={"status": response.status_code})
            return None
        return response.text

    async def _ask(self, redirect: Redirect) -> httpx.Response:
        fields = self._request()
        if redirect.method == "GET":
            # Beside what the address has already.
            url = httpx.URL(redirect.url).copy_merge_params(fields)
            return await self._around.client.get(url)
        return await self._around.client.post(redirect.url, data=fields)

    async def _carry_out(self, verb: ConnectStream | Pause | Say) -> None:
        match verb:
            case ConnectStream():
                await self._stream(verb)
            case Pause(seconds=seconds):
                await asyncio.sleep(seconds)
            case Say(text=text):
                await self._say(text)

    async def _stream(self, verb: ConnectStream) -> None:
        if verb.name and verb.name in self._stream_names:
            return
        self._stream_names.add(verb.name)
        await run_media_stream(verb.url, self._started(verb), self._phone)

    def _started(self, verb: ConnectStream) -> Started:
        return Started(
            stream_sid=f"MZ{secrets.token_hex(16)}",
            call_sid=self._call_sid,
            account_sid=self._dial.domain,
            session=self._token,
            caller=self._dial.caller,
            called=self._dial.called,
            context=self._dial.direction.value,
            custom_parameters=dict(verb.parameters),
            tracks=("inbound",),
            media_format={"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        )

    async def _say(self, text: str) -> None:
        try:
            audio = await self._around.synthesise(text, self._voice)
        except EngineError as error:
            logger.warning("a Say was passed over", extra={"reason": error.code})
            return
        await self._phone.speak(audio)

    def _request(self) -> dict[str, str]:
        return {
            "CallSid": self._call_sid,
            "From": self._dial.caller,
            "To": self._dial.called,
            "Direction": self._dial.direction.value,
            "CallStatus": "in-progress",
            "Session": self._token,
            "Domain": self._dial.domain,
            "AccountSid": self._dial.domain,
            "ApiVersion": "1",
        }


def _next_verb(verbs: Iterator[Verb]) -> Verb | None:
    try:
        return next(verbs, None)
    except InvalidInputError as error:
        logger.warning("the voice application ended: %s", error.detail)
        return None
