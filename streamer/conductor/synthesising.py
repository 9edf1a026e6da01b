"""The agent's sentences on their way from text to the carrier."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence

from offhook.errors import EngineError
from streamer.call.commands import Prepare, Say
from streamer.call.events import (
    EngineFailed,
    EngineStumbled,
    Event,
    ReplyRefused,
    SegmentAnswered,
    SegmentFailed,
    SegmentGrown,
    SegmentSynthesised,
)
from streamer.conductor.clips import Clips, ClipShelf, EncodedClip
from streamer.conductor.playout import Playout
from streamer.conductor.prepared_speech import PreparedSpeech
from streamer.media.mulaw import BYTES_PER_MS, CHUNK_BYTES, CHUNK_MS
from streamer.speech.ports import Voice, VoiceChoice
from streamer.speech.speaker import Answered, Part, Speaker, Stumbled

logger = logging.getLogger(__name__)

# Sentences in a row that no voice could say: after so many nothing can speak any more.
_MOST_FAILURES = 2
# How much a sentence grows before that is told: a cut is placed no better by less than half a word.
_GROWTH_MS = 200


class Synthesising:
    """Synthesises one sentence while the one before it sounds; fixed texts come from the process's clips.

    What is made further ahead would be wasted by a barge-in, and a hundred calls that did so would use up any quota.
    """

    def __init__(
        self,
        *,
        speaker: Speaker,
        clips: Clips,
        playout: Playout,
        on_event: Callable[[Event], None],
        shelf: ClipShelf | None = None,
    ) -> None:
        self._speaker = speaker
        self._shelf = shelf
        self._clips = clips
        self._playout = playout
        self._on_event = on_event
        self._at_hand: dict[str, EncodedClip] = {}
        self._queue: deque[Say] = deque()
        self._wake = asyncio.Event()
        self._current: asyncio.Task[None] | None = None
        self._prepared: PreparedSpeech | None = None
        self._ahead: str | None = None
        self._failures = 0

    @property
    def characters(self) -> Mapping[str, int]:
        """How many characters were sent to each engine, by its name in the price list."""
        return self._speaker.characters

    def say(self, say: Say) -> None:
        """Say this after what is queued; a clip with nothing before it sounds at once."""
        if self._prepared is not None and not self._prepared.is_wanted:
            if self._prepared.text == say.text:
                self._prepared.want()
            else:
                self.drop_prepared()
        if self._queue or self._current is not None or not self._play_clip(say):
            self._queue.append(say)
            self._wake.set()

    def prepare(self, prepare: Prepare, tasks: asyncio.TaskGroup) -> None:
        """Make what may be the next to be said, in place of any before it."""
        self.drop_prepared()
        if self._clip(prepare) is None:
            order = self._speaker.order(is_ahead=True)
            speech = self._speaker.speak(prepare.text, order)
            self._prepared = PreparedSpeech(prepare.text, speech, order, tasks)

    def drop_prepared(self) -> None:
        """Forget what was prepared."""
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            prepared.drop()

    def sounds(self, segment_id: str) -> None:
        """Take note that a segment has begun to sound: the next one may be made."""
        if segment_id == self._ahead:
            self._ahead = None
            self._wake.set()

    def become(self, voices: Sequence[VoiceChoice]) -> None:
        """Speak with other voices from the next sentence on."""
        self.drop_prepared()
        self._at_hand.clear()
        self._speaker.become(voices)

    def stop(self) -> None:
        """Drop all that is queued, prepared, being synthesised, or on its way."""
        self.drop_prepared()
        self._queue.clear()
        self._ahead = None
        if self._current is not None:
            self._current.cancel()
        self._playout.clear()

    def drop(self, segment_ids: Collection[str]) -> None:
        """Drop these of what is queued, being synthesised, or on its way; none of them sounds yet."""
        self._queue = deque(say for say in self._queue if say.segment_id not in segment_ids)
        if self._current is not None and self._current.get_name() in segment_ids:
            self._current.cancel()
        self._playout.drop(segment_ids)
        if self._ahead is not None and self._ahead in segment_ids:
            self.sounds(self._ahead)

    async def run(self, tasks: asyncio.TaskGroup) -> None:
        """Synthesise what is queued, each when its turn has come, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue and (self._ahead is None or self._clip(self._queue[0]) is not None):
                say = self._queue.popleft()
                self._current = tasks.create_task(self._synthesise(say), name=say.segment_id)
                await asyncio.wait([self._current])
                self._current = None

    async def stock(self) -> None:
        """Have the clips that another process has made, as far as they are there in time."""
        if self._shelf is not None:
            await self._shelf.stock(self._speaker.voice)

    async def warm_up(self, texts: Sequence[str]) -> None:
        """Have these texts at hand for as long as the call lasts; made while nobody waits for them."""
        voice = self._speaker.voice
        for text in texts:
            async with self._clips.turn(voice, text):
                clip = self._clips.get(voice, text) or await self._make_clip(text)
            # Another agent may have the call by now.
            if clip is None or self._speaker.voice != voice:
                return
            self._at_hand[text] = clip

    async def _make_clip(self, text: str) -> EncodedClip | None:
        made = _Made()
        try:
            async for part in self._speaker.speak(text, self._speaker.order(is_ahead=True)):
                made.take(part)
        except EngineError as error:
            logger.warning("clip not made", extra={"error_type": type(error).__name__})
            return None
        return self._keep(text, made)

    def _clip(self, say: Say | Prepare) -> EncodedClip | None:
        if not say.fixed:
            return None
        return self._clips.get(self._speaker.voice, say.text) or self._at_hand.get(say.text)

    def _play_clip(self, say: Say) -> bool:
        clip = self._clip(say)
        if clip is None:
            return False
        self._ahead = say.segment_id
        self._playout.append_encoded(say.segment_id, clip)
        self._complete(say, len(clip.audio))
        return True

    async def _synthesise(self, say: Say) -> None:
        if self._play_clip(say):
            return
        self._ahead = say.segment_id
        made = _Made()
        try:
            async for part in self._speech(say.text):
                made.take(part)
                self._hand_on(say, part, made)
        except EngineError as error:
            logger.warning("sentence not said", extra={"error_type": type(error).__name__})
            self._fail(say, error, len(made.audio) // BYTES_PER_MS)
            return
        self._failures = 0
        if say.fixed:
            self._keep(say.text, made)
        self._complete(say, len(made.audio))

    def _speech(self, text: str) -> AsyncGenerator[Part, None]:
        prepared = self._prepared
        if prepared is None or prepared.text != text or prepared.has_failed:
            return self._speaker.speak(text)
        self._prepared = None
        return prepared.parts()

    def _tell_growth(self, say: Say, made: "_Made") -> None:
        duration_ms = len(made.audio) // BYTES_PER_MS
        if duration_ms - made.told_ms >= _GROWTH_MS or not made.told_ms:
            made.told_ms = duration_ms
            self._on_event(SegmentGrown(segment_id=say.segment_id, duration_ms=duration_ms))

    def _hand_on(self, say: Say, part: Part, made: "_Made") -> None:
        if isinstance(part, bytes):
            self._tell_growth(say, made)
            self._playout.append(say.segment_id, part)
        elif isinstance(part, Answered):
            self._on_event(SegmentAnswered(segment_id=say.segment_id, answered_ms=part.answered_ms))
        else:
            self._on_event(EngineStumbled(engine="synthesiser", code=part.code))

    def _fail(self, say: Say, error: EngineError, made_ms: int) -> None:
        """Go on without this sentence, or end the call when nothing can speak any more.

        What is refused tells nothing of other sentences; where one is not answered, the next one would be silence too.
        """
        # What there is of it may sound; unfinished, it would keep all that follows waiting.
        self._playout.finish(say.segment_id)
        self._on_event(SegmentFailed(segment_id=say.segment_id, duration_ms=made_ms))
        self._failures += 1
        if self._failures < _MOST_FAILURES and (self._queue or not error.retryable):
            self._on_event(EngineStumbled(engine="synthesiser", code="sentence-skipped"))
            if not self._queue:
                self._on_event(ReplyRefused())
            return
        self._failures = _MOST_FAILURES
        while self._queue:
            self._on_event(SegmentFailed(segment_id=self._queue.popleft().segment_id))
        self._on_event(EngineFailed(engine="synthesiser", code="synthesiser-failed"))

    def _complete(self, say: Say, length_bytes: int) -> None:
        self._playout.finish(say.segment_id)
        chunks = -(-length_bytes // CHUNK_BYTES)
        self._on_event(SegmentSynthesised(segment_id=say.segment_id, duration_ms=chunks * CHUNK_MS))

    def _keep(self, text: str, made: "_Made") -> EncodedClip:
        clip = EncodedClip(bytes(made.audio))
        if made.voice is not None:
            self._clips.keep(made.voice, text, clip)
            if self._shelf is not None:
                self._shelf.keep(made.voice, text, clip.audio)
        return clip


class _Made:
    """A sentence as it was made; `voice` is None unless one voice made all of it, in its own engine: a clip stays."""

    def __init__(self) -> None:
        self.audio = bytearray()
        self.voice: Voice | None = None
        self.told_ms = 0
        self._stumbled = False

    def take(self, part: Part) -> None:
        """Take what the speaker gives."""
        if isinstance(part, bytes):
            self.audio += part
        elif isinstance(part, Stumbled):
            self._stumbled = self._stumbled or bool(self.audio)
        else:
            self.voice = None if self._stumbled or part.is_standby else part.voice
