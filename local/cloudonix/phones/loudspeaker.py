"""What the phone has still to play: the agent's audio and the marks in it, taken out 20 ms at a time."""

from collections import deque

from streamer.media.mulaw import CHUNK_BYTES, SILENT_CHUNK

MAX_QUEUED_BYTES = 600 * 8_000
# A hole of at most this many chunks between two pieces of audio is a stutter; a longer one is a pause.
_STUTTER_CHUNKS = 10


class Loudspeaker:
    """A queue of audio that is played on the phone's clock; `next_chunk` is its tick."""

    def __init__(self) -> None:
        self._queue = bytearray()
        self._marks: deque[tuple[int, str]] = deque()
        self._pushed_bytes = 0
        self._played_bytes = 0
        self._chunks_since_audio: int | None = None
        self.underruns = 0
        """Times that playing stopped for less than a quarter of a second in the middle of something."""
        self.dropped_bytes = 0
        """Audio that came when ten minutes of it were waiting already."""

    def push(self, audio: bytes) -> None:
        """Queue audio behind what is there."""
        if len(self._queue) + len(audio) > MAX_QUEUED_BYTES:
            self.dropped_bytes += len(audio)
            return
        self._queue += audio
        self._pushed_bytes += len(audio)

    def mark(self, name: str) -> None:
        """Ask for this name back once everything queued so far has been played."""
        self._marks.append((self._pushed_bytes, name))

    def clear(self) -> list[str]:
        """Drop what has not been played; return the marks in it, which count as reached."""
        names = [name for _, name in self._marks]
        self._marks.clear()
        self._queue.clear()
        self._pushed_bytes = self._played_bytes
        self._chunks_since_audio = None
        return names

    def next_chunk(self) -> tuple[bytes, list[str]]:
        """Take the next 20 ms; return them and the marks whose audio has been played by now."""
        reached = self._take_reached_marks()
        chunk = bytes(self._queue[:CHUNK_BYTES])
        del self._queue[:CHUNK_BYTES]
        self._played_bytes += len(chunk)
        self._count_underruns(is_playing=bool(chunk))
        return chunk + SILENT_CHUNK[len(chunk) :], reached

    def _take_reached_marks(self) -> list[str]:
        reached: list[str] = []
        while self._marks and self._marks[0][0] <= self._played_bytes:
            reached.append(self._marks.popleft()[1])
        return reached

    def _count_underruns(self, *, is_playing: bool) -> None:
        if not is_playing:
            if self._chunks_since_audio is not None:
                self._chunks_since_audio += 1
            return
        if self._chunks_since_audio and self._chunks_since_audio <= _STUTTER_CHUNKS:
            self.underruns += 1
        self._chunks_since_audio = 0
