"""What is done once a call is over: its audio joined to one recording, with its peaks, its transcript written."""

import json
import logging
import struct
from collections.abc import Iterable, Iterator, Mapping

from offhook.errors import NotFoundError, StorageError
from offhook.runs.ending.peaks import peaks_document
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import TakeoverEvent
from offhook.runs.log.projections import transcript, transcript_document
from offhook.runs.model import Run
from offhook.runs.ports import MediaStore

logger = logging.getLogger(__name__)

SEGMENT_MS = 10_000
"""How long each segment of an owner is but the last one: the most that a killed task loses."""

_MU_LAW = 7
_CHANNELS = 2
_SAMPLES_PER_SECOND = 8000
_BYTES_PER_MS = _SAMPLES_PER_SECOND * _CHANNELS // 1000
_SILENCE = b"\xff"
_SEGMENT_SUFFIX = ".ulaw"
_HEADER = struct.Struct("<4sI4s 4sIHHIIHHH 4sII 4sI")


def media_prefix(run: Run) -> str:
    """Return what the keys of all that was recorded of a run begin with."""
    return f"org/{run.organization_id}/run/{run.id}/"


def segment_key(run: Run, epoch: int, n: int) -> str:
    """Return where a piece of a run's audio lies: interleaved stereo mu-law, 8000 Hz, left the caller, right the agent."""
    return f"{_segments_prefix(run)}{epoch:05d}-{n:05d}{_SEGMENT_SUFFIX}"


def recording_key(run: Run) -> str:
    """Return where a run's present owner puts its recording: who has lost the run can't overwrite it."""
    return f"{media_prefix(run)}recording-{_epoch(run):05d}.wav"


def peaks_key(recording: str) -> str:
    """Return where the peaks of the recording with this key lie, if it has any: older ones have not."""
    return f"{recording.removesuffix('.wav')}.peaks.json"


def transcript_key(run: Run) -> str:
    """Return where a run's present owner puts its transcript."""
    return f"{media_prefix(run)}transcript-{_epoch(run):05d}.json"


def join_recording(media: MediaStore, run: Run, log: Iterable[LogEntry]) -> str | None:
    """Join a run's segments to one WAV file, beside which its peaks lie, and return its key; None when there is no audio.

    Where the log tells that another process has taken the call over, its part begins at that moment: what was lost
    before is silence. The segments stay, so that the next owner has them all.
    """
    try:
        parts = _parts(media, run)
    except NotFoundError:
        # Who deletes has finished the run: its recording holds all of them, and ours is nobody's.
        return None
    if not parts:
        return None
    key, wav = recording_key(run), stereo_wav(_aligned(parts, takeovers_ms(log)))
    media.put(key, wav, "audio/wav")
    try:
        media.put(peaks_key(key), peaks_document(memoryview(wav)[_HEADER.size :]), "application/json")
    except StorageError:
        # The recording plays without them.
        logger.warning("peaks of a recording not written", extra={"run_id": run.id})
    return key


def delete_leftovers(media: MediaStore, run: Run) -> None:
    """Delete all that was recorded of a finished run but what its row names, and the peaks of that."""
    kept = {run.recording_key, run.transcript_key, run.recording_key and peaks_key(run.recording_key)}
    media.delete([key for key in media.keys(media_prefix(run)) if key not in kept])


def write_transcript(media: MediaStore, run: Run, log: Iterable[LogEntry]) -> str:
    """Write the transcript of a run's log as a JSON document, and return its key."""
    document = transcript_document(transcript(log))
    key = transcript_key(run)
    # Half of a character, which models and templates may hand on, is no UTF-8: with a backslash it is JSON.
    body = json.dumps(document, ensure_ascii=False).encode(errors="backslashreplace")
    media.put(key, body, "application/json")
    return key


def stereo_wav(segments: Iterable[bytes]) -> bytes:
    """Make a WAV file of interleaved stereo mu-law at 8000 Hz; half a sample pair at a segment's end is left out."""
    audio = b"".join(map(_whole_samples, segments))
    header = _HEADER.pack(
        b"RIFF",
        _HEADER.size - 8 + len(audio),
        b"WAVE",
        b"fmt ",
        18,
        _MU_LAW,
        _CHANNELS,
        _SAMPLES_PER_SECOND,
        _SAMPLES_PER_SECOND * _CHANNELS,
        _CHANNELS,
        8,
        0,
        b"fact",
        4,
        len(audio) // _CHANNELS,
        b"data",
        len(audio),
    )
    return header + audio


def _whole_samples(segment: bytes) -> bytes:
    return segment[: len(segment) // _CHANNELS * _CHANNELS]


def _parts(media: MediaStore, run: Run) -> dict[int, bytes]:
    """Return what each owner has recorded, by its epoch, the first one first."""
    prefix = _segments_prefix(run)
    segments: dict[int, dict[int, bytes]] = {}
    for key in media.keys(prefix):
        epoch, _, n = key.removeprefix(prefix).removesuffix(_SEGMENT_SUFFIX).partition("-")
        segments.setdefault(int(epoch), {})[int(n)] = _whole_samples(media.get(key))
    return {epoch: _joined(pieces) for epoch, pieces in segments.items()}


def _joined(pieces: Mapping[int, bytes]) -> bytes:
    """Join one owner's segments, by their numbers; one that the bucket did not take is silence, and none of these is the last."""
    silence = _SILENCE * (SEGMENT_MS * _BYTES_PER_MS)
    return b"".join(pieces.get(n, silence) for n in range(max(pieces) + 1))


def takeovers_ms(log: Iterable[LogEntry]) -> dict[int, int]:
    """Return how long after the log's beginning each owner took over, by its epoch."""
    offsets_ms: dict[int, int] = {}
    began_at = None
    for entry in log:
        began_at = began_at or entry.at
        if isinstance(entry.event, TakeoverEvent):
            offsets_ms[entry.event.epoch] = max(0, round((entry.at - began_at).total_seconds() * 1000))
    return offsets_ms


def _aligned(parts: Mapping[int, bytes], offsets_ms: Mapping[int, int]) -> Iterator[bytes]:
    """Yield the parts and the silence between them; what an owner recorded after the next one had come is left out."""
    length = 0
    for epoch, audio in parts.items():
        start = offsets_ms.get(epoch, 0) * _BYTES_PER_MS
        later = [offset for other, offset in offsets_ms.items() if other > epoch]
        room = max(0, min(later) * _BYTES_PER_MS - max(start, length)) if later else len(audio)
        silence = _SILENCE * max(0, start - length)
        yield silence
        yield audio[:room]
        length += len(silence) + min(room, len(audio))


def _epoch(run: Run) -> int:
    return run.ownership.epoch if run.ownership else 0


def _segments_prefix(run: Run) -> str:
    return f"{media_prefix(run)}segments/"
