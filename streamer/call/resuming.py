"""How a call begins, or goes on where another process left off."""

from offhook.runs.log.events import NodeEvent, NodeReason
from offhook.vocabulary import AnswerAction, AnsweredBy
from offhook.workflows import Transfer
from streamer.call.actions.acting import settle_calls
from streamer.call.actions.answering import decide
from streamer.call.actions.capturing import go_on_capturing
from streamer.call.actions.going_without import go_on_without
from streamer.call.actions.handing_on import begin_as_successor
from streamer.call.actions.machines import await_person, end_met, hear_out
from streamer.call.actions.putting_through import ask_again, tell_failure
from streamer.call.conversation.state import ConversationState
from streamer.call.course.course import Course
from streamer.call.course.injections import Injection
from streamer.call.course.meeting import Meeting
from streamer.call.floor import Floor


def begin(call: Course) -> None:
    """Begin a new call in the start node."""
    call.move(Floor.SILENT)
    call.append(NodeEvent(from_=None, to=call.talk.node.id, edge_id=None, reason=NodeReason.START))
    call.begin_speaking()


def go_on(call: Course, state: ConversationState) -> None:
    """Go on with the call that the state describes."""
    call.move(Floor.SILENT)
    if state.transfer is not None and not isinstance(call.talk.errand, Transfer):
        # One that an operator asked for, or the model, which the settled call of its tool tells.
        call.out += call.transfers.fail_former(
            state.transfer, state.transfer_reason, command_id=state.transfer_command
        )
    settle_calls(call, state.open_calls.values())
    _take_up_injections(call, state)
    if state.handoff is not None:
        # Fetching the other agent again costs nothing, and the node says when.
        call.out.append(call.handoffs.lost(state.handoff, call.now_ms))
    if state.node_id is None:
        begin_as_successor(call, None)
        return
    if state.is_muted:
        _go_on_muted(call, state)
        return
    tell_failure(call)
    _go_on(call, state)
    if call.tools.owes_reply and not call.model.is_busy and call.floor in (Floor.SILENT, Floor.AGENT):
        call.ask_model()


def _take_up_injections(call: Course, state: ConversationState) -> None:
    """Have said, and heard, what operators have added, as far as it was not."""
    for segment_id, text in state.injected_unheard.items():
        call.out.append(call.agent.take_back(segment_id, text))
    for inject_id, waiting in state.to_say.items():
        rest = call.talk.cut(waiting.text)[waiting.said :]
        if rest:
            call.injections.to_say.append(Injection(inject_id=inject_id, sentences=rest))
        if rest and waiting.said:
            call.injections.begin(inject_id)
    for inject_id, text in state.to_hear.items():
        call.injections.to_hear.append(Injection(inject_id=inject_id, sentences=[text]))


def _go_on_muted(call: Course, state: ConversationState) -> None:
    """Listen for an operator whose agent is muted; what of its words was not heard is said when it may speak again."""
    _take_back_unheard(call, state)
    call.agent.unheard = list(state.unheard.values())
    call.unanswered = state.talk.last_words(state.unanswered)
    call.expect()
    call.move(Floor.MUTED)


def _go_on(call: Course, state: ConversationState) -> None:
    errand = call.talk.errand
    if state.met is not None:
        _go_on_with_machine(call, state, state.met)
    elif state.transfer is not None and isinstance(errand, Transfer):
        # It was under way when the log ends, and came to nothing.
        call.out += call.transfers.fail_former(state.transfer, state.transfer_reason)
        go_on_without(call, errand)
    elif not state.talk.lines:
        call.begin_speaking()
    elif state.unanswered:
        call.expect()
        decide(call, state.talk.last_words(state.unanswered))
    elif state.draft_is_unsaid:
        go_on_capturing(call)
    elif not state.said_here:
        call.arrive()
    else:
        _go_on_speaking(call, state)


def _go_on_with_machine(call: Course, state: ConversationState, kind: AnsweredBy) -> None:
    """Begin again with a machine, whose last words may be a question; after keys, wait for whoever comes."""
    _take_back_unheard(call, state)
    disposition = call.settings.answered_by.of(kind).disposition
    call.met = Meeting(kind=kind, since_ms=call.now_ms, tries=state.machines_met, disposition=disposition)
    if call.opening.action(kind) is AnswerAction.HANG_UP:
        end_met(call, call.met)
    elif kind is AnsweredBy.MENU or not (state.unanswered or kind is AnsweredBy.VOICEMAIL):
        await_person(call)
    else:
        hear_out(call)


def _take_back_unheard(call: Course, state: ConversationState) -> None:
    for segment_id, text in state.unheard.items():
        # It gets a line of its own when it sounds again.
        call.out.append(call.agent.take_back(segment_id, text))


def _go_on_speaking(call: Course, state: ConversationState) -> None:
    """Say again what may not have been heard, and what had not begun to sound."""
    _take_back_unheard(call, state)
    call.expect()
    rest = [] if state.was_cut_off else call.talk.spoken_after(state.said_here)
    if state.transfer_command and not (state.unheard or rest):
        ask_again(call)
        return
    call.say([*state.unheard.values(), *rest], fixed=False)
    call.go_on_from_words()
