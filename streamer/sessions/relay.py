"""The relay: what is said in a call, from the process that has it to one where somebody listens.

A socket of the install's own, at the owner's private address. It is on no route of the edge, and its token is made for
this alone, of one run at one owner, for two minutes.
"""

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from offhook.clock import Clock
from offhook.errors import NotFoundError, OffhookError, UnauthenticatedError
from offhook.runs.model import Ownership, Run
from offhook.runs.ports import RunRepository
from offhook.signing import Signer
from streamer.failures import log_failure
from streamer.live_calls import LiveCalls
from streamer.record.threads import Threads
from streamer.sessions.listening import Channel, Listening, Piece
from streamer.sockets.close_codes import CloseCode
from streamer.sockets.guests import Attend
from streamer.sockets.media_socket import MediaSocket

logger = logging.getLogger(__name__)

# The library logs addresses, in which tokens stand.
_library_logger = logging.getLogger("streamer.websockets")

PATH = "/relay/{run_id}/{token}"

_LIFE = timedelta(minutes=2)
_TOKEN = re.compile(r"([0-9]{1,12})\.([A-Za-z0-9_-]{32})", re.ASCII)
_CONNECT_LIMIT_S = 2.0
_PING_INTERVAL_S = 15.0
_MOST_BYTES = 16_384

# An owner that takes the call over from another is found by the second attempt; what can't be reached is left alone.
_WAITS_S = (0.5, 0.5, 1, 2, 4)
_LONGEST_WAIT_S = 15.0

# Six seconds of audio: who does not read that has no use for it.
_MOST_UNREAD_BYTES = 100_000


class RelayTokens:
    """Makes and reads the tokens of relay sockets."""

    def __init__(self, install_secret: str, others: Sequence[str] = (), *, clock: Clock) -> None:
        self._signer = Signer(install_secret, "relay", others)
        self._clock = clock

    def path(self, run_id: int, owner: str) -> str:
        """Return the address, at its owner, of the relay of a run."""
        expires = int((self._clock() + _LIFE).timestamp())
        signature = self._signer.sign(f"{run_id}:{owner}:{expires}")
        return PATH.format(run_id=run_id, token=f"{expires}.{signature}")

    def check(self, token: str, run_id: str, owner: str) -> None:
        """Raise UnauthenticatedError unless the token is good here, now, for this run."""
        match = _TOKEN.fullmatch(token)
        if match is None or int(match[1]) < self._clock().timestamp():
            raise _not_good()
        if not self._signer.verify(f"{run_id}:{owner}:{match[1]}", match[2]):
            raise _not_good()


class RelayGate:
    """The owner's end: lets in who may listen, and sends them what is said here."""

    def __init__(
        self, tokens: RelayTokens, *, owner: str, live_calls: LiveCalls, listening: Listening
    ) -> None:
        self._tokens = tokens
        self._owner = owner
        self._live_calls = live_calls
        self._listening = listening

    async def ask(self, socket: MediaSocket, match: dict[str, str]) -> Attend:
        """Return who attends to the socket; raise UnauthenticatedError or NotFoundError."""
        if socket.forwarded_for:
            # It has come through a proxy, from the internet maybe; others of the install come straight.
            raise _not_good()
        self._tokens.check(match["token"], match["run_id"], self._owner)
        call = self._live_calls.find(int(match["run_id"]))
        if call is None:
            raise NotFoundError("The call is not here.")
        return partial(self._serve, run=call.record.run)

    async def _serve(self, socket: MediaSocket, run: Run) -> None:
        if self._live_calls.find(run.id) is None:
            return  # It has ended during the upgrade.
        outlet = _Outlet(socket)
        socket.attach(outlet)
        with self._listening.listen(run, outlet):
            await outlet.is_over.wait()


class _Outlet:
    """One relay socket at the owner's end."""

    def __init__(self, socket: MediaSocket) -> None:
        self._socket = socket
        self.is_over = asyncio.Event()

    def hear(self, piece: Piece) -> None:
        if self._socket.unread_bytes > _MOST_UNREAD_BYTES:
            self._socket.drop(CloseCode.TRY_AGAIN_LATER, "Too slow")
        else:
            self._socket.send_many((piece.stereo,))

    def live_changed(self, *, is_live: bool) -> None:
        # The call has left this process, and whoever listens must look for it elsewhere.
        if not is_live:
            self.is_over.set()

    def on_message(self, data: bytes | str) -> None:
        """Nothing is said on a relay."""

    def on_closed(self) -> None:
        self.is_over.set()


class Relays:
    """Implements Source, the listener's end: one socket for each run, however many listen, for as long as they do."""

    def __init__(self, tokens: RelayTokens, *, runs: RunRepository, threads: Threads) -> None:
        self._tokens = tokens
        self._runs = runs
        self._threads = threads
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Keep the sockets, until cancelled."""
        async with asyncio.TaskGroup() as self._tasks:
            await asyncio.Event().wait()

    def open(self, channel: Channel) -> Callable[[], object]:
        if self._tasks is None:
            channel.tell(is_live=False)
            return lambda: None
        relaying = self._tasks.create_task(self._relay(channel))
        return relaying.cancel

    async def _relay(self, channel: Channel) -> None:
        """Listen to whoever has the call; look again and again for who that is, less and less often."""
        failures = 0
        while True:
            before = channel.pieces
            try:
                await self._listen(channel)
            except Exception as error:  # noqa: BLE001 - the top of a relay: those of other runs have nothing to do with it
                log_failure(logger, "relay failed", error)
            failures = 0 if channel.pieces > before else failures + 1
            if failures:
                # Of a call that has ended, or gone on elsewhere, the log tells first.
                channel.tell(is_live=False)
            await asyncio.sleep(_WAITS_S[failures] if failures < len(_WAITS_S) else _LONGEST_WAIT_S)

    async def _listen(self, channel: Channel) -> None:
        run = channel.run
        try:
            owner = await self._threads.run(self._owner, run)
            if owner is None or not owner.address:
                return
            url = f"ws://{owner.address}{self._tokens.path(run.id, owner.owner)}"
            async with connect(
                url,
                compression=None,
                proxy=None,
                open_timeout=_CONNECT_LIMIT_S,
                close_timeout=_CONNECT_LIMIT_S,
                ping_interval=_PING_INTERVAL_S,
                max_size=_MOST_BYTES,
                logger=_library_logger,
            ) as socket:
                channel.tell(is_live=True)
                async for message in socket:
                    if isinstance(message, bytes):
                        channel.hear(message)
        except (OffhookError, OSError, WebSocketException) as error:
            # Its text would hold the address with its token.
            logger.info("no relay", extra={"run_id": run.id, "error_type": type(error).__name__})

    def _owner(self, run: Run) -> Ownership | None:
        return self._runs.get(run.organization_id, run.id).ownership


def _not_good() -> UnauthenticatedError:
    return UnauthenticatedError("This address was not made for you.", code="invalid-token")
