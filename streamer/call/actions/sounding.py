"""Actions of the agent's sentences: what begins to sound, what was heard, and what failed."""

from collections.abc import Sequence

from streamer.call.course.course import Course
from streamer.call.course.playback import Sentence
from streamer.call.events import (
    SegmentAnswered,
    SegmentFailed,
    SegmentGrown,
    SegmentHeard,
    SegmentStarted,
    SegmentSynthesised,
)
from streamer.call.floor import Floor


def segment_answers(call: Course, event: SegmentAnswered) -> None:
    """Take the time at which the reply's audio was there."""
    if call.agent.playback.find(event.segment_id) is not None:
        call.timer.answered(call.moment_ms, event.answered_ms)


def segment_sounds(call: Course, event: SegmentStarted) -> None:
    """Write the sentence into the transcript; the caller now has a reply."""
    sentence = call.agent.playback.find(event.segment_id)
    records = call.agent.started(event.segment_id, call.now_ms, call.turn)
    call.out += records
    if records and sentence is not None and _is_reply(call, sentence):
        call.unanswered = ""
        call.model.must_ask_again = False
        call.out += call.timer.sounded(call.turn, call.moment_ms)


def _is_reply(call: Course, sentence: Sentence) -> bool:
    """Say whether it answers the caller: an operator's words do in a muted agent's place, as they begin."""
    if sentence.inject_id is None:
        return True
    is_first = call.injections.begin(sentence.inject_id)
    return is_first and call.floor is Floor.MUTED


def segment_grows(call: Course, event: SegmentGrown) -> None:
    """Take note of how much of the sentence there is."""
    call.agent.playback.grown(event.segment_id, event.duration_ms)


def segment_is_whole(call: Course, event: SegmentSynthesised) -> None:
    """Take note of how long the sentence lasts."""
    call.agent.playback.synthesised(event.segment_id, event.duration_ms)


def segment_fails(call: Course, event: SegmentFailed) -> None:
    """Keep of the sentence what there is of it."""
    call.out += call.agent.failed(event.segment_id, event.duration_ms)
    call.note_playback()


def segment_heard(call: Course, event: SegmentHeard) -> None:
    """Take the carrier's word that the sentence was heard, with all before it."""
    _heard(call, call.agent.playback.mark(event.segment_id, call.now_ms))


def mark_missed(call: Course, _: object) -> None:
    """Take the sentence for heard by the clock."""
    _heard(call, call.agent.playback.overdue(call.now_ms))


def _heard(call: Course, sentences: Sequence[Sentence]) -> None:
    call.out += call.agent.heard(sentences)
    call.note_playback()
