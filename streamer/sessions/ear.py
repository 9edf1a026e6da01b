"""The ear of a client that listens in: what both sides say, in the form that it has asked for."""

from collections.abc import Callable

from offhook.sessions.frames import AudioEncoding, AudioFormat
from streamer.record.patience import comes
from streamer.sessions.listening import KNOWN_WITHIN_S, Channel, Piece
from streamer.sessions.session_client import SessionClient


class Ear:
    """Implements Listener; `on_change` is called when audio begins to come, or comes no more, after `begin`."""

    def __init__(self, client: SessionClient, on_change: Callable[[], None]) -> None:
        self._client = client
        self._on_change = on_change
        self._has_begun = False
        self.is_live = False

    @property
    def audio_format(self) -> AudioFormat | None:
        """How audio is written that comes; None while none does."""
        if not self.is_live:
            return None
        channels = 1 if self._client.takes_text_audio else 2
        return AudioFormat(encoding=AudioEncoding.MULAW, rate=AudioEncoding.MULAW.rate_hz, channels=channels)

    async def begin(self, channel: Channel) -> None:
        """Wait until it is known whether anything can be heard, half a second at most."""
        await comes(channel.is_known, within_s=KNOWN_WITHIN_S)
        self.is_live = channel.is_live
        self._has_begun = True

    # What the channel calls.

    def hear(self, piece: Piece) -> None:
        if self._has_begun:
            self._client.send_many(piece.texts if self._client.takes_text_audio else (piece.stereo,))

    def live_changed(self, *, is_live: bool) -> None:
        self.is_live = is_live
        if self._has_begun:
            self._on_change()
