"""Playing to the phone: audio goes out in 20 ms messages, a little ahead of the moment the phone needs it.

One pacer serves all calls of a process from one timer, which runs only while some call has audio to send. Being
100 to 160 ms ahead covers a late loop; barge-in does not wait for it, since `clear` drops what the phone has not
played.
"""

import logging
import math
from collections import deque
from collections.abc import Callable, Collection
from enum import Enum
from typing import Protocol

from streamer.conductor.clips import EncodedClip
from streamer.conductor.line import LineSocket, LineStream
from streamer.conductor.segments import SegmentAudio

logger = logging.getLogger(__name__)

TICK_S = 0.06
TARGET_LEAD_S = 0.16
"""How far ahead of the phone a tick writes; until the next one the lead falls to 100 ms."""

STALL_S = 1.0
"""A process that stood still for longer was frozen, and its calls may have gone on without it."""

BEAT_S = 0.25
"""How often whoever has calls asks the pacer whether the process stood still, also while none has audio to send."""

LOW_LEAD_S = TARGET_LEAD_S - TICK_S
_CHUNK_S = 0.02
_ROUNDING = 1e-6
# Each sends a chunk at least: more than these lie ahead of no phone.
_MOST_SENDS = 2 * round(TARGET_LEAD_S / _CHUNK_S)


class Timer(Protocol):
    """What an event loop is to the pacer; a test brings its own."""

    def time(self) -> float:
        """Return seconds on a clock that never goes back."""

    def call_at(self, when: float, callback: Callable[[], object], /) -> object:
        """Call once when the clock shows this time."""


class PlayoutListener(Protocol):
    """Who follows what a call's playout sends; called after the write, in order, and expected to be cheap."""

    def on_segment_started(self, segment_id: str) -> None:
        """Learn that the first audio of a segment has been sent."""

    def on_audio_sent(self, audio: bytes, lead_ms: int) -> None:
        """Take consecutive audio (mu-law) as it was sent; its first sample is heard `lead_ms` from now."""


class _Stilled(Enum):
    """Why a playout sends nothing although it could."""

    HELD = 1
    PAUSED = 2
    RESTING = 3


