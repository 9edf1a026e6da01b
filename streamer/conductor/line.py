"""A line: where the caller's audio comes from and the agent's goes to, a carrier's socket or a browser's."""

from collections.abc import Sequence
from typing import Protocol

from offhook.runs.end_reasons import EndReason
from streamer.media.events import Event
from streamer.sockets.media_socket import MediaListener


class LineCall(MediaListener, Protocol):
    """The call of a line: it hears what the line's other end sends, and rests while there is none."""

    def rest(self) -> None:
        """Stand still: nobody is on the line, who may come back."""

    def wake(self) -> None:
        """Go on from where the call stood still, for somebody is on the line again."""

    def caller_is_gone(self) -> None:
        """Learn that the caller will not come back."""

    def end(self, reason: EndReason) -> None:
        """End the call from our side."""


class LineSocket(Protocol):
    """What carries a line's messages."""

    def attach(self, listener: LineCall) -> None:
        """Give all messages, those first that came before, to this call."""

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
