"""The mailbox of this process: what others want of the calls that live here is claimed, carried out, and acknowledged."""

import asyncio
import logging
from collections.abc import Sequence
from itertools import groupby

from offhook.clock import Clock
from offhook.errors import StorageError
from offhook.sessions.commands import Refusal
from offhook.sessions.mailbox import Letter, Mailbox
from streamer.failures import log_failure
from streamer.live_calls import LiveCalls
from streamer.record.threads import Threads
from streamer.sessions.operating import operate

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25

# Who has read the row while the last call ended need not wait to be told that nobody takes the letter.
_LOOKS_AFTER = 8

OPERATE_LIMIT_S = 4.0
"""How long a command may take, the log's flush included; the sender of a letter waits two seconds longer in all."""

_NOT_HERE = Refusal(
    code="session-state",
    detail="The call is over, or goes on in another process: look how it stands, and try again.",
)
_UNKNOWN = Refusal(
    code="command-unknown",
    detail="The process that has the call is of an earlier release, which can't do this: try it with the next call.",
)


class Mailroom:
    """Looks four times a second, while there are calls; what is wanted of one run is done one after the other."""

    def __init__(
        self, mailbox: Mailbox, *, owner: str, live_calls: LiveCalls, threads: Threads, clock: Clock
    ) -> None:
        self._mailbox = mailbox
        self._owner = owner
        self._live_calls = live_calls
        self._threads = threads
        self._clock = clock
        self._busy: set[int] = set()

    async def run(self) -> None:
        """Serve until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            looks_left = 0
            while True:
                if looks_left == 0:
                    await self._live_calls.some()
                looks_left = _LOOKS_AFTER if self._live_calls.are_some else looks_left - 1
                for run_id, letters in groupby(await self._look(), key=lambda letter: letter.run_id):
                    if run_id not in self._busy:
                        self._busy.add(run_id)
                        tasks.create_task(self._take(run_id, tuple(letters)))
                await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self) -> Sequence[Letter]:
        try:
            letters = await self._threads.run(self._mailbox.waiting, self._owner)
        except StorageError:
            logger.warning("mailbox not read")
            return ()
        except Exception as error:  # noqa: BLE001 - the top of a look: the next one finds what can be read
            log_failure(logger, "mailbox not read", error)
            return ()
        # In each run the first that was sent stays the first.
        return sorted(letters, key=lambda letter: letter.run_id)

    async def _take(self, run_id: int, letters: Sequence[Letter]) -> None:
        try:
            for letter in letters:
                async with asyncio.timeout(OPERATE_LIMIT_S):
                    await self._carry_out(letter)
        except (StorageError, TimeoutError):
            # Its sender is told that nobody knows whether it was done, and the others' that theirs were not.
            logger.warning("command not acknowledged", extra={"run_id": run_id})
        except Exception as error:  # noqa: BLE001 - the top of a command: the calls of others have nothing to do with it
            log_failure(logger, "command failed", error)
        finally:
            self._busy.discard(run_id)

    async def _carry_out(self, letter: Letter) -> None:
        if letter.is_stale(self._clock()):
            # We stood still for so long, or its sender died before it could take it back.
            await self._threads.run(self._mailbox.cancel, letter)
        elif await self._threads.run(self._mailbox.claim, letter):
            refusal = await self._operate(letter)
            await self._threads.run(self._mailbox.acknowledge, letter, refusal)

    async def _operate(self, letter: Letter) -> Refusal | None:
        if letter.command is None:
            return _UNKNOWN
        call = self._live_calls.find(letter.run_id)
        return _NOT_HERE if call is None else await operate(call, letter.command)
