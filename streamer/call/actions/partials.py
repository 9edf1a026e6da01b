"""Actions of words that are not final: partials, and finals that the recogniser takes back."""

from offhook.runs.log.events import PartialEvent
from streamer.call.actions.answering import answer_when_over
from streamer.call.actions.machines import meet_early
from streamer.call.course.course import Course
from streamer.call.events import Corrected, PartlyRecognised
from streamer.call.floor import Floor

EVERY_MS = 500
"""Partials are shown to people: who reads along needs no more of them, and the log is paid by the entry."""

MOST_CHARACTERS = 500
"""What a partial shows at most: half a minute of speech."""

# Whoever is not noticed for longer is somebody else in the room, and the caller waits for an answer.
_LONGEST_UNNOTICED_MS = 4000


def words_come(call: Course, event: PartlyRecognised) -> None:
    """Show what the caller seems to be saying."""
    call.caller.has_part = call.caller.has_part or bool(event.text)
    if call.now_ms >= call.partial_due_ms:
        call.partial_due_ms = call.now_ms + EVERY_MS
        text = event.text[-MOST_CHARACTERS:]
        call.append(PartialEvent(result_id=event.result_id, text=text, offset_ms=call.now_ms))


def words_may_tell(call: Course, event: PartlyRecognised) -> None:
    """Show what the caller seems to be saying, and hang up on a machine that is known by it."""
    words_come(call, event)
    meet_early(call, event.stable_text)


def words_go_on(call: Course, event: PartlyRecognised) -> None:
    """Wait for words that the voice detector has not noticed, while an answer to those before is pending."""
    words_may_tell(call, event)
    is_news = bool(event.text) and event.silent_ms is not None
    if call.answer_ms is None or not is_news or call.now_ms >= call.floor_since_ms + _LONGEST_UNNOTICED_MS:
        return
    call.drop_prepared()
    call.answer_ms = call.prepare_ms = None
    call.out += call.caller.goes_on(call.now_ms - max(0, event.silent_ms or 0))


def words_change(call: Course, event: Corrected) -> None:
    """Correct the caller's words; what they have led to stands."""
    correction = call.caller.correct(event.result_id, event.text)
    if correction is not None:
        call.append(correction)
        call.talk.correct_line(correction.original, correction.heard_text, from_caller=True)
        # Behind others that a muted agent has not answered either.
        waiting, original = f" {call.unanswered}", f" {correction.original}"
        if waiting.endswith(original):
            call.unanswered = f"{waiting.removesuffix(original)} {correction.heard_text}".strip()
    elif call.floor is Floor.THINKING and call.answer_ms is not None:
        # A muted agent, or one that a machine has met, answers nothing now: the words count as they are when they are due.
        answer_when_over(call)
