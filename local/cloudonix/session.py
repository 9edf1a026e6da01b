"""One call at the simulated carrier: it rings, is answered or not, runs its CXML, and ends."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping

from local.cloudonix.application.application import Application, next_verb
from local.cloudonix.application.call import Call
from local.cloudonix.application.voice_request import Onward, VoiceRequests
from local.cloudonix.callbacks import Callbacks
from local.cloudonix.cxml.cxml import read_document
from local.cloudonix.cxml.verbs import Redirect, Reject
from local.cloudonix.dial import CallRecord, Dial, DialDirection, SessionStatus, Surroundings, now_ms
from local.cloudonix.people import pick_up, prepare_speech
from local.cloudonix.phones import tones
from local.cloudonix.phones.phone import Phone
from local.cloudonix.reports import Reporter
from local.people.scripts import CallerScript, Pickup
from offhook.json_types import JsonObject
from streamer.failures import log_failure

logger = logging.getLogger(__name__)

MAX_CALL_SECONDS = 4 * 3600
_LIVE = (SessionStatus.INITIATED, SessionStatus.RINGING, SessionStatus.ANSWERED)
_AT_ONCE = {
    Pickup.BUSY: SessionStatus.BUSY,
    Pickup.FAILS: SessionStatus.FAILED,
    Pickup.CONGESTION: SessionStatus.CONGESTION,
}


class Session:
    """A call with a token, from dialling to its end. `hang_up` and `switch` may be called at any time."""

    def __init__(
        self,
        dial: Dial,
        script: CallerScript,
        surroundings: Surroundings,
        record: CallRecord | None = None,
    ) -> None:
        self.dial = dial
        self.status = SessionStatus.INITIATED
        self.record = record or CallRecord()
        self._script = script
        self._around = surroundings
        profile = surroundings.profile_of(dial.domain)
        self._callbacks = Callbacks(surroundings.client, profile)
        self._reporter = Reporter(
            dial=dial,
            record=self.record,
            callbacks=self._callbacks,
            profile=profile,
            reports=script.reports,
        )
        self._requests = VoiceRequests(
            dial=dial, record=self.record, around=surroundings, describe=self.describe
        )
        self._scope: asyncio.Timeout | None = None
        self._next_document = dial.cxml
        self._is_over = False
        self._phone: Phone | None = None

    @property
    def token(self) -> str:
        """The name of the call at the REST API."""
        return self.record.token

    @property
    def is_live(self) -> bool:
        """Whether the call has not ended."""
        return self.status in _LIVE

    @property
    def underruns(self) -> int:
        """Times that the agent's audio stuttered at the phone."""
        return self._phone.playout.underruns if self._phone else 0

    async def run(self) -> None:
        """Live the call's life."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._callbacks.run())
            try:
                self._become(SessionStatus.INITIATED)
                self._become(await self._live())
            except Exception as error:  # noqa: BLE001 - the top of one call, whose accident must not end the others
                log_failure(logger, "a simulated call failed", error)
                self._become(SessionStatus.FAILED)
            finally:
                await self._callbacks.finish()

    def hang_up(self) -> None:
        """End the call now; harmless when it has ended."""
        self._is_over = True
        self._interrupt()

    def switch(self, document: str) -> None:
        """Leave the present document, and its stream, and go on with this one."""
        self._next_document = document
        self._interrupt()

    def describe(self) -> JsonObject:
        """Return the session as the REST API shows it."""
        return self._reporter.describe(self.status)

    def _interrupt(self) -> None:
        if self._scope and not self._scope.expired():
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def _live(self) -> SessionStatus:
        # The voice is made ready before anybody answers: a person does not need a moment to find theirs.
        speech = await prepare_speech(self._script, self._around)
        is_inbound = self.dial.direction is DialDirection.INBOUND
        unanswered = await (self._knock() if is_inbound else self._ring())
        if unanswered:
            return unanswered
        self.record.answered_ms = now_ms()
        self._become(SessionStatus.ANSWERED)
        await self._talk(speech)
        return SessionStatus.COMPLETED

    async def _ring(self) -> SessionStatus | None:
        """Ring at the person's; return how the call ended when nobody answered."""
        if self._script.pickup in _AT_ONCE:
            return _AT_ONCE[self._script.pickup]
        self._become(SessionStatus.RINGING)
        is_answered = self._script.pickup in (Pickup.ANSWERS, Pickup.DECLINES)
        seconds = self._around.ring_seconds if is_answered else self._around.no_answer_seconds
        limit_seconds = self.dial.timeout_seconds
        if limit_seconds is not None and limit_seconds < seconds:
            is_answered, seconds = False, limit_seconds
        await self._until_interrupted(asyncio.sleep(seconds))
        if self._is_over:
            return SessionStatus.CANCELED
        if is_answered and self._script.pickup is Pickup.DECLINES:
            return SessionStatus.BUSY
        return None if is_answered else SessionStatus.NO_ANSWER

    async def _knock(self) -> SessionStatus | None:
        """Ask the domain's application; return how the call ended when that does not take it."""
        self._become(SessionStatus.RINGING)
        await self._until_interrupted(self._fetch_first())
        if self._is_over:
            return SessionStatus.CANCELED
        if self._next_document is None:
            return SessionStatus.FAILED
        first = next_verb(read_document(self._next_document))
        if isinstance(first, Reject):
            return SessionStatus.BUSY if first.reason == "busy" else SessionStatus.FAILED
        return None

    async def _fetch_first(self) -> None:
        if self._next_document is None and self.dial.url:
            self._next_document = await self._requests.fetch(Onward(redirect=Redirect(url=self.dial.url)))

    async def _talk(self, speech: Mapping[str, bytes]) -> None:
        self._phone = pick_up(
            self._script,
            speech,
            self._around,
            on_event=lambda event: self._around.on_event(self.token, event),
            on_hang_up=self.hang_up,
        )
        async with asyncio.TaskGroup() as tasks:
            clock = tasks.create_task(self._phone.run())
            await self._run_documents(self._phone)
            clock.cancel()

    async def _run_documents(self, phone: Phone) -> None:
        """Run the dial's document, and whatever the call is switched to meanwhile."""
        call = Call(
            dial=self.dial,
            record=self.record,
            phone=phone,
            script=self._script,
            around=self._around,
            callbacks=self._callbacks,
        )
        application = Application(call, self._requests)
        if self.dial.send_digits:
            digits = self.dial.send_digits
            await self._until_interrupted(phone.hear_keys(digits, tones.keys(digits)))
        await self._until_interrupted(self._fetch_first())
        while self._next_document is not None and not self._is_over:
            document, self._next_document = self._next_document, None
            await self._until_interrupted(application.run(document))

    async def _until_interrupted(self, work: Awaitable[None]) -> None:
        """Await; a hang-up or a switch is a deadline that is now."""
        try:
            async with asyncio.timeout(0 if self._is_over else MAX_CALL_SECONDS) as scope:
                self._scope = scope
                await work
        except TimeoutError:
            if not scope.expired():
                raise
        finally:
            self._scope = None

    def _become(self, status: SessionStatus) -> None:
        self.status = status
        if not self.is_live:
            self.record.ended_ms = now_ms()
        self._reporter.tell(status)
        self._around.on_event(self.token, status)
