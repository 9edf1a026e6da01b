"""Feeding utterances to recognisers that want nothing else: small grammars, which noise between the words misleads."""

from collections.abc import Sequence
from typing import Protocol

from offhook.agents.engines import EMBEDDED
from streamer.media.mulaw import BYTES_PER_MS

# Audio from before the voice detector was sure: a word's first consonant is in there.
_PREROLL_BYTES = 400 * BYTES_PER_MS


class UtteranceStream(Protocol):
    """A recogniser's stream that takes all audio for an utterance."""

    def expect(self, phrases: Sequence[str]) -> None:
        """Learn what the caller may say next."""

    def feed(self, audio: bytes) -> None:
        """Take more of the utterance."""

    def finish_utterance(self) -> None:
        """Give the final of the utterance."""

    async def close(self) -> None:
        """Free what it holds."""


class GatedStream:
    """A RecognitionStream that hands on utterances only, each from a little before it was noticed."""

    def __init__(self, stream: UtteranceStream) -> None:
        self._stream = stream
        self._preroll = b""
        self._is_open = False
        self.engine = EMBEDDED
        self.recognised_bytes = 0

    def expect(self, phrases: Sequence[str]) -> None:
        """See the port."""
        self._stream.expect(phrases)

    def feed(self, audio: bytes) -> None:
        """Hand on what belongs to an utterance, and keep the last of what does not."""
        if self._is_open:
            self._hand_on(audio)
        else:
            self._preroll = (self._preroll + audio)[-_PREROLL_BYTES:]

    def start_utterance(self) -> None:
        """Hand on what came just before, once."""
        self._is_open = True
        preroll, self._preroll = self._preroll, b""
        if preroll:
            self._hand_on(preroll)

    def finish_utterance(self) -> None:
        """See the port."""
        self._is_open = False
        self._stream.finish_utterance()

    async def close(self) -> None:
        """See the port."""
        await self._stream.close()

    def _hand_on(self, audio: bytes) -> None:
        self.recognised_bytes += len(audio)
        self._stream.feed(audio)
