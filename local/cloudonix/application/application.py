"""A voice application: carries out CXML documents on an answered call."""

import asyncio
import logging
from collections.abc import Iterator

from local.cloudonix.application.call import Call
from local.cloudonix.application.gathering import gather
from local.cloudonix.application.joining import dial_number, join_conference
from local.cloudonix.application.streams import Streams
from local.cloudonix.application.voice_request import Onward, VoiceRequests
from local.cloudonix.cxml import verbs
from local.cloudonix.cxml.cxml import read_document
from local.cloudonix.phones import tones
from offhook.errors import EngineError, InvalidInputError

logger = logging.getLogger(__name__)

# A document that redirects to itself would go round for ever.
MAX_REDIRECTS = 100


class Application:
    """Runs documents one after the other on the same call."""

    def __init__(self, call: Call, requests: VoiceRequests) -> None:
        self._call = call
        self._requests = requests
        self._streams = Streams(call)

    async def run(self, document: str) -> None:
        """Carry a document out, and those that it leads to, until there is no more to do."""
        steps = read_document(document)
        redirects = 0
        while (verb := next_verb(steps)) and not isinstance(verb, verbs.Hangup | verbs.Reject):
            onward = await self._carry_out(verb)
            if onward is None:
                continue
            redirects += 1
            fetched = await self._requests.fetch(onward) if redirects <= MAX_REDIRECTS else None
            if fetched is None:
                return
            steps = read_document(fetched)

    async def _carry_out(self, verb: verbs.Verb) -> Onward | None:
        match verb:
            case verbs.ConnectStream():
                await self._streams.open(verb)
            case verbs.Say() | verbs.Play() | verbs.Pause():
                await self._play(verb)
            case verbs.Redirect():
                return Onward(redirect=verb)
            case verbs.Gather():
                return await gather(self._call.phone, verb, self._play)
            case verbs.DialNumber():
                return await dial_number(self._call, verb)
            case verbs.DialConference():
                return await join_conference(self._call, verb)
        return None

    async def _play(self, prompt: verbs.Prompt) -> None:
        phone = self._call.phone
        match prompt:
            case verbs.Pause(seconds=seconds):
                await asyncio.sleep(seconds)
            case verbs.Play(digits=digits, loop=loop) if digits:
                await phone.hear_keys(digits * loop, tones.keys(digits) * loop)
            case verbs.Play(loop=loop):
                for _ in range(loop):
                    await phone.speak(tones.recording())
            case verbs.Say(text=text, loop=loop):
                await self._say(text, loop)

    async def _say(self, text: str, loop: int) -> None:
        try:
            audio = await self._call.around.synthesise(text)
        except EngineError as error:
            logger.warning("a Say was passed over", extra={"reason": error.code})
            return
        for _ in range(loop):
            await self._call.phone.speak(audio)


def next_verb(document: Iterator[verbs.Verb]) -> verbs.Verb | None:
    """Return the next verb; None, with a logged sentence, where the document is wrong."""
    try:
        return next(document, None)
    except InvalidInputError as error:
        logger.warning("the voice application ended: %s", error.detail)
        return None
