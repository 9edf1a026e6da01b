"""A recogniser that makes the same of whatever is said, in any language, and costs nothing.

It makes nothing of it for agents of keys alone, and a word for load tests.
"""

import asyncio
from collections.abc import Callable, Sequence

from streamer.speech.ports import Listening, Recognition, RecognitionStream


class DeafRecogniser:
    """Implements Recogniser; `text` is what it makes of each utterance."""

    def __init__(self, text: str = "") -> None:
        self._text = text

    async def open(
        self,
        *,
        listening: Listening,
        on_recognition: Callable[[Recognition], None],
        on_failure: Callable[[Exception], None],
    ) -> RecognitionStream:
        """Return a stream that never fails."""
        return _DeafStream(self._text, on_recognition)


class _DeafStream:
    engine = ""
    recognised_bytes = 0

    def __init__(self, text: str, on_recognition: Callable[[Recognition], None]) -> None:
        self._final = Recognition(text=text, is_final=True)
        self._on_recognition = on_recognition

    def expect(self, phrases: Sequence[str]) -> None:
        """Expect nothing."""

    def feed(self, audio: bytes) -> None:
        """Hear nothing."""

    def start_utterance(self) -> None:
        """Hear nothing now either."""

    def finish_utterance(self) -> None:
        asyncio.get_running_loop().call_soon(self._on_recognition, self._final)

    async def close(self) -> None:
        """Hold nothing that must be freed."""
