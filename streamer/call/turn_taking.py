"""Actions of turns: who has the floor while the caller's voice comes and goes."""

from offhook.runs.log.events import InterruptedBy
from streamer.call.answering import answer_recognised, resume
from streamer.call.course import Course
from streamer.call.floor import Floor


def caller_starts(call: Course, _: object) -> None:
    """Give the caller the floor, and the recogniser the utterance."""
    call.out += call.caller.start(call.now_ms)
    call.move(Floor.CALLER)


def caller_is_overheard(call: Course, _: object) -> None:
    """Listen to a caller who sounds while the agent speaks; it may become a barge-in."""
    if call.talk.may_be_interrupted:
        call.out += call.caller.start(call.now_ms)


def caller_goes_on(call: Course, _: object) -> None:
    """Take more speech after a pause that looked like the end: what was being thought no longer counts."""
    call.drop_model()
    call.timer.cancel()
    caller_starts(call, _)


def barge_in(call: Course, _: object) -> None:
    """Silence the agent, since the caller is taking the floor."""
    if call.caller.is_open:
        call.drop_model()
        call.timer.cancel()
        call.out += call.agent.stop(InterruptedBy.CALLER, call.now_ms)
        call.move(Floor.CALLER)


def ignore_utterance(call: Course, _: object) -> None:
    """Let a sound pass that did not take the floor."""
    if call.caller.is_open:
        call.out += call.caller.ignore()


def utterance_over(call: Course, _: object) -> None:
    """Await what the recogniser makes of the caller's utterance."""
    call.out += call.caller.finish(call.now_ms)
    call.timer.finished(call.caller.end_ms, call.now_ms)
    call.move(Floor.THINKING)


def utterance_discarded(call: Course, _: object) -> None:
    """Let a click pass, and go on with what it stopped."""
    call.out += call.caller.ignore()
    call.move(Floor.THINKING)
    if call.caller.is_awaited:
        return
    if call.caller.has_text:
        answer_recognised(call)
    elif not resume(call):
        call.move(Floor.SILENT)


def agent_finishes(call: Course, _: object) -> None:
    """Give the floor to the caller, who may have begun under the agent's last words."""
    if call.turns.is_speaking:
        if not call.caller.is_open:
            call.out += call.caller.start(call.now_ms)
        call.drop_model()
        call.move(Floor.CALLER)
    else:
        call.move(Floor.THINKING if call.model.is_busy else Floor.SILENT)
