"""Calls of web sessions: from a client's `start` to the finished run, over as many sockets as that takes."""

import asyncio
import logging
from weakref import WeakValueDictionary

from offhook.errors import ConflictError, OwnershipLostError
from offhook.runs.model import Direction, Run, RunStatus
from offhook.sessions.client_frames import StartFrame
from offhook.sessions.model import session_status
from streamer.conducting import Conducting
from streamer.failures import log_failure
from streamer.record.call_plan import CallPlan
from streamer.record.call_services import CallServices
from streamer.record.possession import Possession
from streamer.sessions.line import TAKEN, Hold, WebLine
from streamer.sessions.session_client import SessionClient
from streamer.sockets.close_codes import CloseCode, Closing, closing_for

logger = logging.getLogger(__name__)

_STOPPED = Closing(CloseCode.SERVICE_RESTART, "This task is stopping, connect again")


class WebCalls:
    """Gives clients the lines of web sessions; one instance for all of the process."""

    def __init__(self, services: CallServices, conducting: Conducting) -> None:
        self._services = services
        self._conducting = conducting
        self._lines: dict[int, WebLine] = {}
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def start(self, client: SessionClient, run: Run, frame: StartFrame) -> Hold:
        """Make this client the caller: of a call that is conducted here, of one that begins, or of another process's.

        Raises ConflictError where the line is not to be had, NoRoomError where this process is full, and
        OwnershipLostError when another process was faster.
        """
        if run.direction is not Direction.WEB:
            raise ConflictError(
                "This is a phone call, whose line is the carrier's: watch it, or send inject, interrupt or steer.",
                code="not-a-web-session",
            )
        async with self._turns.setdefault(run.id, asyncio.Lock()):
            client.take_place()
            try:
                line = self._lines.get(run.id) or await self._begin(client, run)
            except BaseException:
                client.leave_place()
                raise
            return line.give(client, frame)

    async def _begin(self, client: SessionClient, run: Run) -> WebLine:
        plan, possession = await self._conducting.take(await self._connecting(run.id))
        line = WebLine(possession.run, clock=self._services.clock, place_s=self._services.place_limit_s)
        self._lines[run.id] = line
        # It begins once the client holds the line: not before the next turn of the loop.
        client.lasting.create_task(self._conduct(line, plan, possession))
        return line

    async def _connecting(self, run_id: int) -> Run:
        """Return the run as it is now, on its way to a call or in one; raise ConflictError when it is over."""
        run = await self._services.keeper.get(run_id)
        status = session_status(run, self._services.clock())
        if status.is_final:
            raise ConflictError(f"The session is over: {status}.", code="session-over")
        return await self._services.keeper.begin_to_connect(run) if run.status is RunStatus.DIALING else run

    async def _conduct(self, line: WebLine, plan: CallPlan, possession: Possession) -> None:
        try:
            await self._conducting.conduct(line, line, plan, possession)
            # The log's end is the last that the client is sent; whoever sends it closes the socket after it.
            line.is_over()
        except OwnershipLostError:
            line.close(TAKEN)
        except asyncio.CancelledError:
            line.close(_STOPPED)
            raise
        except Exception as error:  # noqa: BLE001 - the top of a call
            closing = closing_for(error)
            if closing.code is CloseCode.INTERNAL_ERROR:
                log_failure(logger, "web call failed", error)
            line.close(closing)
        finally:
            del self._lines[plan.run.id]
