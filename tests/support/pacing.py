"""A pacer on a clock that the test moves, and what its phone is sent."""

import base64
import heapq
import json
from collections.abc import Callable, Sequence
from itertools import count
from typing import cast

from streamer.conductor.playout import Pacer, Playout
from streamer.media import MediaStream, Role, Started
from streamer.sockets.media_socket import MediaSocket

SECOND = bytes(range(200)) * 40


class ManualTimer:
    """A clock and its timers; only the test moves them."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._order = count()
        self._timers: list[tuple[float, int, Callable[[], object]]] = []

    def time(self) -> float:
        return self._now

    def call_at(self, when: float, callback: Callable[[], object], /) -> object:
        heapq.heappush(self._timers, (when, next(self._order), callback))
        return None

    @property
    def is_idle(self) -> bool:
        return not self._timers

    def pass_ms(self, milliseconds: int, *, late_ms: int = 0) -> None:
        """Let time pass; each timer runs `late_ms` after its moment."""
        until = self._now + milliseconds / 1000
        while self._timers and self._timers[0][0] + late_ms / 1000 <= until + 1e-9:
            when, _, callback = heapq.heappop(self._timers)
            self._now = max(self._now, when + late_ms / 1000)
            callback()
        self._now = max(self._now, until)


class FakeSocket:
    """Takes what is sent, burst by burst."""

    def __init__(self) -> None:
        self.bursts: list[list[dict[str, object]]] = []
        self.failed_with: Exception | None = None

    def send_many(self, messages: Sequence[str | bytes]) -> None:
        self.bursts.append([json.loads(message) for message in messages])

    def fail(self, error: Exception) -> None:
        self.failed_with = error


class Log:
    """A listener that writes down what it is told."""

    def __init__(self) -> None:
        self.entries: list[tuple[object, ...]] = []
        self.audio = b""

    def on_segment_started(self, segment_id: str) -> None:
        self.entries.append(("started", segment_id))

    def on_audio_sent(self, audio: bytes, lead_ms: int) -> None:
        self.entries.append(("audio", len(audio) // 8, lead_ms))
        self.audio += audio


class Line:
    """One call's playout, from the pacer to what its phone was sent."""

    def __init__(self, timer: ManualTimer, pacer: Pacer, listener: Log | None = None) -> None:
        self.timer = timer
        self.socket = FakeSocket()
        self.log = listener or Log()
        self.playout = Playout(pacer, cast("MediaSocket", self.socket), started_stream(), self.log)

    @property
    def messages(self) -> list[dict[str, object]]:
        return [message for burst in self.socket.bursts for message in burst]

    @property
    def kinds(self) -> str:
        """The messages, one letter each: m(edia), M(ark), c(lear)."""
        return "".join({"media": "m", "mark": "M", "clear": "c"}[str(m["event"])] for m in self.messages)

    @property
    def audio(self) -> bytes:
        media = [cast("dict[str, str]", m["media"]) for m in self.messages if m["event"] == "media"]
        return b"".join(base64.b64decode(part["payload"]) for part in media)


def started_stream() -> MediaStream:
    stream, carrier = MediaStream(), MediaStream(role=Role.CARRIER)
    stream.receive(carrier.connected())
    stream.receive(carrier.start(Started(stream_sid="MZ", call_sid="CA", account_sid="acme")))
    return stream
