"""The sockets that take no call's place: admitted before the upgrade, bounded by themselves, gone when the process drains."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import TypeAlias
from weakref import WeakKeyDictionary

from websockets.http11 import Response

from offhook.errors import LimitReachedError, NotFoundError, OffhookError, UnauthenticatedError
from streamer.failures import log_failure
from streamer.sockets.close_codes import CloseCode, Closing
from streamer.sockets.media_socket import MediaSocket

logger = logging.getLogger(__name__)

MOST_GUESTS = 500
"""Of one process: each costs a tenth of a millisecond a second, so all of them a twentieth of a core."""

Attend: TypeAlias = Callable[[MediaSocket], Awaitable[None]]
Gate: TypeAlias = Callable[[MediaSocket, dict[str, str]], Awaitable[Attend]]
"""Asked before the upgrade: returns who attends to the socket, or raises what it is refused with."""

_FULL = Closing(CloseCode.TRY_AGAIN_LATER, "Too many watch here, try again")
_DRAINING = Closing(CloseCode.SERVICE_RESTART, "This task is stopping, connect again")

# Anything else is 500.
_STATUS: Sequence[tuple[type[OffhookError], HTTPStatus]] = (
    (UnauthenticatedError, HTTPStatus.UNAUTHORIZED),
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (LimitReachedError, HTTPStatus.TOO_MANY_REQUESTS),
)


class Guests:
    """Sockets that gates have admitted, while they are no calls."""

    def __init__(self, most: int = MOST_GUESTS) -> None:
        self._most = most
        # Weak, for one that is gone before its upgrade never comes for it.
        self._expected: WeakKeyDictionary[MediaSocket, Attend] = WeakKeyDictionary()
        self._present: set[MediaSocket] = set()

    def __len__(self) -> int:
        return len(self._present)

    async def ask(self, gate: Gate, socket: MediaSocket, match: dict[str, str]) -> Response | None:
        """Ask the gate; return its refusal, or None for an upgrade, after which the socket is expected."""
        try:
            self._expected[socket] = await gate(socket, match)
        except Exception as error:  # noqa: BLE001 - the top of a request
            return _refusal(socket, error)
        return None

    def expected(self, socket: MediaSocket) -> Attend | None:
        """Return who attends to this socket; None where no gate was asked about it."""
        return self._expected.pop(socket, None)

    def enter(self, socket: MediaSocket, *, is_draining: bool) -> Closing | None:
        """Take a socket in; return why it must go instead."""
        if is_draining:
            return _DRAINING
        if len(self._present) >= self._most:
            return _FULL
        self._present.add(socket)
        return None

    def leave(self, socket: MediaSocket) -> None:
        """Count a socket no more: it is gone, or a call."""
        self._present.discard(socket)

    def dismiss(self) -> None:
        """Have all go: they may come back to another process."""
        for socket in tuple(self._present):
            socket.drop(_DRAINING.code, _DRAINING.reason)


def _refusal(socket: MediaSocket, error: Exception) -> Response:
    for kind, status in _STATUS:
        if isinstance(error, kind):
            response = socket.respond(status, f"{error.detail}\n")
            if status is HTTPStatus.UNAUTHORIZED:
                response.headers["WWW-Authenticate"] = "Bearer"
            return response
    log_failure(logger, "session socket not opened", error)
    return socket.respond(
        HTTPStatus.INTERNAL_SERVER_ERROR, "The session could not be looked up, try again.\n"
    )
