"""A caller who talks in real time: hears the agent out, answers, and notes how long it was waited for."""

import asyncio
from collections.abc import Callable

from streamer.media import Audio
from streamer.media.mulaw import BYTES_PER_MS, SILENCE
from tests.support.phone import Phone

TICK_MS = 100
# Longer than any pause between two sentences of an agent, and shorter than its patience.
_HEARD_OUT_MS = 1200
_LONGEST_MS = 20_000


class Caller:
    """Sends a carrier's audio, a tenth of a second at a time; times are milliseconds of it."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._unsent = b""
        self._seen = 0
        self._confirmed = 0
        self._ticked = asyncio.Condition()
        self.now_ms = 0
        self.heard_ms: list[int] = []
        """When the agent sounded."""

    async def run(self) -> None:
        """Talk until cancelled, or until the agent has hung up."""
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        while not self._is_over:
            await self._tick()
            await asyncio.sleep(begun_s + self.now_ms / 1000 - loop.time())
        async with self._ticked:
            self._ticked.notify_all()

    async def say(self, audio: bytes) -> None:
        """Say something, and return when it is said."""
        self._unsent = audio
        await self.until(lambda: not self._unsent)

    def has_heard(self, sound_ms: int) -> bool:
        """Say whether the agent has begun to speak so long ago."""
        return bool(self.heard_ms) and self.now_ms >= self.heard_ms[0] + sound_ms

    async def hear_out(self, since_ms: int | None = None) -> int:
        """Wait until the agent has spoken, from now on, and fallen silent; return how long its first sound took."""
        since_ms = self.now_ms if since_ms is None else since_ms
        await self.until(lambda: self._has_spoken_since(since_ms))
        return next((ms for ms in self.heard_ms if ms > since_ms), self.now_ms) - since_ms

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait while time passes, until this is true, the agent has hung up, or the patience of anybody is at its end."""
        limit_ms = self.now_ms + _LONGEST_MS
        async with self._ticked:
            while not condition() and not self._is_over and self.now_ms < limit_ms:
                await self._ticked.wait()

    @property
    def _is_over(self) -> bool:
        return self._phone.close_code is not None

    def _has_spoken_since(self, since_ms: int) -> bool:
        return bool(self.heard_ms) and since_ms < self.heard_ms[-1] <= self.now_ms - _HEARD_OUT_MS

    async def _tick(self) -> None:
        length = TICK_MS * BYTES_PER_MS
        said, self._unsent = self._unsent[:length], self._unsent[length:]
        await self._phone.say(said + bytes((SILENCE,)) * (length - len(said)))
        self.now_ms += TICK_MS
        news, self._seen = self._phone.heard[self._seen :], len(self._phone.heard)
        if any(isinstance(event, Audio) and set(event.payload) != {SILENCE} for event in news):
            self.heard_ms.append(self.now_ms)
        for mark in self._phone.marks[self._confirmed :]:
            self._confirmed += 1
            await self._phone.confirm(mark)
        async with self._ticked:
            self._ticked.notify_all()
