"""Utterances for recognisers that want nothing else: small grammars, which noise between the words misleads."""

from collections.abc import Callable

from streamer.media.mulaw import BYTES_PER_MS

# Audio from before the voice detector was sure: a word's first consonant is in there.
_PREROLL_BYTES = 400 * BYTES_PER_MS


class UtteranceGate:
    """Hands on what belongs to utterances, each from a little before it was noticed."""

    def __init__(self, hand_on: Callable[[bytes], None]) -> None:
        self._hand_on = hand_on
        self._preroll = b""
        self._is_open = False

    def feed(self, audio: bytes) -> None:
        """Hand on what belongs to an utterance, and keep the last of what does not."""
        if self._is_open:
            self._hand_on(audio)
        else:
            self._preroll = (self._preroll + audio)[-_PREROLL_BYTES:]

    def open(self) -> None:
        """An utterance has begun: hand on what came just before, once."""
        self._is_open = True
        preroll, self._preroll = self._preroll, b""
        if preroll:
            self._hand_on(preroll)

    def close(self) -> None:
        """The utterance is over."""
        self._is_open = False
