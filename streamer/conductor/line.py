"""A line: where the caller's audio comes from and the agent's goes to, a carrier's socket or a browser's."""

from collections.abc import Sequence
from typing import Protocol

from streamer.media.events import Event
from streamer.sockets.media_socket import MediaListener


class LineSocket(Protocol):
    """What carries a line's messages."""

    def attach(self, listener: MediaListener) -> None:
        """Give all messages, those first that came before, to this listener."""

    def send_many(self, messages: Sequence[str | bytes]) -> None:
        """Send messages at once, str as text and bytes as binary; to nobody, when nobody is there."""

    def fail(self, error: Exception) -> None:
        """Give up the line because a callback of the call raised this error."""


class LineStream(Protocol):
    """How a line's messages are read and written."""

    def receive(self, message: str | bytes) -> Event | None:
        """Return what a message says, or None when it says nothing to us; raise ProtocolError."""

    def media(self, payload: str) -> str | bytes:
        """Write 20 ms of audio, given as base64 of mu-law."""

    def mark(self, name: str) -> str:
        """Write that all audio of something was sent; the line tells when it has been heard."""

    def clear(self) -> str:
        """Write that the line shall drop all audio that has not been heard."""
