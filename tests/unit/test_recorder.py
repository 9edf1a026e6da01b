"""The recording: both tracks on the caller's clock, sample by sample."""

from streamer.conductor.recorder import SEGMENT_BYTES, Recorder

BYTES_PER_MS = 8
QUIET = 0xFF


def audio(ms: int, value: int) -> bytes:
    return bytes((value,)) * (ms * BYTES_PER_MS)


def numbered(ms: int, start: int = 0) -> bytes:
    """Return audio whose every sample tells its place, and which is never silent."""
    return bytes((start + place) % 251 for place in range(ms * BYTES_PER_MS))


def tracks(stereo: bytes) -> tuple[bytes, bytes]:
    return stereo[0::2], stereo[1::2]


def runs(track: bytes) -> list[tuple[int, int]]:
    """Return the values of a track, each with how many whole or broken milliseconds it lasts."""
    found: list[tuple[int, int]] = []
    for value in track:
        if found and found[-1][0] == value:
            found[-1] = (value, found[-1][1] + 1)
        else:
            found.append((value, 1))
    return [(value, samples // BYTES_PER_MS) for value, samples in found]


def hear(recorder: Recorder, ms: int, value: int = 1) -> None:
    for _ in range(ms // 20):
        recorder.hear(audio(20, value))


def test_the_caller_is_left_and_the_agent_right_byte_by_byte() -> None:
    recorder = Recorder()
    said, heard = numbered(40, 100), numbered(40)
    recorder.say(said, lead_ms=0)
    recorder.hear(heard)
    stereo = recorder.take()
    assert stereo == bytes(value for pair in zip(heard, said, strict=True) for value in pair)


def test_what_comes_ahead_of_the_phone_is_recorded_when_it_is_heard() -> None:
    recorder = Recorder()
    hear(recorder, 100)
    recorder.say(audio(160, 2), lead_ms=0)
    hear(recorder, 60)
    recorder.say(audio(60, 3), lead_ms=100)
    hear(recorder, 60)
    recorder.say(audio(60, 4), lead_ms=100)
    hear(recorder, 200)
    heard, said = tracks(recorder.take())
    assert runs(heard) == [(1, 420)]
    assert runs(said) == [(QUIET, 100), (2, 160), (3, 60), (4, 60), (QUIET, 40)]


def test_bursts_have_no_seam_although_the_clocks_differ() -> None:
    recorder = Recorder()
    sent = numbered(2000)
    recorder.say(sent[: 160 * BYTES_PER_MS], lead_ms=0)
    for start in range(160, 2000, 60):
        hear(recorder, 40 if start % 120 else 80)
        recorder.say(sent[start * BYTES_PER_MS : (start + 60) * BYTES_PER_MS], lead_ms=97 + start % 7)
    hear(recorder, 2000)
    _, said = tracks(recorder.take())
    assert said[: len(sent)] == sent


def test_a_pause_of_any_length_stays_as_long_as_it_was() -> None:
    recorder = Recorder()
    for pause_ms in (20, 100, 240, 260, 2000):
        recorder.say(audio(100, 2), lead_ms=0)
        hear(recorder, 100 + pause_ms)
    _, said = tracks(recorder.take())
    pauses = [ms for value, ms in runs(said) if value == QUIET]
    assert pauses == [20, 100, 240, 260, 2000]


def test_what_was_cut_off_is_not_in_the_recording() -> None:
    recorder = Recorder()
    recorder.say(audio(160, 2), lead_ms=0)
    hear(recorder, 60)
    recorder.cut()
    hear(recorder, 100)
    recorder.say(audio(100, 3), lead_ms=0)
    hear(recorder, 100)
    _, said = tracks(recorder.take())
    assert runs(said) == [(2, 60), (QUIET, 100), (3, 100)]


def test_a_cut_without_anything_ahead_changes_nothing() -> None:
    recorder = Recorder()
    recorder.cut()
    recorder.say(audio(20, 2), lead_ms=0)
    hear(recorder, 100)
    recorder.cut()
    recorder.say(audio(20, 3), lead_ms=0)
    hear(recorder, 20)
    _, said = tracks(recorder.take())
    assert runs(said) == [(2, 20), (QUIET, 80), (3, 20)]


def test_segments_of_ten_seconds_join_without_a_loss() -> None:
    recorder, segments = Recorder(), []
    sent, heard = numbered(25_000, 3), numbered(25_000, 7)
    ahead = 100 * BYTES_PER_MS
    recorder.say(sent[:ahead], lead_ms=0)
    for start in range(0, len(sent), 160):
        recorder.say(sent[start + ahead : start + ahead + 160], lead_ms=100)
        recorder.hear(heard[start : start + 160])
        if recorder.is_due:
            segments.append(recorder.take())
    segments.append(recorder.take())
    assert [len(segment) // 2 for segment in segments] == [SEGMENT_BYTES, SEGMENT_BYTES, 5000 * BYTES_PER_MS]
    assert tracks(b"".join(segments)) == (heard, sent)
    assert recorder.take() == b""


def test_what_lies_ahead_at_the_end_of_a_segment_begins_the_next() -> None:
    recorder = Recorder()
    hear(recorder, 9920)
    recorder.say(audio(160, 2), lead_ms=0)
    hear(recorder, 80)
    assert recorder.is_due
    _, first = tracks(recorder.take())
    hear(recorder, 200)
    _, second = tracks(recorder.take())
    assert runs(first)[-1] == (2, 80)
    assert runs(second) == [(2, 80), (QUIET, 120)]


def test_of_a_caller_alone_one_segment_is_kept_at_most() -> None:
    recorder = Recorder()
    for _ in range(3):
        hear(recorder, 9980)
        assert not recorder.is_due
        hear(recorder, 20)
        assert recorder.is_due
        assert runs(tracks(recorder.take())[1]) == [(QUIET, 10_000)]


def test_of_an_agent_whose_caller_sends_nothing_a_minute_is_kept_at_most() -> None:
    recorder = Recorder()
    for _ in range(600):
        recorder.say(audio(1000, 2), lead_ms=100)
    assert recorder.take() == b""
    hear(recorder, 120_000)
    _, said = tracks(recorder.take())
    assert sum(ms for value, ms in runs(said) if value == 2) <= 61_000
