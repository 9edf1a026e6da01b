"""Recordings as their listener has them: a stereo mu-law WAV file, and where in it somebody speaks."""

from dataclasses import dataclass
from typing import Self

from streamer.media.mulaw import LINEAR

_BYTES_PER_MS = 8
_WINDOW_MS = 20
# On average within a window: above any line's noise, below any voice.
_VOICE_LEVEL = 230


@dataclass(frozen=True, slots=True)
class Track:
    """One side of a call: mu-law at 8000 Hz."""

    audio: bytes

    def voiced_ms(self, start_ms: int, end_ms: int) -> list[int]:
        """Return where, within a stretch, each window of 20 ms begins that holds a voice."""
        begins = range(start_ms, min(end_ms, len(self.audio) // _BYTES_PER_MS), _WINDOW_MS)
        return [begin for begin in begins if self._level(begin) > _VOICE_LEVEL]

    def peaks(self) -> list[int]:
        """Return the loudest sample of each tenth of a second, sample by sample, in hundredths of the loudest of all."""
        stretches = range(0, len(self.audio), 100 * _BYTES_PER_MS)
        loudest = [
            max(abs(LINEAR[code]) for code in self.audio[at : at + 100 * _BYTES_PER_MS]) for at in stretches
        ]
        return [round(100 * each / max(LINEAR)) for each in loudest]

    def _level(self, begin_ms: int) -> float:
        window = self.audio[begin_ms * _BYTES_PER_MS :][: _WINDOW_MS * _BYTES_PER_MS]
        return sum(abs(LINEAR[code]) for code in window) / len(window)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A whole call: the caller left, the agent right."""

    caller: Track
    agent: Track

    @property
    def duration_ms(self) -> int:
        return len(self.caller.audio) // _BYTES_PER_MS

    @classmethod
    def read(cls, wav: bytes) -> Self:
        """Read a file; fail when it is not a stereo mu-law WAV of 8000 Hz, or not whole."""
        assert (wav[:4], wav[8:16]) == (b"RIFF", b"WAVEfmt ")
        format_, channels, rate_hz = (
            int.from_bytes(wav[a:b], "little") for a, b in ((20, 22), (22, 24), (24, 28))
        )
        assert (format_, channels, rate_hz) == (7, 2, 8000)
        start = wav.index(b"data") + 8
        assert int.from_bytes(wav[start - 4 : start], "little") == len(wav) - start
        assert int.from_bytes(wav[4:8], "little") == len(wav) - 8
        return cls(caller=Track(wav[start::2]), agent=Track(wav[start + 1 :: 2]))
