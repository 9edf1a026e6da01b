"""The agent's sentences on their way from text to the carrier."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

from offhook.errors import EngineError
from streamer.call.commands import Say
from streamer.call.events import EngineFailed, Event, SegmentAnswered, SegmentFailed, SegmentSynthesised
from streamer.conductor.clips import Clips
from streamer.conductor.engines import SYNTHESIS_LIMIT_S
from streamer.conductor.playout import Playout
from streamer.media.mulaw import CHUNK_BYTES, CHUNK_MS
from streamer.speech.ports import Synthesiser

logger = logging.getLogger(__name__)


class Synthesising:
    """Synthesises one sentence after another, ahead of playback; fixed texts come from the process's clips."""

    def __init__(
        self,
        *,
        synthesiser: Synthesiser,
        clips: Clips,
        playout: Playout,
        voice: str,
        on_event: Callable[[Event], None],
        limit_s: float = SYNTHESIS_LIMIT_S,
    ) -> None:
        self._synthesiser = synthesiser
        self._clips = clips
        self._playout = playout
        self._voice = voice
        self._on_event = on_event
        self._limit_s = limit_s
        self._queue: deque[Say] = deque()
        self._wake = asyncio.Event()
        self._current: asyncio.Task[None] | None = None
        self.synthesised_characters = 0

    def say(self, say: Say) -> None:
        """Say this after what is queued; a clip with nothing before it sounds at once."""
        if self._queue or self._current is not None or not self._play_clip(say):
            self._queue.append(say)
            self._wake.set()

    def stop(self) -> None:
        """Drop all that is queued, being synthesised, or on its way."""
        self._queue.clear()
        if self._current is not None:
            self._current.cancel()
        self._playout.clear()

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        """Synthesise what is queued, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                self._current = tasks.create_task(self._synthesise(self._queue.popleft()))
                await asyncio.wait([self._current])
                self._current = None

    async def warm_up(self, texts: Sequence[str]) -> None:
        """Make the clips of fixed texts while nobody waits for them."""
        for text in texts:
            if self._clips.get(self._voice, text) is None:
                try:
                    pieces = [piece async for piece in self._pieces(text)]
                except (EngineError, TimeoutError) as error:
                    logger.warning("clip not made", extra={"error_type": type(error).__name__})
                    return
                self._keep(text, b"".join(pieces))

    def _play_clip(self, say: Say) -> bool:
        clip = self._clips.get(self._voice, say.text) if say.fixed else None
        if clip is None:
            return False
        self._playout.append_encoded(say.segment_id, clip)
        self._complete(say, len(clip.audio))
        return True

    async def _synthesise(self, say: Say) -> None:
        if self._play_clip(say):
            return
        audio = bytearray()
        asked_s = time.monotonic()
        try:
            async for piece in self._pieces(say.text):
                if not audio:
                    self._tell_answered(say, time.monotonic() - asked_s)
                audio += piece
                self._playout.append(say.segment_id, piece)
        except (EngineError, TimeoutError) as error:
            logger.warning("synthesiser failed", extra={"error_type": type(error).__name__})
            self._on_event(SegmentFailed(segment_id=say.segment_id))
            # What there is of it may sound; unfinished, it would keep all that follows waiting.
            self._playout.finish(say.segment_id)
            self._on_event(EngineFailed(engine="synthesiser", code="synthesiser-failed"))
            return
        if say.fixed:
            self._keep(say.text, bytes(audio))
        self._complete(say, len(audio))

    def _tell_answered(self, say: Say, took_s: float) -> None:
        answered_ms = round(took_s * 1000)
        self._on_event(
            SegmentAnswered(segment_id=say.segment_id, engine="", waited_ms=0, answered_ms=answered_ms)
        )

    def _complete(self, say: Say, length_bytes: int) -> None:
        self._playout.finish(say.segment_id)
        chunks = -(-length_bytes // CHUNK_BYTES)
        self._on_event(SegmentSynthesised(segment_id=say.segment_id, duration_ms=chunks * CHUNK_MS))

    def _keep(self, text: str, audio: bytes) -> None:
        self._clips.keep(self._voice, text, audio)

    async def _pieces(self, text: str) -> AsyncIterator[bytes]:
        pieces = aiter(self._synthesiser.synthesise(text, voice=self._voice))
        self.synthesised_characters += len(text)
        while True:
            async with asyncio.timeout(self._limit_s):
                piece = await anext(pieces, None)
            if piece is None:
                return
            yield piece
