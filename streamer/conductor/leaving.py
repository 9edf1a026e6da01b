"""What a call needs of whoever puts its caller through to somebody else, or has keys pressed on the caller's line."""

from collections.abc import Callable
from typing import Protocol

from streamer.call.commands import Transfer
from streamer.call.events import Event

Tell = Callable[[Event], None]


class Leaving(Protocol):
    """Takes callers off our stream, one at a time; what becomes of that is told as events of the machine."""

    async def carry_out(self, wanted: Transfer, tell: Tell) -> None:
        """Make the transfer, up to the moment at which the caller leaves our stream, or it fails."""

    async def send_digits(self, digits: str, tell: Tell) -> None:
        """Have the carrier press keys on the caller's line, for which the caller leaves our stream."""

    def cancel(self) -> None:
        """Give up the transfer under way, for good; the other person is hung up on."""

    def stream_ended(self) -> None:
        """Take note that the caller's media stream is over."""
