"""Listening in: who hears the audio of which run here, wherever its call is; a run that nobody listens to costs nothing."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from offhook.clock import Clock
from offhook.runs.model import Run
from offhook.sessions.frames import AudioFrame, Track, frame_text
from streamer.failures import log_failure
from streamer.live_calls import LiveCalls

logger = logging.getLogger(__name__)

KNOWN_WITHIN_S = 0.5
"""How long whoever begins to listen waits at most until it is known whether anything can be heard."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A tenth of a second of a call: interleaved stereo mu-law at 8000 Hz, left the caller and right the agent."""

    session_id: str
    stereo: bytes
    clock: Clock

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The same as a frame for each track, written once for all who want it so."""
        tracks = {Track.CALLER: self.stereo[0::2], Track.AGENT: self.stereo[1::2]}
        now = self.clock()
        return tuple(
            frame_text(self.session_id, AudioFrame(payload=b64encode(audio).decode(), track=track), now)
            for track, audio in tracks.items()
        )


class Listener(Protocol):
    """Who listens; called on the event loop, and expected to return at once."""

    def hear(self, piece: Piece) -> None:
        """Take what was said."""

    def live_changed(self, *, is_live: bool) -> None:
        """Learn that audio comes from now on, or none any more until told otherwise."""


class Source(Protocol):
    """Fetches the audio of runs whose calls other processes have."""

    def open(self, channel: "Channel") -> Callable[[], object]:
        """Begin to fetch; return what ends it."""


class Channel:
    """The audio of one run, and all who hear it here; nobody makes one but `Listening`."""

    def __init__(self, run: Run, clock: Clock) -> None:
        self.run = run
        self.is_known = asyncio.Event()
        self.is_live = False
        self.pieces = 0
        """How many have come."""
        self.close: Callable[[], object] = lambda: None
        self._clock = clock
        self._listeners: dict[Listener, None] = {}

    def __len__(self) -> int:
        return len(self._listeners)

    def join(self, listener: Listener) -> None:
        """Let this one hear too."""
        self._listeners[listener] = None

    def leave(self, listener: Listener) -> None:
        """Let this one hear nothing more."""
        self._listeners.pop(listener, None)

    def hear(self, stereo: bytes) -> None:
        """Pass a piece on to all."""
        self.pieces += 1
        piece = Piece(session_id=self.run.session_id, stereo=stereo, clock=self._clock)
        for listener in tuple(self._listeners):
            try:
                listener.hear(piece)
            except Exception as error:  # noqa: BLE001 - the call that is heard has nothing to do with it
                log_failure(logger, "listener failed", error)
                self.leave(listener)

    def tell(self, *, is_live: bool) -> None:
        """Say whether audio comes."""
        is_new, self.is_live = is_live is not self.is_live, is_live
        self.is_known.set()
        for listener in tuple(self._listeners) if is_new else ():
            listener.live_changed(is_live=is_live)


class Listening:
    """The channels of the runs that are listened to here: the call of this process is tapped, that of another relayed."""

    def __init__(self, live_calls: LiveCalls, relay: Source, clock: Clock) -> None:
        self._live_calls = live_calls
        self._relay = relay
        self._clock = clock
        self._channels: dict[int, Channel] = {}
        live_calls.on_change = self._call_changed

    @contextmanager
    def listen(self, run: Run, listener: Listener) -> Iterator[Channel]:
        """Let one more hear what is said in a run's call, for the time of the block."""
        channel = self._channels.get(run.id)
        if channel is None:
            channel = self._channels[run.id] = Channel(run, self._clock)
            self._connect(channel)
        channel.join(listener)
        try:
            yield channel
        finally:
            channel.leave(listener)
            if not channel:
                del self._channels[run.id]
                channel.close()

    def _call_changed(self, run_id: int) -> None:
        if (channel := self._channels.get(run_id)) is not None:
            channel.close()
            if self._live_calls.find(run_id) is None:
                channel.tell(is_live=False)
            self._connect(channel)

    def _connect(self, channel: Channel) -> None:
        call = self._live_calls.find(channel.run.id)
        if call is None:
            channel.close = self._relay.open(channel)
            return
        conductor = call.conductor
        conductor.listen_in(channel.hear)
        channel.close = lambda: conductor.listen_in(None)
        channel.tell(is_live=True)
