"""One client of a session, from its side of the socket: what is sent to it, and what becomes of one that does not read."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import Sequence

from offhook.clock import Clock
from offhook.sessions.frames import AudioFrame, SentFrame, frame_text
from streamer.sockets.close_codes import CloseCode
from streamer.sockets.intake import MAX_BYTES_PER_SECOND
from streamer.sockets.media_socket import MediaSocket

logger = logging.getLogger(__name__)

MAX_LAG_BYTES = 256 * 1024
"""What may wait for a client beside what the network holds: a minute of the liveliest log, or four of audio."""

LAG_CLOSE_S = 5.0
"""How long one that lags has to read what it was sent, and that it was closed."""

WATCHER_BYTES_PER_SECOND = 8000
"""What is taken of a client that is not the caller: 25 frames a second, the first second's worth at once."""


class SessionClient:
    """The peer of one session socket, as those see it who send to it; called on the event loop, nothing waits.

    `lasting` is what outlives the socket: its place is kept, and its handler lasts, until these tasks are over.
    `takes_text_audio`: audio is to come in text frames (`?audio=json`).
    """

    def __init__(
        self,
        socket: MediaSocket,
        session_id: str,
        *,
        lasting: asyncio.TaskGroup,
        takes_text_audio: bool,
        clock: Clock,
    ) -> None:
        self._socket = socket
        self._session_id = session_id
        self._clock = clock
        self.lasting = lasting
        self.takes_text_audio = takes_text_audio
        socket.intake.bytes_per_second = WATCHER_BYTES_PER_SECOND

    @property
    def is_open(self) -> bool:
        """Whether anything can still be sent."""
        return self._socket.is_open

    def send(self, *frames: SentFrame) -> None:
        """Send frames that go beside the log."""
        now = self._clock()
        self.send_many([frame_text(self._session_id, frame, now) for frame in frames])

    def send_audio(self, audio: bytes) -> None:
        """Send a part of the agent's audio in the format that `ready` has named, as this client takes it."""
        if self.takes_text_audio:
            self.send(AudioFrame(payload=b64encode(audio).decode()))
        else:
            self.send_many([audio])

    def send_many(self, messages: Sequence[str | bytes]) -> None:
        """Send messages as they are, str as text and bytes as binary."""
        for message in messages:
            if not self._socket.is_open:
                return
            if self._socket.unread_bytes > MAX_LAG_BYTES:
                self._give_up()
            else:
                self._socket.send_many((message,))

    async def until_read(self) -> None:
        """Wait while the client has much to read."""
        await self._socket.until_read()

    def close(self, code: int, reason: str) -> None:
        """Close the socket, without waiting for the peer."""
        self._socket.drop(code, reason)

    def take_place(self) -> None:
        """Count as a call from now on, no longer as a guest; raise NoRoomError (1013) where there is no room."""
        self._socket.take_place()
        self._socket.intake.bytes_per_second = MAX_BYTES_PER_SECOND

    def leave_place(self) -> None:
        """Count as a guest again: no call came of it."""
        self._socket.leave_place()
        self._socket.intake.bytes_per_second = WATCHER_BYTES_PER_SECOND

    def _give_up(self) -> None:
        logger.warning("client of a session does not read, closed")
        reason = "You read too slowly, connect again with your cursor"
        self._socket.drop(CloseCode.TRY_AGAIN_LATER, reason, cut_after_s=LAG_CLOSE_S)
