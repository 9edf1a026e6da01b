"""The recording of one call: what was heard left, what was said right, on the caller's audio clock."""

import numpy as np

_SILENCE = b"\xff"
_BYTES_PER_MS = 8
SEGMENT_BYTES = 10_000 * _BYTES_PER_MS
"""Bytes of one track after which a segment is complete: ten seconds, the most that a killed task loses."""

# The pacer's clock and the caller's differ by a little; audio this close to what went before follows it without a seam.
_SEAM_BYTES = 250 * _BYTES_PER_MS


class Recorder:
    """Gathers both tracks and hands them out in segments of interleaved stereo mu-law."""

    def __init__(self) -> None:
        self._caller = bytearray()
        self._agent = bytearray()

    @property
    def is_due(self) -> bool:
        """Say whether a segment is complete."""
        return len(self._caller) >= SEGMENT_BYTES

    def hear(self, chunk: bytes) -> None:
        """Take the caller's next audio; this moves the clock."""
        self._caller += chunk

    def say(self, audio: bytes, lead_ms: int) -> None:
        """Take audio of the agent that will be heard `lead_ms` from now."""
        start = len(self._caller) + lead_ms * _BYTES_PER_MS
        gap = start - len(self._agent)
        if gap > _SEAM_BYTES or not self._agent:
            self._agent += _SILENCE * gap
        self._agent += audio

    def cut(self) -> None:
        """Drop what the agent said and nobody will hear: all that lies after now."""
        del self._agent[len(self._caller) :]

    def take(self) -> bytes:
        """Return what was gathered up to now as stereo, left the caller, right the agent; keep what lies ahead."""
        length = len(self._caller)
        stereo = np.full(2 * length, _SILENCE[0], dtype=np.uint8)
        stereo[0::2] = np.frombuffer(bytes(self._caller), dtype=np.uint8)
        said = np.frombuffer(bytes(self._agent[:length]), dtype=np.uint8)
        stereo[1 : 2 * len(said) : 2] = said
        self._caller.clear()
        del self._agent[:length]
        return stereo.tobytes()
