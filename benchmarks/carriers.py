"""Simulated carriers: callers who speak, wait for the reply and interrupt every other one, all from one timer."""

import asyncio
import random
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import cast

from websockets.frames import Opcode

from benchmarks.figures import Samples
from benchmarks.messages import UPGRADE, audio_ms, event_of, frame, mark, media, opening, split
from benchmarks.speech import Clip
from streamer.media.mulaw import SILENT_CHUNK

CHUNK_S = 0.02
INTERRUPT_AFTER_S = 0.6
UNANSWERED_AFTER_S = 3.0
_PING, _CLOSE, _TEXT = 0x89, 0x88, 0x81
_JITTER_MS = 1.0


class Mood(StrEnum):
    """What a caller does now."""

    PAUSING = "pausing"
    SPEAKING = "speaking"
    WAITING = "waiting"
    LISTENING = "listening"


class Carrier(asyncio.Protocol):
    """One phone call: the socket, the caller on it, and the clock of the phone's loudspeaker."""

    def __init__(
        self, clips: Sequence[Clip], samples: Samples, seed: int, *, interrupts: bool = True
    ) -> None:
        self._clips = clips
        self._samples = samples
        self._random = random.Random(seed)
        self._transport: asyncio.Transport
        self._rest = b""
        self._marks: list[tuple[float, str]] = []
        self.is_connected = asyncio.Event()
        self.is_lost = False
        self.counts = False
        self._mood = Mood.PAUSING
        self._until_s = time.perf_counter() + self._random.uniform(0.2, 2.5)
        self._clip = clips[0]
        self._position = 0
        self._interrupts = interrupts
        self._interrupts_next = interrupts and self._random.random() < 0.5
        self._spoke_at_s = 0.0
        self._awaits_clear_since_s: float | None = None
        self._heard_until_s = 0.0
        self._is_reply_new = True

    # Sending, once per 20 ms.

    def send_chunk(self) -> None:
        """Send what the caller says, or the silence between."""
        now = time.perf_counter()
        if self._mood is not Mood.SPEAKING:
            self._think(now)
        chunk = self._next_chunk()
        self._transport.write(media(chunk))
        self._note_sent(time.perf_counter())
        while self._marks and self._marks[0][0] <= now:
            self._transport.write(mark(self._marks.pop(0)[1]))

    def _think(self, now: float) -> None:
        if self._mood is Mood.WAITING and now > self._spoke_at_s + UNANSWERED_AFTER_S:
            self._count("turns", "missed_turns")
            self._pause(now)
        elif self._mood is Mood.LISTENING:
            self._listen(now)
        elif self._mood is Mood.PAUSING and now >= self._until_s:
            self._speak()

    def _listen(self, now: float) -> None:
        if self._interrupts_next and now >= self._until_s:
            self._speak()
            self._awaits_clear_since_s = 0.0
        elif now > self._heard_until_s + 0.1:
            self._pause(now)

    def _pause(self, now: float) -> None:
        self._mood = Mood.PAUSING
        self._until_s = now + self._random.uniform(0.3, 0.8)

    def _speak(self) -> None:
        self._mood = Mood.SPEAKING
        self._clip, self._position = self._random.choice(self._clips), 0
        self._interrupts_next = self._interrupts and not self._interrupts_next

    def _next_chunk(self) -> bytes:
        if self._mood is not Mood.SPEAKING:
            return SILENT_CHUNK
        self._position += 1
        return self._clip.chunks[self._position - 1]

    def _note_sent(self, now: float) -> None:
        if self._mood is not Mood.SPEAKING:
            return
        if self._awaits_clear_since_s == 0.0:
            self._awaits_clear_since_s = now
        if self._position == len(self._clip.chunks):
            self._end_turn(now)

    def _end_turn(self, now: float) -> None:
        self._spoke_at_s = now
        self._is_reply_new = True
        if self._awaits_clear_since_s is not None:
            self._awaits_clear_since_s = None
            self._count("missed_barge_ins")
        if self._heard_until_s > now:
            self._count("turns", "early_turns")
            self._hear_reply(now)
        else:
            self._mood = Mood.WAITING

    # Receiving.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class descends from nothing
        self._transport.write(UPGRADE)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if not self.is_connected.is_set():
            data = self._upgraded(data)
        frames, self._rest = split(self._rest + data)
        for kind, payload in frames:
            if kind == _TEXT:
                self._take(payload, now)
            elif kind == _PING:
                self._transport.write(frame(Opcode.PONG, payload))
            elif kind == _CLOSE:
                self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True

    def close(self) -> None:
        """Hang up."""
        self.counts = False
        self._transport.close()

    def _upgraded(self, data: bytes) -> bytes:
        head, end, rest = (self._rest + data).partition(b"\r\n\r\n")
        if not end:
            self._rest = head
            return b""
        self._rest = b""
        self._transport.write(opening())
        self.is_connected.set()
        return rest

    def _take(self, payload: bytes, now: float) -> None:
        duration_ms = audio_ms(payload)
        if duration_ms is not None:
            self._hear(duration_ms / 1000, now)
            return
        event, name = event_of(payload)
        if event == "mark":
            # What follows a mark is said anew, whenever the agent pleases: no gap in what went before.
            self._marks.append((self._heard_until_s, name))
            self._is_reply_new = True
        elif event == "clear":
            self._clear(now)

    def _hear(self, duration_s: float, now: float) -> None:
        if self._mood is Mood.WAITING:
            self._count("turns")
            self._sample(self._samples.replies, now - self._spoke_at_s)
            self._hear_reply(now)
        late_s = 0.0 if self._is_reply_new else max(0.0, now - self._heard_until_s)
        self._is_reply_new = False
        self._sample(self._samples.lateness, late_s)
        if late_s * 1000 > _JITTER_MS:
            self._count("underruns")
        self._heard_until_s = max(self._heard_until_s, now) + duration_s

    def _hear_reply(self, now: float) -> None:
        self._mood = Mood.LISTENING
        self._until_s = now + INTERRUPT_AFTER_S

    def _clear(self, now: float) -> None:
        if self._awaits_clear_since_s:
            self._sample(self._samples.barge_ins, now - self._awaits_clear_since_s)
        self._awaits_clear_since_s = None
        self._heard_until_s = 0.0
        self._is_reply_new = True
        # A carrier confirms the marks of what it drops.
        self._marks = [(0.0, name) for _, name in self._marks]

    def _sample(self, values: list[float], seconds: float) -> None:
        if self.counts:
            values.append(seconds * 1000)

    def _count(self, *names: str) -> None:
        if self.counts:
            for name in names:
                setattr(self._samples, name, getattr(self._samples, name) + 1)


