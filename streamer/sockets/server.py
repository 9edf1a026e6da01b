"""The streamer's front door: sockets are routed by path, admitted when they prove to be calls, closed with a reason.

`/healthz` says that the process lives, and nothing about its load: a full task is healthy, and replacing it would
kill its calls.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from types import TracebackType
from typing import Self, TypeAlias, cast

from websockets.asyncio.server import Server as WebSocketServer
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response

from streamer.failures import log_failure
from streamer.sockets.close_codes import CloseCode, Closing, NoRoomError, closing_for
from streamer.sockets.guests import MOST_GUESTS, Attend, Gate, Guests
from streamer.sockets.media_socket import MediaSocket, listen
from streamer.sockets.newcomers import MOST_PER_SECOND, Newcomers
from streamer.sockets.unproved import Unproved, forwarded_network, network_of

logger = logging.getLogger(__name__)

DEFAULT_MAX_CALLS = 120
DEFAULT_MAX_UNPROVED = 500
"""No setting: strangers do not grow with the calls. The oldest goes first, so at the most that one network may bring, 300
a second, an honest handshake in its midst has 1.7 s, some times of what it needs. All of them with 20 s of audio that
nobody takes are 160 MB."""

HEALTH_PATH = "/healthz"

_NO_ROOM = "No room for another call here, try again"

Serve: TypeAlias = Callable[[MediaSocket, dict[str, str]], Awaitable[None]]


class Route:
    """A path with `{names}`, of which `{name*}` takes all that is left, and who serves its sockets.

    `serve` may return, which closes with 1000, or raise an error, which closes by the table of `close_codes`. Where there
    is a `gate` in its place, that is asked before the upgrade, and says who serves.
    """

    def __init__(self, path: str, serve: Serve | None = None, *, gate: Gate | None = None) -> None:
        self.serve = serve
        self.gate = gate
        pattern = re.sub(r"\\{(\w+)\\\*\\}", r"(?P<\1>.*)", re.escape(path))
        self._pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", pattern))

    def match(self, path: str) -> dict[str, str] | None:
        """Return what stands in place of the names, or None when this is another path."""
        found = self._pattern.fullmatch(path)
        return None if found is None else found.groupdict()


class Server:
    """Listens, admits calls up to a limit, and drains; an asynchronous context manager.

    A socket takes the place of a call when it says that it has proved to be one. Until then it waits with others that
    have not, `max_unproved` at most; one network may bring `most_per_second`, and `trusted_proxies` is how many proxies in front of us name the peer they saw.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        max_calls: int = DEFAULT_MAX_CALLS,
        max_unproved: int = DEFAULT_MAX_UNPROVED,
        max_guests: int = MOST_GUESTS,
        most_per_second: int = MOST_PER_SECOND,
        trusted_proxies: int = 0,
    ) -> None:
        self._routes = tuple(routes)
        self._host = host
        self._port = port
        self._max_calls = max_calls
        self._unproved = Unproved(max_unproved)
        self._newcomers = Newcomers(most_per_second)
        self._trusted_proxies = trusted_proxies
        self._guests = Guests(max_guests)
        self._calls: set[MediaSocket] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_draining = False
        self._is_empty = asyncio.Event()
        self._is_empty.set()
        self._listening: WebSocketServer | None = None

    @property
    def port(self) -> int:
        """The port that it listens on, also when it was asked for port 0."""
        if self._listening is None:
            raise RuntimeError("the server does not listen yet")
        return int(self._listening.sockets[0].getsockname()[1])

    @property
    def calls(self) -> int:
        """How many calls there are now."""
        return len(self._calls)

    @property
    def guests(self) -> int:
        """How many sockets there are that a gate has admitted, and that are no calls."""
        return len(self._guests)

    @property
    def unproved(self) -> int:
        """How many connections there are that have not proved to be calls."""
        return len(self._unproved)

    @property
    def is_draining(self) -> bool:
        """Whether new calls are refused for good."""
        return self._is_draining

    async def __aenter__(self) -> Self:
        self._listening = await listen(
            self._handle, host=self._host, port=self._port, door=self, process_request=self._answer_http
        )
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._is_draining = True
        if self._listening is not None:
            self._listening.close(code=CloseCode.SERVICE_RESTART, reason="The server is stopping")
            self._unproved.dismiss()
            await self._listening.wait_closed()

    async def drain(self, limit_s: float) -> bool:
        """Refuse new calls and wait for the present ones; return whether all ended within the limit.

        It goes on listening: health stays green, and who comes is told to try elsewhere (1013). Guests are sent there at
        once (1012).
        """
        self._is_draining = True
        self._guests.dismiss()
        try:
            async with asyncio.timeout(limit_s):
                await self._is_empty.wait()
        except TimeoutError:
            return False
        return True

    def abandon(self) -> None:
        """Cancel what still holds us: what it waits for will not come in time."""
        for task in self._tasks:
            task.cancel()

    # What the sockets call.

    def came(self, socket: MediaSocket) -> None:
        self._unproved.add(socket, self._network(socket))

    def gone(self, socket: MediaSocket) -> None:
        self._unproved.remove(socket)
        self._guests.leave(socket)

    def admit(self, socket: MediaSocket) -> None:
        if socket in self._calls:
            return
        if not socket.is_open or not self._has_room:
            raise NoRoomError(_NO_ROOM)
        self._unproved.remove(socket)
        self._guests.leave(socket)
        self._calls.add(socket)
        self._is_empty.clear()

    def readmit(self, socket: MediaSocket) -> None:
        self._leave(socket)
        if (
            socket.is_open
            and (closing := self._guests.enter(socket, is_draining=self._is_draining)) is not None
        ):
            socket.drop(closing.code, closing.reason)

    @property
    def _has_room(self) -> bool:
        # Who waits for a carrier to come back has no audio to hear, and must not keep it out.
        return not self._is_draining and sum(call.is_open for call in self._calls) < self._max_calls

    def _answer_http(
        self, connection: ServerConnection, request: Request
    ) -> Response | Awaitable[Response | None] | None:
        """Answer what is no socket of ours; None goes on to the upgrade, which answers 426 where it is missing."""
        path = request.path.partition("?")[0]
        if path == HEALTH_PATH:
            response = connection.respond(HTTPStatus.OK, '{"status":"ok"}')
            del response.headers["Content-Type"]  # setting a header adds another one
            response.headers["Content-Type"] = "application/json"
            return response
        socket = cast("MediaSocket", connection)
        if not self._newcomers.may_come(self._network(socket)):
            return connection.respond(HTTPStatus.TOO_MANY_REQUESTS, "Too many sockets are opened at once.\n")
        found = self._find(path)
        if found is None:
            return connection.respond(HTTPStatus.NOT_FOUND, "There is nothing at this path.\n")
        route, match = found
        return None if route.gate is None else self._guests.ask(route.gate, socket, match)

    def _network(self, socket: MediaSocket) -> str:
        address = socket.remote_address  # None of a peer that is gone already
        seen = forwarded_network(socket.forwarded_for, self._trusted_proxies)
        return seen or (network_of(address[0]) if address else "")

    def _find(self, path: str) -> tuple[Route, dict[str, str]] | None:
        for route in self._routes:
            if (match := route.match(path)) is not None:
                return route, match
        return None

    async def _handle(self, socket: MediaSocket) -> None:
        if (attend := self._guests.expected(socket)) is not None:
            await self._handle_guest(socket, attend)
            return
        route, match = self._find(socket.path) or (None, {})
        serve = route.serve if route is not None else None
        if serve is None or not self._has_room:
            await socket.close(CloseCode.TRY_AGAIN_LATER, _NO_ROOM)
            return
        self._unproved.add(socket, self._network(socket))
        await self._see_through(socket, lambda socket: serve(socket, match))

    async def _handle_guest(self, socket: MediaSocket, attend: Attend) -> None:
        self._unproved.remove(socket)
        if (closing := self._guests.enter(socket, is_draining=self._is_draining)) is not None:
            await socket.close(closing.code, closing.reason)
            return
        await self._see_through(socket, attend)

    async def _see_through(self, socket: MediaSocket, attend: Attend) -> None:
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._tasks.add(task)
        try:
            closing = await self._serve(socket, attend)
            await socket.close(closing.code, closing.reason)
        finally:
            self._tasks.discard(task)
            self._leave(socket)

    async def _serve(self, socket: MediaSocket, attend: Attend) -> Closing:
        try:
            await attend(socket)
        except Exception as error:  # noqa: BLE001 - the top of a call
            closing = closing_for(error)
            if closing.code is CloseCode.INTERNAL_ERROR:
                log_failure(logger, "call failed", error)
            return closing
        return Closing(CloseCode.NORMAL, "")

    def _leave(self, socket: MediaSocket) -> None:
        self._guests.leave(socket)
        self._calls.discard(socket)
        if not self._calls:
            self._is_empty.set()
