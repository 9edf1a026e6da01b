"""What the caller has heard of the agent, told by marks or by the clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.call.course.playback import Playback

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


_WORDS = st.lists(st.text(alphabet="abc", min_size=1, max_size=9), min_size=1, max_size=20).map(" ".join)


@pytest.mark.fuzz
@given(_WORDS, st.lists(st.integers(1, 2000), max_size=6), st.integers(0, 20_000))
def test_of_a_sentence_that_is_not_whole_nobody_has_heard_more_than_there_is(
    text: str, pieces_ms: list[int], heard_after_ms: int
) -> None:
    cuts = []
    for extra_ms in (0, 500):
        playback = Playback()
        playback.queue("s1", text)
        made_ms = 0
        for piece_ms in pieces_ms:
            made_ms += piece_ms
            playback.grown("s1", made_ms)
        playback.started("s1", 0)
        [cut] = playback.interrupt(heard_after_ms + extra_ms)
        cuts.append(cut)
        assert f"{cut.heard_text} {cut.unheard_text}".strip() == text
        if made_ms:
            assert cut.heard_ms <= made_ms
            # No more of the text than of the audio, taken for the whole of it.
            assert len(cut.heard_text) * made_ms <= len(text) * cut.heard_ms
    assert len(cuts[0].heard_text) <= len(cuts[1].heard_text)


def test_a_sentence_that_stops_growing_is_heard_no_further() -> None:
    playback = Playback()
    playback.queue("s1", "Your appointment is on Thursday at nine.")
    playback.started("s1", 0)
    playback.grown("s1", 1000)
    [cut] = playback.interrupt(5000)
    assert (cut.heard_ms, cut.heard_text) == (1000, "Your")


def test_a_voice_that_has_shown_its_rate_is_taken_at_that() -> None:
    playback = Playback()
    playback.queue("s1", "This is said quite slowly.")
    playback.synthesised("s1", 26 * 140)
    playback.queue("s2", "Your appointment is on Thursday.")
    playback.started("s2", 0)
    playback.grown("s2", 20 * 140)
    assert playback.interrupt(20 * 140)[1].heard_text == "Your appointment is"


def test_a_sentence_that_can_be_made_no_further_lasts_as_long_as_there_is_of_it() -> None:
    playback = Playback()
    playback.queue("s1", "Your appointment is on Thursday at nine.")
    playback.started("s1", 0)
    assert playback.failed("s1", 17 * 70) == "Your appointment is on Thursday at nine."
    [sentence] = playback.overdue(17 * 70 + _GRACE_MS)
    assert sentence.text == "Your appointment"


def test_a_sentence_of_which_there_is_nothing_is_forgotten() -> None:
    playback = Playback()
    playback.queue("s1", "Hello there.")
    playback.failed("s1", 0)
    assert not playback.is_active