class Playout:
    """What one call plays once its stream has started: segments in the order of their first audio, each until it is finished."""

    def __init__(
        self, pacer: "Pacer", socket: LineSocket, stream: LineStream, listener: PlayoutListener
    ) -> None:
        self._pacer = pacer
        self._socket = socket
        self._stream = stream
        self._listener = listener
        self._segments: deque[SegmentAudio] = deque()
        self._dropped: set[str] = set()
        self._heard_until_s = -math.inf
        self._is_closed = False
        self._stilled: set[_Stilled] = set()
        self._sent: deque[tuple[SegmentAudio, int]] = deque(maxlen=_MOST_SENDS)
        self._marks: dict[str, str] = {}
        self.underruns = 0

    @property
    def lead_ms(self) -> int:
        """How much has been sent and not been heard yet."""
        return round(max(0.0, self._lead_s()) * 1000)

    def append(self, segment_id: str, audio: bytes) -> None:
        """Add audio (mu-law, any length) to the end of a segment; audio of a cleared one is dropped."""
        if (segment := self._open(segment_id)) is not None:
            segment.append(audio)
            self._feed()

    def append_encoded(self, segment_id: str, clip: EncodedClip) -> None:
        """Add a clip to the end of a segment; cheapest when the clip is all that the segment holds."""
        if (segment := self._open(segment_id)) is not None:
            segment.append_clip(clip)
            self._feed()

    def finish(self, segment_id: str) -> None:
        """Say that a segment has all its audio; a mark with its name follows it."""
        if (segment := self._open(segment_id)) is not None:
            segment.finish()
            self._feed()
        self._dropped.discard(segment_id)

    def clear(self) -> None:
        """Stop at once: drop what is queued, and have the phone drop what it has not played."""
        if self._is_closed:
            return
        # A synthesiser may still be adding to what was cut off; a finished segment gets nothing more.
        self._dropped.update(segment.segment_id for segment in self._segments if not segment.is_finished)
        self._segments.clear()
        self._marks.clear()
        if _Stilled.PAUSED in self._stilled:
            # The phone has dropped what it had, and was sent nothing since.
            self._stilled.discard(_Stilled.PAUSED)
        else:
            self._drop_sent()

    def drop(self, segment_ids: Collection[str]) -> None:
        """Drop these segments, of which nothing was sent."""
        dropped = [segment for segment in self._segments if segment.segment_id in segment_ids]
        self._dropped.update(segment.segment_id for segment in dropped if not segment.is_finished)
        self._segments = deque(segment for segment in self._segments if segment not in dropped)

    def pause(self) -> None:
        """Stop at once, and keep all that was not heard: what the phone has not played is taken back."""
        self._take_back_unheard(_Stilled.PAUSED)

    def rest(self) -> None:
        """Likewise, for there is nobody to hear it; what is paused stays so."""
        self._take_back_unheard(_Stilled.RESTING)

    def _take_back_unheard(self, why: _Stilled) -> None:
        if self._is_closed or why in self._stilled:
            return
        self._stilled.add(why)
        unheard = math.ceil(max(0.0, self._lead_s()) / _CHUNK_S - _ROUNDING)
        while unheard > 0 and self._sent:
            segment, chunks = self._sent.pop()
            self._take_back(segment, min(unheard, chunks))
            unheard -= chunks
        self._drop_sent()

    def resume(self) -> None:
        """Go on from the chunk at which the phone fell silent."""
        self._allow(_Stilled.PAUSED)

    def wake(self) -> None:
        """Go on, for there is somebody again."""
        self._allow(_Stilled.RESTING)

    def segment_of(self, mark: str) -> str | None:
        """Return the segment whose end this mark means; None for one that a carrier echoes of what it dropped."""
        segment_id = mark.partition("~")[0]
        return segment_id if self._marks.get(segment_id, segment_id) == mark else None

    def _take_back(self, segment: SegmentAudio, chunks: int) -> None:
        if segment not in self._segments:
            self._segments.appendleft(segment)
        segment.rewind(chunks)
        self._marks[segment.segment_id] = segment.mark

    def _drop_sent(self) -> None:
        self._sent.clear()
        self._heard_until_s = -math.inf
        self._socket.send_many((self._stream.clear(),))

    def hold(self) -> None:
        """Send nothing for now."""
        self._stilled.add(_Stilled.HELD)

    def go_on(self) -> None:
        """Send what was held back."""
        self._allow(_Stilled.HELD)

    def _allow(self, why: _Stilled) -> None:
        if why in self._stilled:
            self._stilled.discard(why)
            self._feed()

    def close(self) -> None:
        """Send nothing more."""
        self._is_closed = True
        self._segments.clear()
        self._pacer.forget(self)

    def advance(self) -> bool:
        """Send what the phone needs soon; return whether more could be sent later without anything being added."""
        while self._segments and self._segments[0].is_ready:
            missing = math.ceil((TARGET_LEAD_S - max(0.0, self._lead_s())) / _CHUNK_S - _ROUNDING)
            # Asked last: a process can stand still between any two lines, and then owes no more than was missing before.
            self._pacer.notice_stall()
            if self._stilled:
                return False
            if missing <= 0:
                return True
            self._send(self._segments[0], missing)
        return False

    def fail(self, error: Exception) -> None:
        """Give up this call, because its listener raised this error."""
        self.close()
        self._socket.fail(error)

    def _open(self, segment_id: str) -> SegmentAudio | None:
        if self._is_closed or segment_id in self._dropped:
            return None
        for segment in reversed(self._segments):
            if segment.segment_id == segment_id:
                return segment
        self._segments.append(SegmentAudio(segment_id))
        return self._segments[-1]

    def _feed(self) -> None:
        # A silent phone, or one about to be, does not wait for the tick.
        if self._lead_s() >= LOW_LEAD_S or self.advance():
            self._pacer.wake(self)

    def _send(self, segment: SegmentAudio, limit: int) -> None:
        chunks = segment.take(limit)
        messages = [self._stream.media(payload) for _, payload in chunks]
        is_last = segment.is_exhausted
        if is_last:
            messages.append(self._stream.mark(segment.mark))
            self._segments.popleft()
        self._sent.append((segment, len(chunks)))
        lead_ms = self._count(segment, len(chunks))
        is_first, segment.is_started = not segment.is_started, True
        self._socket.send_many(messages)
        # Only now: a listener may add, clear or close.
        if is_first:
            self._listener.on_segment_started(segment.segment_id)
        if chunks:
            self._listener.on_audio_sent(b"".join([audio for audio, _ in chunks]), lead_ms)

    def _count(self, segment: SegmentAudio, chunks: int) -> int:
        """Move the phone's clock on by these chunks; return how long until the first of them is heard, in ms."""
        lead_s = self._lead_s()
        if chunks and segment.is_started and -math.inf < lead_s < 0:
            self.underruns += 1
        lead_s = max(0.0, lead_s)
        self._heard_until_s = self._pacer.time() + lead_s + chunks * _CHUNK_S
        return round(lead_s * 1000)

    def _lead_s(self) -> float:
        return self._heard_until_s - self._pacer.time()


class Pacer:
    """One timer that keeps every playout of the process ahead of its phone.

    `on_stall` is called before anything is sent by a process that stood still: it lives while it sends, and is asked.
    """

    def __init__(self, timer: Timer) -> None:
        self.on_stall: Callable[[], None] = lambda: None
        self._timer = timer
        self.time = timer.time
        self._active: dict[Playout, None] = {}
        self._is_ticking = False
        self._next_tick_s = 0.0
        self._lived_at_s = timer.time()

    def wake(self, playout: Playout) -> None:
        """Have the next tick serve this playout."""
        self._active[playout] = None
        if not self._is_ticking:
            self._is_ticking = True
            self._next_tick_s = self.time() + TICK_S
            self._timer.call_at(self._next_tick_s, self._tick)

    def forget(self, playout: Playout) -> None:
        """Serve this playout no more."""
        self._active.pop(playout, None)

    def notice_stall(self) -> None:
        """Tell, once, that the process stood still; ask every `BEAT_S` while there are calls."""
        now_s = self.time()
        still_s, self._lived_at_s = now_s - self._lived_at_s, now_s
        if still_s > BEAT_S + STALL_S:
            self.on_stall()

    def _tick(self) -> None:
        for playout in tuple(self._active):
            if not self._serve(playout):
                self.forget(playout)
        self._is_ticking = bool(self._active)
        if self._is_ticking:
            # From the planned time, so that lateness does not add up, but never in a burst after a long stall.
            self._next_tick_s = max(self._next_tick_s + TICK_S, self.time() + TICK_S / 2)
            self._timer.call_at(self._next_tick_s, self._tick)

    def _serve(self, playout: Playout) -> bool:
        try:
            return playout.advance()
        except Exception as error:  # noqa: BLE001 - the top of one call: the others must go on speaking
            playout.fail(error)
            return False
