"""Time for calls whose carrier sends nothing: a muted caller's call goes on, though its clock is the caller's audio."""

import asyncio
from typing import Protocol

from streamer.media.mulaw import CHUNK_MS

LOOK_EVERY_MS = 200
_CHUNKS = LOOK_EVERY_MS // CHUNK_MS
_MOST_HICCUP_LOOKS, _MOST_STALL_LOOKS = 1, 4


class HeardCall(Protocol):
    """What is watched."""

    heard_bytes: int
    """How much audio the caller has sent."""

    @property
    def is_in_word(self) -> bool:
        """Say whether the caller was speaking just now, without a pause in which they could have finished."""

    def pass_silence(self, chunks: int) -> None:
        """Let so many times 20 ms pass."""


class QuietLine:
    """Looks five times a second whether audio came, and lets the time pass in its place once it stays away.

    The first look that finds none may be a network's hiccup, whose audio is still to come; the second makes up for both.
    In the middle of a word it is the network that stalls, since nobody is silent there: a second is waited for the rest of
    it, or half a sentence would be answered. What comes late after that is heard all the same, later than it was said.
    """

    def __init__(self, call: HeardCall) -> None:
        self._loop = asyncio.get_running_loop()
        self._call = call
        self._heard_bytes = 0
        self._quiet_looks = 0
        self._passes = False
        self._next: asyncio.TimerHandle | None = None

    def watch(self) -> None:
        """Begin."""
        self._heard_bytes = self._call.heard_bytes
        self._next = self._loop.call_later(LOOK_EVERY_MS / 1000, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._next is not None:
            self._next.cancel()

    def _look(self) -> None:
        self._next = self._loop.call_later(LOOK_EVERY_MS / 1000, self._look)
        heard_bytes, self._heard_bytes = self._heard_bytes, self._call.heard_bytes
        if heard_bytes != self._heard_bytes:
            self._quiet_looks, self._passes = 0, False
            return
        self._quiet_looks += 1
        if self._passes:
            self._call.pass_silence(_CHUNKS)
        elif self._quiet_looks > (_MOST_STALL_LOOKS if self._call.is_in_word else _MOST_HICCUP_LOOKS):
            self._passes = True
            self._call.pass_silence(self._quiet_looks * _CHUNKS)
