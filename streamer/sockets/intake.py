"""What comes from one peer, cut into frames: no faster than a call could need, and only while somebody takes them."""

import asyncio
from typing import Protocol

from streamer.sockets.websocket_frames import INCOMPLETE, UNUSUAL, frame_end

MAX_BYTES_PER_SECOND = 160_000
"""What is taken of one socket: a call sends 50 messages of 300 bytes each second, so ten times real time.

That is room for a carrier that catches up after a hold-up, and little enough work to leave other calls their time.
"""

LEAST_FRAME_BYTES = 320
"""What a frame counts at least: an empty one is as much work as 20 ms of audio, so 500 a second and no more."""

MAX_UNTAKEN_BYTES = 320_000
"""Twenty seconds of a call, kept while nobody takes them; what is beyond waits in the network, and is not lost."""

FRAMES_AT_ONCE = 64
"""After so many, or 2 ms of work, the other calls have their turn."""


class FrameTaker(Protocol):
    """Who takes the frames of an intake, in order."""

    def take_frame(self, data: bytes | bytearray, start: int, end: int) -> None:
        """Take the whole frame that lies between these positions."""

    def take_unusual(self, data: bytes | bytearray) -> None:
        """Take what cannot be a frame of a client; nothing follows it."""

    def take_end(self) -> None:
        """Learn that the connection is gone and that all which came of it was taken."""


class Intake:
    """The bytes of one peer on their way to the taker.

    Who sends more than `bytes_per_second` is not read for as long as that was too early; the first second's worth is
    always free, and nothing is lost.
    """

    def __init__(self, transport: asyncio.Transport, taker: FrameTaker) -> None:
        self.bytes_per_second = MAX_BYTES_PER_SECOND
        self._transport = transport
        self._taker = taker
        self._loop = asyncio.get_running_loop()
        self._untaken = bytearray()
        self._counted_bytes = 0
        self._counted_from_s = self._loop.time()
        self._flows = False
        self._is_splitting = False
        self._is_waiting = False
        self._timer: asyncio.TimerHandle | None = None
        self._is_reading = True
        self._is_closing = False
        self._has_ended = False

    @property
    def untaken_bytes(self) -> int:
        """How much waits for its taker."""
        return len(self._untaken)

    def feed(self, data: bytes) -> None:
        """Take bytes as the transport received them."""
        if not self._untaken and not self._is_waiting:
            taken = self._split(data)
            if taken < len(data):
                self._untaken += data[taken:]
        else:
            self._untaken += data
            if not self._is_waiting:
                self._take_untaken()
        if len(self._untaken) > MAX_UNTAKEN_BYTES:
            self._read_or_not()

    def flow(self) -> None:
        """Have frames taken, those kept first."""
        self._flows = True
        if not self._is_splitting and not self._is_waiting:
            self._go_on()

    def hold(self) -> None:
        """Keep what comes."""
        self._flows = False

    def close(self) -> None:
        """Have frames taken for a goodbye: who sends more than is due is not read again."""
        self._is_closing = True
        self.flow()

    def end(self) -> None:
        """Note that nothing more will come; what is left is taken without a wait."""
        self._has_ended = True
        if self._is_closing:
            self._untaken.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._is_waiting = False
        if self._flows:
            self._wait(0.0)

    def _go_on(self) -> None:
        self._is_waiting = False
        self._take_untaken()
        self._read_or_not()
        if self._has_ended and self._flows and not self._is_waiting:
            self._taker.take_end()

    def _take_untaken(self) -> None:
        if self._untaken:
            taken = self._split(self._untaken)
            del self._untaken[:taken]

    def _split(self, data: bytes | bytearray) -> int:
        """Have the taker take whole frames, as many as are due; return how many bytes they were."""
        start, size, left = 0, len(data), FRAMES_AT_ONCE
        self._is_splitting = True
        while start < size and self._flows and left:
            end = frame_end(data, start)
            if end == UNUSUAL:
                self._taker.take_unusual(data[start:])
                start = size
            elif end == INCOMPLETE or end > size:
                break
            else:
                self._taker.take_frame(data, start, end)
                cost = end - start
                self._counted_bytes += cost if cost > LEAST_FRAME_BYTES else LEAST_FRAME_BYTES  # noqa: FURB136 - twice as fast
                start, left = end, left - 1
                if self._counted_bytes > self.bytes_per_second and self._must_wait():
                    break
        self._is_splitting = False
        if not left and not self._is_waiting:
            self._wait(0.0)
        return start

    def _must_wait(self) -> bool:
        # A call at normal speed comes here as well, every ten seconds, long after these bytes were due.
        now_s = self._loop.time()
        early_s = self._counted_from_s + self._counted_bytes / self.bytes_per_second - now_s
        self._counted_bytes, self._counted_from_s = 0, now_s + max(0.0, early_s)
        if early_s <= 0 or self._has_ended:
            return False
        self._wait(early_s)
        return True

    def _wait(self, seconds: float) -> None:
        self._is_waiting = True
        self._read_or_not()
        if seconds == 0 or not self._is_closing:
            self._timer = self._loop.call_later(seconds, self._go_on)

    def _read_or_not(self) -> None:
        wanted = not self._is_waiting and len(self._untaken) <= MAX_UNTAKEN_BYTES
        if wanted is self._is_reading or self._transport.is_closing():
            return
        self._is_reading = wanted
        if wanted:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()
