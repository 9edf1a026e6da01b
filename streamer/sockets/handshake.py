"""The beginning of a media stream: wait for `connected` and `start`, for a while."""

import asyncio

from offhook.errors import OffhookError, ProtocolError
from streamer.media import Connected, MediaStream, Started
from streamer.sockets.close_codes import HandshakeTimeoutError, PeerGoneError
from streamer.sockets.media_socket import MediaSocket

HANDSHAKE_TIMEOUT_S = 10.0


async def handshake(
    socket: MediaSocket, stream: MediaStream, timeout_s: float = HANDSHAKE_TIMEOUT_S
) -> Started:
    """Return what `start` says; the limit holds for each of the two messages.

    What follows `start` is kept by the socket for the next listener. Raises ProtocolError (4400),
    HandshakeTimeoutError (4408) or PeerGoneError.
    """
    try:
        async with asyncio.timeout(timeout_s) as limit:
            greeting = _Greeting(socket, stream, limit, timeout_s)
            socket.attach(greeting)
            return await greeting.outcome
    except TimeoutError:
        raise HandshakeTimeoutError("Handshake timeout") from None
    finally:
        socket.detach()


class _Greeting:
    """The listener until the call has one."""

    def __init__(
        self, socket: MediaSocket, stream: MediaStream, limit: asyncio.Timeout, timeout_s: float
    ) -> None:
        self._socket = socket
        self._stream = stream
        self._limit = limit
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[Started] = self._loop.create_future()

    def on_message(self, data: bytes | str) -> None:
        try:
            event = self._stream.receive(data)
        except ProtocolError as error:
            self._refuse(error)
            return
        if isinstance(event, Connected):
            self._limit.reschedule(self._loop.time() + self._timeout_s)
        elif isinstance(event, Started) and not self.outcome.done():
            self.outcome.set_result(event)
            self._socket.detach()

    def on_closed(self) -> None:
        self._refuse(PeerGoneError("The peer closed the socket before the call began"))

    def _refuse(self, error: OffhookError) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)
        self._socket.detach()
