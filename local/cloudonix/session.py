"""One call at the simulated carrier: it rings, is answered or not, runs its CXML, and ends."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable

from local.caller import CallerMachine, read_line
from local.caller_scripts import CallerScript, Pickup
from local.cloudonix.application import Application
from local.cloudonix.callbacks import Callbacks
from local.cloudonix.cxml import Redirect
from local.cloudonix.dial import Dial, SessionStatus, Surroundings, now_ms
from local.cloudonix.phone import Phone
from offhook.errors import EngineError
from offhook.json_types import JsonObject
from streamer.failures import log_failure

logger = logging.getLogger(__name__)

MAX_CALL_SECONDS = 4 * 3600
_LIVE = (SessionStatus.INITIATED, SessionStatus.RINGING, SessionStatus.ANSWERED)


class Session:
    """A call with a token, from dialling to its end. `hang_up` and `switch` may be called at any time."""

    def __init__(self, dial: Dial, script: CallerScript, surroundings: Surroundings) -> None:
        self.token = secrets.token_hex(16)
        self.dial = dial
        self.status = SessionStatus.INITIATED
        self._script = script
        self._around = surroundings
        self._callbacks = Callbacks(surroundings.client, dial.callback)
        self._started_ms = now_ms()
        self._answered_ms = 0
        self._ended_ms = 0
        self._scope: asyncio.Timeout | None = None
        self._next_document = dial.cxml
        self._is_over = False
        self._phone: Phone | None = None

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
        return {
            "token": self.token,
            "domain": self.dial.domain,
            "direction": self.dial.direction.value,
            "callerId": self.dial.caller,
            "destination": self.dial.called,
            "status": self.status.value,
            "callStartTime": self._started_ms,
            "callAnswerTime": self._answered_ms,
            "callEndTime": self._ended_ms,
        }

    def _interrupt(self) -> None:
        if self._scope and not self._scope.expired():
            self._scope.reschedule(asyncio.get_running_loop().time())

    async def _live(self) -> SessionStatus:
        # The voice is made ready before anybody answers: a person does not need a moment to find theirs.
        speech = await self._prepare_speech()
        unanswered = await self._ring()
        if unanswered:
            return unanswered
        self._answered_ms = now_ms()
        self._become(SessionStatus.ANSWERED)
        await self._talk(speech)
        return SessionStatus.COMPLETED

    async def _prepare_speech(self) -> dict[str, bytes]:
        texts = {line.text for line in map(read_line, self._script.lines) if line.is_spoken}
        try:
            return {text: await self._around.synthesise(text, self._script.voice) for text in texts}
        except EngineError as error:
            logger.warning("the caller has no voice and stays silent", extra={"reason": error.code})
            return {}

    async def _ring(self) -> SessionStatus | None:
        """Ring; return how the call ended when nobody answered."""
        if self._script.pickup is Pickup.BUSY:
            return SessionStatus.BUSY
        self._become(SessionStatus.RINGING)
        is_answered = self._script.pickup is Pickup.ANSWERS
        seconds = self._around.ring_seconds if is_answered else self._around.no_answer_seconds
        await self._until_interrupted(asyncio.sleep(seconds))
        if self._is_over:
            return SessionStatus.CANCELED
        return None if is_answered else SessionStatus.NO_ANSWER

    async def _talk(self, speech: dict[str, bytes]) -> None:
        caller = CallerMachine(
            [read_line(text) for text in self._script.lines],
            speech,
            on_event=lambda event: self._around.on_event(self.token, event),
        )
        self._phone = Phone(caller, on_hang_up=self.hang_up, tick_seconds=self._around.tick_seconds)
        async with asyncio.TaskGroup() as tasks:
            clock = tasks.create_task(self._phone.run())
            await self._run_documents(self._phone)
            clock.cancel()

    async def _run_documents(self, phone: Phone) -> None:
        """Run the dial's document, and whatever the call is switched to meanwhile."""
        application = Application(self.dial, self.token, phone, self._around, voice=self._script.voice)
        if self._next_document is None and self.dial.url:
            self._next_document = await application.fetch(Redirect(url=self.dial.url))
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
            self._ended_ms = now_ms()
        self._callbacks.post(self.describe() | {"duration": self._duration_seconds()})
        self._around.on_event(self.token, status)

    def _duration_seconds(self) -> int:
        ended_ms = self._ended_ms or now_ms()
        return (ended_ms - self._answered_ms) // 1000 if self._answered_ms else 0
