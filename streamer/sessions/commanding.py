"""Carrying out what clients of session sockets want, whichever process has the call."""

import asyncio

from offhook.errors import ConflictError, LimitReachedError, UnansweredError
from offhook.runs.model import Run
from offhook.runs.ports import RunRepository
from offhook.sessions.commands import Command
from offhook.sessions.mailbox import Commander
from streamer.live_calls import LiveCall, LiveCalls
from streamer.record.threads import Threads
from streamer.sessions.mailroom import OPERATE_LIMIT_S
from streamer.sessions.operating import operate

_MOST_UNDER_WAY = 64


class Commanding:
    """Carries out commands: a call of this process is told at once, the owner of any other by its mailbox.

    Who waits for another process waits in threads of its own, since one that is dead keeps us for seconds.
    """

    def __init__(
        self, commander: Commander, *, runs: RunRepository, live_calls: LiveCalls, threads: Threads
    ) -> None:
        self._commander = commander
        self._runs = runs
        self._live_calls = live_calls
        self._threads = threads
        self._under_way = 0

    async def carry_out(self, run: Run, command: Command, *, sender: str = "") -> None:
        """Return once the run's log holds what the command did.

        Raises ConflictError for what is not done, UnansweredError for what may have been, LimitReachedError, StorageError.
        """
        call = self._live_calls.find(run.id)
        if call is not None:
            await _tell(call, command)
            return
        if self._under_way >= _MOST_UNDER_WAY:
            raise LimitReachedError(
                "Too many commands are under way here: send it again in a moment.",
                retry_after_seconds=1,
                code="too-many-commands",
            )
        self._under_way += 1
        try:
            await self._threads.run(self._send, run, command, sender)
        finally:
            self._under_way -= 1

    def _send(self, run: Run, command: Command, sender: str) -> None:
        # Who has the call now, not when the socket was opened.
        self._commander.send(self._runs.get(run.organization_id, run.id), command, sender=sender)


async def _tell(call: LiveCall, command: Command) -> None:
    try:
        async with asyncio.timeout(OPERATE_LIMIT_S):
            refusal = await operate(call, command)
    except TimeoutError:
        raise UnansweredError(
            "The store has not taken what the command did: the run's events tell later whether it was carried out."
        ) from None
    if refusal is not None:
        raise ConflictError(refusal.detail, code=refusal.code)
