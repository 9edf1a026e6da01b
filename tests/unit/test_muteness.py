"""When a service that hears a voice counts as mute."""

from streamer.speech.transcribe.muteness import Muteness


def test_a_voice_of_which_nothing_is_told_for_two_seconds_is_not_heard() -> None:
    muteness = Muteness(0)
    assert muteness.due_ms is None
    muteness.voice_begins(5000)
    assert muteness.due_ms == 7000
    muteness.told(6000)
    assert muteness.due_ms == 8000


def test_a_long_voice_that_has_ended_must_have_had_words_and_a_cough_none() -> None:
    for without_words_ms, due_ms in ((1000, 7000), (999, None)):
        muteness = Muteness(0)
        muteness.voice_begins(5000)
        muteness.voice_ends(without_words_ms)
        assert muteness.due_ms == due_ms
        muteness.answered()
        assert muteness.due_ms is None


def test_two_utterances_in_a_row_of_which_nothing_is_told_are_no_coughs() -> None:
    muteness = Muteness(0)
    assert not muteness.is_mute
    muteness.answered()
    assert muteness.is_mute
    muteness.told(100)
    assert not muteness.is_mute
    muteness.answered()
    assert not muteness.is_mute


def test_what_is_heard_again_by_a_new_stream_need_not_have_words() -> None:
    muteness = Muteness(5000)
    muteness.voice_begins(5499)
    assert muteness.due_ms is None
    muteness.voice_begins(5500)
    assert muteness.due_ms == 7500
