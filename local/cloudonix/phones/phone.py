"""The phone at the far end of a call: a person, what it has to play, and a clock of 20 ms that drives both."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from local.cloudonix.phones.loudspeaker import Loudspeaker
from local.people.caller import CallerMachine, Said
from streamer.media.mulaw import CHUNK_MS

TICK_SECONDS = CHUNK_MS / 1000
# A loop that was held up for longer than this has no past to catch up with.
_MAX_LAG_SECONDS = 0.5


class Line(Protocol):
    """Where the phone's sound goes while it is joined with something. Nothing here waits."""

    def say(self, said: Said) -> None:
        """Send these 20 ms."""

    def reach(self, mark: str) -> None:
        """Say that everything before a mark was played."""


class Phone:
    """Plays and listens in real time from the moment it is picked up, whether a stream is open or not."""

    def __init__(
        self,
        caller: CallerMachine,
        *,
        on_hang_up: Callable[[], None],
        tick_seconds: float = TICK_SECONDS,
    ) -> None:
        self._caller = caller
        self._on_hang_up = on_hang_up
        self.tick_seconds = tick_seconds
        self._lines: list[Line] = []
        self._take_key: Callable[[str], None] | None = None
        self._spoken = asyncio.Event()
        self.playout = Loudspeaker()

    async def run(self) -> None:
        """Keep the clock going until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + self.tick_seconds, loop.time() - _MAX_LAG_SECONDS)
            await asyncio.sleep(due - loop.time())
            self._tick()

    def connect(self, line: Line) -> None:
        """Give the phone's sound to a stream or a room, beside those that have it."""
        self._lines.append(line)

    def disconnect(self, line: Line) -> None:
        """Take it away, if it has it; what was not played is dropped with the last one."""
        if line in self._lines:
            self._lines.remove(line)
        if not self._lines:
            self.playout.clear()

    def give_keys_to(self, take_key: Callable[[str], None] | None) -> None:
        """Tell this, and nobody else, of each key that the person presses."""
        self._take_key = take_key

    async def hear_keys(self, digits: str, audio: bytes) -> None:
        """Play the tones of keys, which the person can tell from speech."""
        self._caller.on_keys(digits)
        await self.speak(audio)

    def clear(self) -> list[str]:
        """Drop what has not been played, as the agent asks; return the marks in it."""
        names = self.playout.clear()
        self._caller.on_clear()
        return names

    async def speak(self, audio: bytes) -> None:
        """Play a recording of the carrier's own, and wait until it has been heard."""
        self._spoken.clear()
        self.playout.push(audio)
        self.playout.mark("spoken")
        try:
            await self._spoken.wait()
        finally:
            self.playout.clear()

    def _tick(self) -> None:
        chunk, marks = self.playout.next_chunk()
        for mark in marks:
            self._reach(mark)
        said = self._caller.step(chunk)
        for line in tuple(self._lines):
            line.say(said)
        if said.digit and self._take_key:
            self._take_key(said.digit)
        if said.hangs_up:
            self._on_hang_up()

    def _reach(self, mark: str) -> None:
        for line in tuple(self._lines):
            line.reach(mark)
        if not self._lines:
            self._spoken.set()
