"""Listening in: both tracks of a call as they happen, a tenth of a second at a time."""

from collections.abc import Callable

from streamer.conductor.recorder import Recorder
from streamer.media.mulaw import BYTES_PER_MS

LISTENED_MS = 100
"""How much a piece holds: in those of 20 ms, a listener costs five times as much."""

_PIECE_BYTES = LISTENED_MS * BYTES_PER_MS


class Tap:
    """Stands in the place of the call's recorder, if that has one, while somebody listens; who does not costs nothing.

    Each piece is interleaved stereo mu-law at 8000 Hz, left the caller and right the agent, on the caller's clock: what the
    agent says is heard here when the caller hears it.
    """

    def __init__(self, recorder: Recorder | None, on_audio: Callable[[bytes], None]) -> None:
        self._recorder = recorder
        self._on_audio = on_audio
        self._live = Recorder(_PIECE_BYTES)

    @property
    def is_due(self) -> bool:
        """Say whether a segment of the recording is complete."""
        return self._recorder is not None and self._recorder.is_due

    def hear(self, chunk: bytes) -> None:
        """Take the caller's next audio."""
        if self._recorder is not None:
            self._recorder.hear(chunk)
        self._live.hear(chunk)
        if self._live.is_due:
            self._on_audio(self._live.take())

    def say(self, audio: bytes, lead_ms: int) -> None:
        """Take audio of the agent that will be heard `lead_ms` from now."""
        if self._recorder is not None:
            self._recorder.say(audio, lead_ms)
        self._live.say(audio, lead_ms)

    def cut(self) -> None:
        """Drop what the agent said and nobody will hear."""
        if self._recorder is not None:
            self._recorder.cut()
        self._live.cut()

    def take(self) -> bytes:
        """Return what was gathered of the recording."""
        return b"" if self._recorder is None else self._recorder.take()
