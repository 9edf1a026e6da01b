"""One caller's audio on its way to the voice detector and the recogniser."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from offhook.errors import EngineError
from streamer.call.events import Corrected, Event, PartlyRecognised, Recognised
from streamer.conductor.engines import OPEN_LIMIT_S, Engines
from streamer.media.mulaw import SILENT_CHUNK
from streamer.speech.ports import Listening, Recognition, RecognitionStream

logger = logging.getLogger(__name__)

# The recogniser is fed ten times a second, not fifty.
_FEED_BYTES = 800
# A final that comes again corrects what was said seconds ago.
_MOST_FINALS_KEPT = 16


class Hearing:
    """Judges every chunk, and feeds the recogniser the whole call; an engine may want to know where utterances are."""

    def __init__(
        self,
        engines: Engines,
        *,
        on_event: Callable[[Event], None],
        on_failure: Callable[[], None],
        limit_s: float = OPEN_LIMIT_S,
    ) -> None:
        self._engines = engines
        self._detector = engines.new_detector()
        self._on_event = on_event
        self._finals: deque[str] = deque(maxlen=_MOST_FINALS_KEPT)
        self._on_failure = on_failure
        self._limit_s = limit_s
        self._stream: RecognitionStream | None = None
        self._unfed = bytearray()

    async def open(self, listening: Listening) -> None:
        """Open the recogniser; a failure is told like any later one, once the call has begun."""
        try:
            async with asyncio.timeout(self._limit_s):
                self._stream = await self._engines.recogniser.open(
                    listening=listening, on_recognition=self._recognised, on_failure=self._failed
                )
        except (EngineError, TimeoutError) as error:
            asyncio.get_running_loop().call_soon(self._failed, error)

    async def close(self) -> None:
        """Close the recogniser; one that can't be closed any more is no concern of the call."""
        if self._stream is None:
            return
        try:
            async with asyncio.timeout(self._limit_s):
                await self._stream.close()
        except (EngineError, TimeoutError) as error:
            logger.warning("recogniser not closed", extra={"error_type": type(error).__name__})

    @property
    def recognised_bytes(self) -> int:
        """How much audio the recogniser was given."""
        return 0 if self._stream is None else self._stream.recognised_bytes

    def is_voiced(self, chunk: bytes) -> bool:
        """Take the caller's next 20 ms; say whether they hold speech."""
        self._unfed += chunk
        if len(self._unfed) >= _FEED_BYTES:
            self._feed()
        return self._detector.is_voiced(chunk)

    def pass_silence(self) -> None:
        """Feed 20 ms of silence where the carrier has sent nothing: services give up a stream that they hear nothing of."""
        self._unfed += SILENT_CHUNK
        if len(self._unfed) >= _FEED_BYTES:
            self._feed()

    def expect(self, phrases: Sequence[str]) -> None:
        """Tell the recogniser what may be said."""
        if self._stream is not None:
            self._stream.expect(phrases)

    def start_utterance(self) -> None:
        """Tell the recogniser that the caller has begun to speak."""
        self._feed()
        if self._stream is not None:
            self._stream.start_utterance()

    def finish_utterance(self) -> None:
        """Ask the recogniser what the caller has said."""
        self._feed()
        if self._stream is not None:
            self._stream.finish_utterance()

    def _feed(self) -> None:
        if self._unfed and self._stream is not None:
            self._stream.feed(bytes(self._unfed))
        self._unfed.clear()

    def _recognised(self, told: Recognition) -> None:
        if not told.is_final:
            self._on_event(
                PartlyRecognised(text=told.text, stable_text=told.stable_text, result_id=told.result_id)
            )
        elif told.result_id in self._finals:
            self._on_event(Corrected(text=told.text, result_id=told.result_id))
        else:
            if told.result_id:
                self._finals.append(told.result_id)
            self._on_event(Recognised(text=told.text, result_id=told.result_id))

    def _failed(self, error: Exception) -> None:
        logger.warning("recogniser failed", extra={"error_type": type(error).__name__})
        self._on_failure()
