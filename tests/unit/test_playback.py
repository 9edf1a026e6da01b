"""What the caller has heard of the agent, told by marks or by the clock."""

from streamer.call.playback import Playback

_GRACE_MS = 500


def test_a_carrier_that_loses_a_mark_is_given_as_much_time_for_the_next_one() -> None:
    playback = Playback()
    _sound(playback, "s1", 0)
    playback.mark("s1", 1000)
    _sound(playback, "s2", 1000)
    assert playback.overdue(2000 + _GRACE_MS - 20) == []
    assert [sentence.id for sentence in playback.overdue(2000 + _GRACE_MS)] == ["s2"]

    _sound(playback, "s3", 3000)
    assert playback.deadline_ms == 4000 + _GRACE_MS


def test_a_mark_tells_of_all_sentences_before_it() -> None:
    playback = Playback()
    _sound(playback, "s1", 0)
    _sound(playback, "s2", 20)

    assert [sentence.id for sentence in playback.mark("s2", 2000)] == ["s1", "s2"]
    assert playback.mark("s1", 2020) == []
    assert not playback.is_active


def test_the_mark_of_a_carrier_that_was_found_to_echo_none_is_not_waited_for() -> None:
    playback = Playback()
    _sound(playback, "s1", 0)
    playback.overdue(1000 + _GRACE_MS)
    _sound(playback, "s2", 2000)

    assert playback.deadline_ms is not None
    assert playback.deadline_ms < 3000 + _GRACE_MS


def _sound(playback: Playback, segment_id: str, now_ms: int) -> None:
    playback.queue(segment_id, "Hello there.")
    playback.started(segment_id, now_ms)
    playback.synthesised(segment_id, 1000)
