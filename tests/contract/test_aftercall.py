"""What is done after a call, on S3."""

import json
import struct
from dataclasses import replace
from datetime import timedelta

import pytest

from offhook.adapters.s3.media import S3Media
from offhook.errors import StorageError
from offhook.runs.ending.media import (
    delete_leftovers,
    join_recording,
    media_prefix,
    peaks_key,
    recording_key,
    segment_key,
    stereo_wav,
    transcript_key,
    write_transcript,
)
from offhook.runs.ending.peaks import peaks_document
from offhook.runs.log.entry import LogEntry
from offhook.runs.model import Ownership, Run
from tests.support.makers import NOON, make_event, make_run

AUDIO = {(1, 0): b"\x01\x02" * 100, (1, 1): b"\x03\x04" * 50, (2, 0): b"\x05\x06" * 7, (10, 0): b"\x07\x08"}
WHOLE = b"".join(AUDIO.values())


@pytest.fixture
def run(organization_id: str) -> Run:
    return make_run(organization_id)


def owned(run: Run, epoch: int) -> Run:
    return replace(run, ownership=Ownership(owner="streamer-1", epoch=epoch, lease_until=NOON))


def put_segments(media: S3Media, run: Run) -> None:
    for (epoch, n), audio in reversed(AUDIO.items()):
        media.put(segment_key(run, epoch, n), audio, "audio/basic")


def test_a_recording_is_a_wav_of_stereo_mu_law_byte_by_byte() -> None:
    wav = stereo_wav([b"\x01\x02\x03\x04", b"\x05\x06"])
    assert len(wav) == 64
    assert wav[0:4] == b"RIFF"
    assert struct.unpack("<I", wav[4:8]) == (56,)  # All that follows.
    assert wav[8:12] == b"WAVE"
    assert wav[12:16] == b"fmt "
    assert struct.unpack("<I", wav[16:20]) == (18,)
    assert struct.unpack("<HH", wav[20:24]) == (7, 2)  # Mu-law, two channels.
    assert struct.unpack("<II", wav[24:32]) == (8000, 16000)  # Samples and bytes a second.
    assert struct.unpack("<HHH", wav[32:38]) == (2, 8, 0)  # Bytes a sample pair, bits a sample, no extension.
    assert wav[38:42] == b"fact"
    assert struct.unpack("<II", wav[42:50]) == (4, 3)  # Sample pairs.
    assert wav[50:54] == b"data"
    assert struct.unpack("<I", wav[54:58]) == (6,)
    assert wav[58:] == b"\x01\x02\x03\x04\x05\x06"


def test_a_torn_segment_does_not_swap_the_channels() -> None:
    assert stereo_wav([b"\x01\x02\x03", b"\x05\x06"])[58:] == b"\x01\x02\x05\x06"


def test_segments_of_all_epochs_are_joined_in_order_and_stay(media: S3Media, run: Run) -> None:
    put_segments(media, run)
    assert join_recording(media, run, ()) == recording_key(run)
    assert media.get(recording_key(run)) == stereo_wav([WHOLE])
    assert len(media.keys(f"org/{run.organization_id}/")) == len(AUDIO) + 2


def test_what_the_row_does_not_name_is_deleted(media: S3Media, run: Run) -> None:
    put_segments(media, run)
    join_recording(media, owned(run, 1), ())
    key = join_recording(media, owned(run, 2), ())
    final = replace(run, recording_key=key, transcript_key=write_transcript(media, owned(run, 2), []))
    assert key is not None
    for _ in range(2):
        delete_leftovers(media, final)
        assert media.keys(media_prefix(run)) == [peaks_key(key), key, final.transcript_key]


def test_joining_twice_changes_nothing(media: S3Media, run: Run) -> None:
    put_segments(media, run)
    for _ in range(2):
        assert join_recording(media, run, ()) == recording_key(run)
        assert media.get(recording_key(run)) == stereo_wav([WHOLE])


