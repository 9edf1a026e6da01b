"""One caller's audio on its way to the voice detector and the recogniser."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from offhook.errors import EngineError
from streamer.conductor.engines import OPEN_LIMIT_S, Engines
from streamer.speech.ports import Recognition, RecognitionStream

logger = logging.getLogger(__name__)

# Audio from before the voice detector was sure: a word's first consonant is in there.
_PREROLL_CHUNKS = 20
# The recogniser is fed ten times a second, not fifty.
_FEED_BYTES = 800


class Hearing:
    """Judges every chunk, and feeds the recogniser what is speech: only between the start and the end of utterances."""

    def __init__(
        self,
        engines: Engines,
        *,
        on_text: Callable[[str], None],
        on_failure: Callable[[], None],
        limit_s: float = OPEN_LIMIT_S,
    ) -> None:
        self._engines = engines
        self._detector = engines.new_detector()
        self._on_text = on_text
        self._on_failure = on_failure
        self._limit_s = limit_s
        self._stream: RecognitionStream | None = None
        self._preroll: deque[bytes] = deque(maxlen=_PREROLL_CHUNKS)
        self._utterance: bytearray | None = None
        self.recognised_bytes = 0

    async def open(self, language: str) -> None:
        """Open the recogniser; a failure is told like any later one, once the call has begun."""
        try:
            async with asyncio.timeout(self._limit_s):
                self._stream = await self._engines.recogniser.open(
                    language=language, on_recognition=self._recognised, on_failure=self._failed
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

    def is_voiced(self, chunk: bytes) -> bool:
        """Take the caller's next 20 ms; say whether they hold speech."""
        if self._utterance is None:
            self._preroll.append(chunk)
        else:
            self._utterance += chunk
            if len(self._utterance) >= _FEED_BYTES:
                self._feed()
        return self._detector.is_voiced(chunk)

    def expect(self, phrases: Sequence[str]) -> None:
        """Tell the recogniser what may be said."""
        if self._stream is not None:
            self._stream.expect(phrases)

    def start_utterance(self) -> None:
        """Feed the recogniser from a little before now on."""
        if self._utterance is None:
            self._utterance = bytearray(b"".join(self._preroll))
            self._preroll.clear()

    def finish_utterance(self) -> None:
        """Feed what is left, and ask what it was."""
        self._feed()
        self._utterance = None
        if self._stream is not None:
            self._stream.finish_utterance()

    def _feed(self) -> None:
        if self._utterance and self._stream is not None:
            self.recognised_bytes += len(self._utterance)
            self._stream.feed(bytes(self._utterance))
            self._utterance.clear()

    def _recognised(self, recognition: Recognition) -> None:
        if recognition.is_final:
            self._on_text(recognition.text)

    def _failed(self, error: Exception) -> None:
        logger.warning("recogniser failed", extra={"error_type": type(error).__name__})
        self._on_failure()