class Ticker:
    """Sends every carrier's chunk at its own moment within the 20 ms, from one timer."""

    def __init__(self, carriers: Sequence[Carrier], samples: Samples) -> None:
        self._carriers = carriers
        self._samples = samples
        start = time.perf_counter()
        self._due_s = [start + CHUNK_S * index / len(carriers) for index in range(len(carriers))]
        self._at = 0
        self._handle: asyncio.TimerHandle | None = None
        self.counts = False

    def start(self) -> None:
        """Send until `stop`."""
        self._tick()

    def stop(self) -> None:
        """Send nothing more."""
        if self._handle is not None:
            self._handle.cancel()

    def _tick(self) -> None:
        # One round at most: a generator that cannot keep up must still hear, and its lateness tells.
        for _ in self._carriers:
            late_s = time.perf_counter() - self._due_s[self._at]
            if late_s < 0:
                break
            if self.counts:
                self._samples.generator_lateness.append(late_s * 1000)
            self._send(self._carriers[self._at])
            self._due_s[self._at] += CHUNK_S
            self._at = (self._at + 1) % len(self._carriers)
        wait_s = self._due_s[self._at] - time.perf_counter()
        self._handle = asyncio.get_running_loop().call_later(max(0.0005, wait_s), self._tick)

    def _send(self, carrier: Carrier) -> None:
        if carrier.is_connected.is_set() and not carrier.is_lost:
            carrier.send_chunk()