def test_a_bucket_that_takes_no_peaks_costs_no_recording(
    media: S3Media, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_segments(media, run)
    put = media.put

    def put_audio(key: str, body: bytes, content_type: str) -> None:
        if content_type == "application/json":
            raise StorageError("S3 did not answer in time.")
        put(key, body, content_type)

    monkeypatch.setattr(media, "put", put_audio)
    assert join_recording(media, run, ()) == recording_key(run)
    assert media.get(recording_key(run)) == stereo_wav([WHOLE])


def test_who_lost_the_run_leaves_the_recording_of_its_owner_alone(media: S3Media, run: Run) -> None:
    put_segments(media, run)
    whole = join_recording(media, owned(run, 2), ())
    assert whole is not None
    media.delete([segment_key(run, 10, 0)])
    assert join_recording(media, owned(run, 1), ()) != whole
    assert media.get(whole) == stereo_wav([WHOLE])


def test_what_a_task_joined_before_it_lost_the_run_is_not_lost(media: S3Media, run: Run) -> None:
    media.put(segment_key(run, 1, 0), b"\x01\x02" * 100, "audio/basic")
    join_recording(media, owned(run, 1), ())
    media.put(segment_key(run, 2, 0), b"\x03\x04" * 10, "audio/basic")
    key = join_recording(media, owned(run, 2), ())
    assert key is not None
    assert media.get(key) == stereo_wav([b"\x01\x02" * 100 + b"\x03\x04" * 10])


@pytest.mark.parametrize("stored", [(1, 3), (3,)])
def test_what_follows_segments_that_were_given_up_keeps_its_time(
    media: S3Media, run: Run, stored: tuple[int, ...]
) -> None:
    ten_s, last = b"\x01\x02" * 80_000, b"\x03\x04" * 10
    for n in stored:
        media.put(segment_key(run, 1, n), last if n == 3 else ten_s, "audio/basic")
    assert join_recording(media, run, ()) == recording_key(run)
    gap = b"\xff" * len(ten_s)
    pieces = [gap, ten_s if 1 in stored else gap, gap, last]
    assert media.get(recording_key(run)) == stereo_wav([b"".join(pieces)])


def takeover(epoch: int, after_ms: int) -> LogEntry:
    at = NOON + timedelta(milliseconds=after_ms)
    return make_event(epoch, "takeover", at, epoch=epoch, owner=f"streamer-{epoch}")


def joined(media: S3Media, run: Run, *events: LogEntry) -> bytes:
    """Return the audio of the recording, without the header."""
    key = join_recording(media, run, events)
    assert key is not None
    audio = media.get(key)[58:]
    # Whatever was lost or left out: they go with what can be heard.
    assert media.get(peaks_key(key)) == peaks_document(memoryview(audio))
    return audio


def test_what_was_lost_with_a_process_is_silence_until_the_next_one_comes(media: S3Media, run: Run) -> None:
    media.put(segment_key(run, 1, 0), b"\x01\x02" * 80, "audio/basic")
    media.put(segment_key(run, 3, 0), b"\x03\x04" * 8, "audio/basic")
    # The second was the reaper, which records nothing.
    log = [takeover(1, 0), takeover(2, 15), takeover(3, 30)]
    assert joined(media, run, *log) == b"\x01\x02" * 80 + b"\xff\xff" * 160 + b"\x03\x04" * 8


def test_what_a_process_recorded_after_another_had_come_is_left_out(media: S3Media, run: Run) -> None:
    media.put(segment_key(run, 1, 0), b"\x01\x02" * 800, "audio/basic")
    media.put(segment_key(run, 2, 0), b"\x03\x04" * 8, "audio/basic")
    assert joined(media, run, takeover(1, 0), takeover(2, 10)) == b"\x01\x02" * 80 + b"\x03\x04" * 8


def test_joining_while_another_deletes_joins_nothing(
    media: S3Media, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_segments(media, run)
    listed = media.keys

    def keys(prefix: str) -> list[str]:
        found = listed(prefix)
        media.delete(found)
        return found

    monkeypatch.setattr(media, "keys", keys)
    assert join_recording(media, run, ()) is None


def test_a_run_without_audio_has_no_recording(media: S3Media, run: Run) -> None:
    assert join_recording(media, run, ()) is None
    assert media.keys(f"org/{run.organization_id}/") == []


def test_keys_name_the_organization_the_run_the_epoch_and_the_place() -> None:
    run = make_run("acme", id=12)
    assert segment_key(run, 3, 45) == "org/acme/run/12/segments/00003-00045.ulaw"
    assert recording_key(owned(run, 3)) == "org/acme/run/12/recording-00003.wav"
    assert transcript_key(owned(run, 3)) == "org/acme/run/12/transcript-00003.json"


def test_a_transcript_is_written_as_a_document(media: S3Media, run: Run) -> None:
    said = make_event(
        1, "transcript", segment_id="a", speaker="caller", text="¿Sí?", start_ms=0, end_ms=9, turn=1
    )
    key = write_transcript(media, run, [said])
    assert key == transcript_key(run)
    assert json.loads(media.get(key)) == {
        "segments": [
            {"speaker": "caller", "text": "¿Sí?", "start_ms": 0, "end_ms": 9, "turn": 1, "node_id": None}
        ]
    }


def test_half_of_a_character_keeps_no_run_from_its_transcript(media: S3Media, run: Run) -> None:
    event = make_event(1, "transcript", segment_id="a", speaker="agent", text="Hello \ud83d.")
    document = json.loads(media.get(write_transcript(media, run, [event])))
    assert document["segments"][0]["text"] == "Hello \ud83d."
