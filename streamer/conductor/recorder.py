"""The recording of one call: what was heard left, what was said right, on the caller's audio clock."""

from offhook.runs.ending.media import SEGMENT_MS
from streamer.media.mulaw import BYTES_PER_MS, SILENCE

_SILENCE = bytes((SILENCE,))
SEGMENT_BYTES = SEGMENT_MS * BYTES_PER_MS
"""Bytes of one track after which a segment is complete."""

# The pacer's clock and the caller's differ by a little: while the phone still has something to play, what comes follows
# it without a seam, unless the clocks are further apart than jitter explains.
_SEAM_BYTES = 250 * BYTES_PER_MS
# A caller whose audio stays away stops the clock; what the agent says to nobody is not kept for ever.
_MOST_AHEAD_BYTES = 60_000 * BYTES_PER_MS


class Recorder:
    """Gathers both tracks and hands them out in segments of interleaved stereo mu-law, of so many bytes of each track."""

    def __init__(self, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._segment_bytes = segment_bytes
        self._caller = bytearray()
        self._agent = bytearray()

    @property
    def is_due(self) -> bool:
        """Say whether a segment is complete."""
        return len(self._caller) >= self._segment_bytes

    def hear(self, chunk: bytes) -> None:
        """Take the caller's next audio; this moves the clock."""
        self._caller += chunk

    def say(self, audio: bytes, lead_ms: int) -> None:
        """Take audio of the agent that will be heard `lead_ms` from now; without a lead the phone was silent."""
        gap = len(self._caller) + lead_ms * BYTES_PER_MS - len(self._agent)
        if gap > _SEAM_BYTES or not lead_ms or not self._agent:
            self._agent += _SILENCE * gap
        if gap > -_MOST_AHEAD_BYTES:
            self._agent += audio

    def cut(self) -> None:
        """Drop what the agent said and nobody will hear: all that lies after now."""
        del self._agent[len(self._caller) :]

    def take(self) -> bytes:
        """Return what was gathered up to now as stereo, left the caller, right the agent; keep what lies ahead."""
        length = len(self._caller)
        said = self._agent[:length]
        stereo = bytearray(_SILENCE * 2 * length)
        stereo[0::2] = self._caller
        stereo[1 : 2 * len(said) : 2] = said
        self._caller.clear()
        del self._agent[:length]
        return bytes(stereo)
