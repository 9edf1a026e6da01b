"""What waits to be played: segments of speech cut into 20 ms chunks, and clips whose chunks are encoded only once."""

from streamer.conductor.clips import EncodedClip, encode_chunk, padded
from streamer.media.mulaw import CHUNK_BYTES

_Chunk = tuple[bytes, str]


class SegmentAudio:
    """One stretch of speech under one name: audio comes in pieces of any length and leaves in whole chunks."""

    def __init__(self, segment_id: str) -> None:
        self.segment_id = segment_id
        self.is_finished = False
        self.is_started = False
        self._audio: bytearray | bytes = bytearray()
        self._clip: EncodedClip | None = None
        self._taken_bytes = 0
        self._rewinds = 0

    @property
    def mark(self) -> str:
        """Name of the mark at its end: another one once a part of it is played again."""
        return f"{self.segment_id}~{self._rewinds}" if self._rewinds else self.segment_id

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing is left and nothing will come."""
        return self.is_finished and self._taken_bytes >= len(self._audio)

    @property
    def is_ready(self) -> bool:
        """Whether there is something to take, be it only the end."""
        return self.is_finished or len(self._audio) - self._taken_bytes >= CHUNK_BYTES

    def append(self, audio: bytes) -> None:
        """Add audio of any length."""
        self._audio = bytearray(self._audio) if isinstance(self._audio, bytes) else self._audio
        self._clip = None
        self._audio += audio

    def append_clip(self, clip: EncodedClip) -> None:
        """Add a clip; only one that is alone in its segment can keep its encoded form."""
        if self._audio:
            self.append(clip.audio)
        else:
            self._audio, self._clip = clip.audio, clip

    def finish(self) -> None:
        """Say that no audio will be added; the last chunk is filled with silence."""
        self.is_finished = True
        if len(self._audio) % CHUNK_BYTES:
            self._audio = padded(bytes(self._audio))

    def take(self, limit: int) -> list[_Chunk]:
        """Take up to `limit` whole chunks, each with its base64."""
        start = self._taken_bytes
        count = min(limit, (len(self._audio) - start) // CHUNK_BYTES)
        self._taken_bytes += count * CHUNK_BYTES
        return [self._chunk(start + index * CHUNK_BYTES) for index in range(count)]

    def rewind(self, chunks: int) -> None:
        """Put the last chunks that were taken back, to be taken again."""
        self._taken_bytes -= chunks * CHUNK_BYTES
        self._rewinds += 1

    def _chunk(self, start: int) -> _Chunk:
        chunk = bytes(self._audio[start : start + CHUNK_BYTES])
        return chunk, encode_chunk(chunk) if self._clip is None else self._clip.payloads[start // CHUNK_BYTES]
