"""The phone plays what it gets at its own pace, and says honestly what was heard."""

from local.cloudonix.phones.loudspeaker import MAX_QUEUED_BYTES, Loudspeaker
from streamer.media.mulaw import CHUNK_BYTES

_VOICE = b"\x10"
_SILENT = b"\xff"


def _voice(chunks: float) -> bytes:
    return _VOICE * int(chunks * CHUNK_BYTES)


def test_audio_of_any_length_comes_out_in_chunks_of_20_ms() -> None:
    playout = Loudspeaker()
    playout.push(_voice(1.5))
    assert playout.next_chunk() == (_VOICE * 160, [])
    assert playout.next_chunk() == (_VOICE * 80 + _SILENT * 80, [])
    assert playout.next_chunk() == (_SILENT * 160, [])


def test_a_mark_is_reached_when_the_audio_before_it_has_been_played() -> None:
    playout = Loudspeaker()
    playout.push(_voice(2))
    playout.mark("a")
    playout.push(_voice(1))
    playout.mark("b")
    reached = [playout.next_chunk()[1] for _ in range(5)]
    assert reached == [[], [], ["a"], ["b"], []]


def test_a_mark_with_nothing_before_it_is_reached_at_once() -> None:
    playout = Loudspeaker()
    playout.mark("a")
    assert playout.next_chunk()[1] == ["a"]


def test_clear_drops_the_queue_and_gives_its_marks_back() -> None:
    playout = Loudspeaker()
    playout.push(_voice(5))
    playout.mark("a")
    playout.mark("b")
    playout.next_chunk()
    assert playout.clear() == ["a", "b"]
    assert playout.next_chunk() == (_SILENT * 160, [])
    playout.push(_voice(1))
    playout.mark("c")
    assert playout.next_chunk() == (_VOICE * 160, [])
    assert playout.next_chunk()[1] == ["c"]


def test_a_short_hole_in_the_audio_is_an_underrun_and_a_pause_is_none() -> None:
    playout = Loudspeaker()
    for silent_chunks in (3, 40):
        playout.push(_voice(1))
        for _ in range(1 + silent_chunks):
            playout.next_chunk()
    playout.push(_voice(1))
    playout.next_chunk()
    assert playout.underruns == 1


def test_what_follows_a_clear_is_no_underrun() -> None:
    playout = Loudspeaker()
    playout.push(_voice(3))
    playout.next_chunk()
    playout.clear()
    playout.next_chunk()
    playout.push(_voice(1))
    playout.next_chunk()
    assert playout.underruns == 0


def test_more_than_ten_minutes_ahead_is_dropped_and_counted() -> None:
    playout = Loudspeaker()
    playout.push(b"\x10" * MAX_QUEUED_BYTES)
    playout.push(b"\x10" * 200)
    assert playout.dropped_bytes == 200
