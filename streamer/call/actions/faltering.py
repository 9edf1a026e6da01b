"""What is done where the language model gives no answer: the call goes on without one, and never silently."""

from offhook.runs.end_reasons import EndReason
from streamer.call.actions.ending import apologise
from streamer.call.course.course import Course
from streamer.call.events import EngineFailed
from streamer.call.floor import Floor

MOST_FAILURES = 2
"""Questions in a row without an answer after which the caller is asked to say it again; after one more the call ends."""


def engine_fails(call: Course, event: EngineFailed) -> None:
    """Go on without the model's answer; any other engine that nothing stands in for ends the call."""
    if event.engine != "model":
        apologise(call, event)
    elif call.model.is_busy:
        model_falters(call, event.code)


def model_falters(call: Course, code: str) -> None:
    """Say something in the place of an answer that does not come; what of it was said already stands."""
    call.drop_model()
    call.model.must_ask_again = False
    call.model.failures += not call.model.has_spoken
    is_over = call.model.failures > MOST_FAILURES and not call.talk.is_at_end
    call.note_error(code, "The language model gave no answer.", recoverable=not is_over)
    if is_over:
        call.end(EndReason.ERROR, say=call.settings.error_goodbye)
    else:
        if not call.model.has_spoken:
            settings = call.settings
            call.say(call.talk.sentences(settings.goodbye if call.talk.is_at_end else settings.no_answer))
        go_on_without_reply(call)


def go_on_without_reply(call: Course) -> None:
    """Listen again, or end the call, once what was said is heard: no end waits for a model."""
    if call.talk.is_at_end:
        call.go_on_from_words()
    elif not call.agent.is_active:
        call.move(Floor.SILENT)
