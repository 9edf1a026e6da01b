"""How a streamer stops: its calls go on for a while, whoever is still there is told, and nothing holds the process up.

ECS kills a task 120 s after it has told it to stop. Of those the calls have 90, a closing sentence 12, and the end of the
call 8: the hang-up, the last flush, the recording, the row.
"""

import os
import threading

from streamer.live_calls import LiveCalls
from streamer.sockets.server import Server

CLOSING_S = 12.0
SETTLING_S = 8.0
LAST_RESORT_S = 24.0
"""After the drain's own time; until then sockets and threads may end in order."""


async def drain(server: Server, calls: LiveCalls | None, drain_s: float) -> None:
    """Return when all calls are over, or given up; the process ends with status 0 in any case, 24 s after `drain_s` at last.

    Without `calls`, they are given up after `drain_s`.
    """
    _end_at_last(drain_s + LAST_RESORT_S)
    if await server.drain(drain_s):
        return
    if calls is not None:
        calls.say_goodbye()
        if await server.drain(CLOSING_S):
            return
        calls.end_all()
        if await server.drain(SETTLING_S):
            return
    # A store that is away would hold us until we are killed; the run's lease tells others that it is free.
    server.abandon()


def _end_at_last(limit_s: float) -> None:
    # A thread that waits for a service would keep the process, and nothing in the event loop could help it.
    last_resort = threading.Timer(limit_s, os._exit, (0,))
    last_resort.daemon = True
    last_resort.start()
