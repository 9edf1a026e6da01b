"""How a call begins, or goes on where another process left off."""

from offhook.runs.log.events import NodeEvent, NodeReason
from offhook.runs.model import TransferStatus
from offhook.workflows import Transfer
from streamer.call.answering import decide
from streamer.call.commands import Expect
from streamer.call.course import Course
from streamer.call.floor import Floor
from streamer.call.state import ConversationState
from streamer.call.transferring import go_on_without


def begin(call: Course) -> None:
    """Begin a new call in the start node."""
    call.move(Floor.SILENT)
    call.append(NodeEvent(from_=None, to=call.talk.node.id, edge_id=None, reason=NodeReason.START))
    _begin_speaking(call)


def go_on(call: Course, state: ConversationState) -> None:
    """Go on with the call that the state describes."""
    call.move(Floor.SILENT)
    errand = call.talk.errand
    if state.transfer is not None and isinstance(errand, Transfer):
        # It was under way when the log ends, and came to nothing.
        call.out += call.transfers.end(TransferStatus.FAILED, state.transfer, state.transfer_reason)
        go_on_without(call, errand)
    elif not state.lines:
        _begin_speaking(call)
    elif state.is_unanswered:
        call.out.append(Expect(phrases=call.talk.expected))
        decide(call, state.lines[-1].text)
    elif not state.said_here:
        call.arrive()
    else:
        _go_on_speaking(call, state)


def _begin_speaking(call: Course) -> None:
    call.say(call.talk.sentences(call.settings.consent_line))
    call.arrive()


def _go_on_speaking(call: Course, state: ConversationState) -> None:
    """Say again what may not have been heard, and what had not begun to sound."""
    for segment_id, text in zip(state.unheard_ids, state.unheard, strict=True):
        # It gets a line of its own when it sounds again.
        call.out.append(call.agent.take_back(segment_id, text))
    call.out.append(Expect(phrases=call.talk.expected))
    rest = [] if state.was_cut_off else call.talk.spoken_after(state.said_here)
    call.say([*state.unheard, *rest], fixed=False)
    call.go_on_from_words()
