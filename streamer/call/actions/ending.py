"""Actions of the end: with a last sentence, or without."""

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import InterruptedBy
from streamer.call.commands import HangUp
from streamer.call.course.course import Course
from streamer.call.events import EndRequested, EngineFailed, EngineStumbled


def hang_up(call: Course, _: object) -> None:
    """Hang up after the last words."""
    call.close(call.ending or EndReason.AGENT)
    call.out.append(HangUp())


def time_is_up(call: Course, _: object) -> None:
    """Say that the call has lasted long enough."""
    call.out += call.agent.stop(InterruptedBy.AGENT, call.now_ms)
    call.end(EndReason.TOO_LONG, say=call.settings.max_duration_goodbye)


def drain_is_over(call: Course, _: object) -> None:
    """Say that the call can't go on here, and end it."""
    call.out += call.agent.stop(InterruptedBy.OPERATOR, call.now_ms)
    call.end(EndReason.DRAINED, say=call.settings.drained_goodbye or call.settings.error_goodbye)


def apologise(call: Course, event: EngineFailed) -> None:
    """Say that something went wrong, and end the call."""
    note_failure(call, event)
    if event.engine != "synthesiser":
        # What a synthesiser has made before it failed may sound to its end.
        call.out += call.agent.stop(InterruptedBy.AGENT, call.now_ms)
    call.end(EndReason.ERROR, say=call.settings.error_goodbye)


def note_failure(call: Course, event: EngineFailed) -> None:
    """Take note of a failure while the call ends anyway."""
    call.note_error(event.code, f"The {event.engine} failed.")


def note_stumble(call: Course, event: EngineStumbled) -> None:
    """Take note of a failure that the call goes on after."""
    call.note_error(event.code, f"The {event.engine} failed, and the call goes on.", recoverable=True)


def caller_leaves(call: Course, _: object) -> None:
    """Close the call's record: the caller has hung up."""
    call.out += call.agent.stop(InterruptedBy.CALLER, call.now_ms)
    call.close(call.ending or EndReason.CALLER)


def stop_now(call: Course, event: EndRequested) -> None:
    """End the call without another word."""
    call.out += call.agent.stop(InterruptedBy.OPERATOR, call.now_ms)
    call.close(event.reason)
    call.out.append(HangUp())
