"""How a call goes on whose caller could not be put through, or handed on."""

from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import ToolResultStatus
from offhook.workflows import Handoff, Transfer
from streamer.call.actions.acting import NO_SUCCESSOR, NOBODY_REACHED, transfer_is_over
from streamer.call.actions.putting_through import go_on_with_caller, tell_failure
from streamer.call.course.course import Course
from streamer.call.floor import Floor

TRANSFER_FAILED, HANDOFF_FAILED = "transfer_failed", "handoff_failed"
"""The dispositions of calls that end because of it."""


def go_on_without(call: Course, wanted: Transfer | Handoff) -> None:
    """Go on where an operator wanted it, ask the model that did, or take the node's way on; without one the call ends."""
    if tell_failure(call):
        go_on_with_caller(call)
        return
    (happening,) = wanted.happenings
    is_handoff = isinstance(wanted, Handoff)
    edge = call.talk.edge_when(happening)
    if transfer_is_over(call, ToolResultStatus.FAILED, NO_SUCCESSOR if is_handoff else NOBODY_REACHED):
        call.move(Floor.SILENT)
        call.ask_model()
    elif edge is None:
        call.disposition = HANDOFF_FAILED if is_handoff else TRANSFER_FAILED
        call.end(EndReason.AGENT, say=wanted.failed_say)
    else:
        call.move(Floor.SILENT)
        call.say(call.talk.sentences(wanted.failed_say))
        call.take(edge, {}, reason=happening)
