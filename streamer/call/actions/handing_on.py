"""Actions of handoffs: the call goes on with another agent of the organization, which knows all that was said.

The other agent is fetched while the caller hears what is said before, on the floor TRANSFER. It begins in its start
node: what its callers hear first there is said, the consent line is not.
"""

from offhook.runs.log.events import NodeEvent, NodeReason, ToolResultStatus
from offhook.workflows import Handoff
from streamer.call.actions.acting import transfer_is_over
from streamer.call.actions.going_without import go_on_without
from streamer.call.commands import Become
from streamer.call.course.course import Course
from streamer.call.events import HandoffFailed, HandoffReady
from streamer.call.floor import Floor


def handoff_is_answered(call: Course, event: HandoffReady | HandoffFailed) -> None:
    """Have the other agent take the call, or go on without it, once the caller has heard what is said before."""
    if call.handoffs.open is not None and call.handoffs.answer is None:
        call.handoffs.answer = event
        call.note_playback()


def hand_on(call: Course, wanted: Handoff) -> None:
    """Give the call to the other agent if it is at hand, or go on without it, as soon as that is known."""
    answer = call.handoffs.answer
    if isinstance(answer, HandoffReady):
        _give(call, answer)
    elif answer is not None:
        call.out += call.handoffs.fail(answer.reason, call.now_ms)
        go_on_without(call, wanted)


def successor_tarries(call: Course) -> None:
    """Wait no longer for an agent that does not come."""
    handoff_is_answered(call, HandoffFailed(reason="timeout"))


def _give(call: Course, ready: HandoffReady) -> None:
    call.out += call.handoffs.complete(ready, call.now_ms)
    transfer_is_over(call, ToolResultStatus.OK, "The caller was handed on.")
    call.out += call.opening.close(call.now_ms, is_person=True)
    call.extract()
    call.tools.leave()
    call.forget_utterance()
    if ready.hears_anew:
        call.caller.begin_anew()
        call.deaf_since_ms = None
    call.out.append(Become())
    before = call.talk.node.id
    call.follow(ready.successor)
    begin_as_successor(call, before)


def begin_as_successor(call: Course, before: str | None) -> None:
    """Stand in the start of the other agent's workflow, and do what is done there."""
    call.append(NodeEvent(from_=before, to=call.talk.node.id, edge_id=None, reason=NodeReason.HANDOFF))
    call.forget_interrupted()
    call.keys = ""
    call.steps_alone += 1
    call.move(Floor.SILENT)
    call.arrive()
