"""The gate of the session socket: whose token is good for a session that still lives, and nobody else, gets in."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from urllib.parse import parse_qsl

from offhook.clock import Clock
from offhook.errors import NotFoundError, UnauthenticatedError
from offhook.runs.model import Run
from offhook.runs.ports import RunRepository
from offhook.sessions.model import run_id_of, session_status
from offhook.sessions.tokens import Grant, SessionTokens
from streamer.record.threads import Threads
from streamer.sockets.guests import Attend
from streamer.sockets.media_socket import MediaSocket

PING_INTERVAL_S = 15.0
"""Below what proxies on the way take for a dead connection."""

ServeSession: TypeAlias = Callable[[MediaSocket, Run, Grant], Awaitable[None]]


class SessionGate:
    """Checks tokens and sessions before the upgrade, in threads of the sessions' own."""

    def __init__(
        self,
        serve: ServeSession,
        *,
        tokens: SessionTokens,
        runs: RunRepository,
        threads: Threads,
        clock: Clock,
    ) -> None:
        self._serve = serve
        self._tokens = tokens
        self._runs = runs
        self._threads = threads
        self._clock = clock

    async def ask(self, socket: MediaSocket, match: dict[str, str]) -> Attend:
        """Return who attends to the socket; raise UnauthenticatedError, NotFoundError or StorageError."""
        token = _token(socket)
        run, grant = await self._threads.run(self._look_up, token, match["session_id"])
        socket.ping_interval = PING_INTERVAL_S
        return lambda socket: self._serve(socket, run, grant)

    def _look_up(self, token: str, session_id: str) -> tuple[Run, Grant]:
        now = self._clock()
        grant = self._tokens.verify(token, session_id, now)
        run = self._runs.get(grant.organization_id, run_id_of(session_id))
        if not session_status(run, now).may_connect:
            raise NotFoundError("The session is over.")
        return run, grant


def _token(socket: MediaSocket) -> str:
    """Return the token of the header, else that of the address, which browsers can set."""
    scheme, _, token = socket.request_headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    for name, value in parse_qsl(socket.query):
        if name == "ws_token":
            return value
    raise UnauthenticatedError("Give the session's ws_token, in the address or as Authorization: Bearer.")
