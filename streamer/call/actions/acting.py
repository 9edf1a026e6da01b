"""Actions of what the language model chooses: ways on, tools, the end; and of what tools answer.

Whatever a model says, only what the present node offers can be called, with arguments that fit. Tools of one reply run
side by side, and the model is asked again with their answers; only then an edge that it chooses is taken.
"""

from collections.abc import Iterable, Sequence

from offhook.models.requests import ToolOutcome, ToolUse
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.events import NodeReason, ToolCallEvent, ToolResultEvent, ToolResultStatus
from offhook.workflows import Edge, Handoff, Transfer
from streamer.call.actions.faltering import go_on_without_reply, model_falters
from streamer.call.commands import CallTool, CallTools
from streamer.call.conversation.tool_arguments import argument_faults
from streamer.call.course.course import Course
from streamer.call.course.promising import promised_by_tool
from streamer.call.course.tool_rounds import MOST_AT_ONCE, MOST_ROUNDS
from streamer.call.events import ModelChose, ToolAnswered
from streamer.call.floor import Floor
from streamer.call.offered_tools import OfferedTool, ToolKind

_UNKNOWN_TOOL = "There is no such tool. Use those that you are offered, or answer without one."
_NO_ANSWER = (
    "No answer came. It is not known whether this was done: do not call it again, and tell the caller so."
)

NOBODY_REACHED = "Nobody could be reached. The caller is still on the line: tell them, and go on without."
"""What the model is told of a transfer that it asked for, and that came to nothing."""

NO_SUCCESSOR = "The other agent can't take the call. The caller is still yours: tell them, and go on without."
"""What the model is told of a handoff that it asked for, and that came to nothing."""

_MOST_REASON_CHARACTERS = 200
_MOST_NAME_CHARACTERS = 64


def model_chooses(call: Course, event: ModelChose) -> None:
    """Keep what the model has chosen until its reply is complete; an edge is taken at once where no tool may come first."""
    call.model.chosen.append(event)
    ways = call.talk.ways
    way = ways.of(event.tool)
    if isinstance(way, Edge) and len(call.model.chosen) == 1 and not ways.have_requests:
        _take(call, way)


def model_finishes(call: Course, _: object) -> None:
    """Do what the model has chosen; else listen again, or end the call, now that it has said all."""
    call.model.is_busy = False
    chosen, call.model.chosen = call.model.chosen[:MOST_AT_ONCE], []
    if chosen:
        _act(call, chosen)
    elif call.model.has_spoken:
        call.model.failures = 0
        go_on_without_reply(call)
    else:
        model_falters(call, "model-silent")


def _act(call: Course, chosen: Sequence[ModelChose]) -> None:
    ways = [(event, call.talk.ways.of(event.tool)) for event in chosen]
    requests = [(event, way) for event, way in ways if not isinstance(way, Edge) and _is_answered(way)]
    event, first = ways[0]
    if not requests and _leads_on(call, event, first):
        return
    if call.tools.rounds >= MOST_ROUNDS:
        model_falters(call, "too-many-tool-calls")
        return
    call.model.failures = 0
    call.tools.rounds += 1
    if requests:
        _call_tools(call, requests)
    elif isinstance(first, OfferedTool):
        _transfer(call, event, first)


def _leads_on(call: Course, event: ModelChose, way: Edge | OfferedTool | None) -> bool:
    """Take an edge, or end the call; return False for what can come back to the model."""
    if isinstance(way, Edge):
        _take(call, way)
        return True
    if way is not None and way.kind is ToolKind.END_CALL:
        _end(call, event, way)
        return True
    return False


def _is_answered(way: OfferedTool | None) -> bool:
    """Say whether the model is told what came of this before it may go on."""
    return way is None or way.kind is ToolKind.REQUEST


def _end(call: Course, event: ModelChose, tool: OfferedTool) -> None:
    note_result(call, _note_call(call, event), ToolResultStatus.OK, "The call ends.")
    call.disposition = call.talk.node.data.disposition or call.disposition
    call.end(EndReason.AGENT, say=tool.message)


def _take(call: Course, edge: Edge) -> None:
    call.drop_model()
    call.model.failures = 0
    call.take(edge, {}, reason=NodeReason.MODEL)


def _transfer(call: Course, event: ModelChose, tool: OfferedTool) -> None:
    """Put the caller through, or hand them on, as a node would; to whom is the tool's own, whatever the model says."""
    call.say(call.talk.sentences(tool.message))
    call.transfers.call_id = _note_call(call, event)
    call.talk.errand = (
        Handoff.model_construct(agent_uuid=tool.destination, reason=_reason(event))
        if tool.kind is ToolKind.HANDOFF
        else Transfer.model_construct(to=tool.destination, timeout_seconds=tool.timeout_seconds)
    )
    call.go_on_from_words()


def _reason(event: ModelChose) -> str:
    reason = (event.arguments or {}).get("reason")
    return reason[:_MOST_REASON_CHARACTERS] if isinstance(reason, str) else ""


def transfer_is_over(call: Course, status: ToolResultStatus, text: str) -> bool:
    """Take note of what became of a transfer that the model asked for; return False for a node's."""
    call_id, call.transfers.call_id = call.transfers.call_id, ""
    if call_id:
        call.talk.errand = call.talk.node.errand
        note_result(call, call_id, status, text)
    return bool(call_id)


# --- tools that somebody else carries out ---


def _call_tools(call: Course, chosen: Sequence[tuple[ModelChose, OfferedTool | None]]) -> None:
    if not call.model.has_spoken:
        # What the model says itself before it calls them is said in their place.
        messages = (
            call.talk.sentences(tool.message)
            for event, tool in chosen
            if tool and not argument_faults(event.arguments, tool.parameters)
        )
        call.say(next(filter(None, messages), []))
    calls = [made for event, tool in chosen if (made := _call(call, event, tool)) is not None]
    if calls:
        _send(call, calls)
    call.ask_model()


def _send(call: Course, calls: Sequence[CallTool]) -> None:
    call.tools.await_all(calls, call.now_ms)
    call.out.append(CallTools(calls=tuple(calls), gathered=dict(call.talk.gathered)))


def _call(call: Course, event: ModelChose, tool: OfferedTool | None) -> CallTool | None:
    """Note one call of a tool; return what is to be sent, if it may be."""
    faults = [_UNKNOWN_TOOL] if tool is None else argument_faults(event.arguments, tool.parameters)
    call_id = _note_call(call, event, keeps_arguments=not faults)
    if tool is None or faults:
        note_result(call, call_id, ToolResultStatus.REFUSED, " ".join(faults), tool=event.tool)
        return None
    return CallTool(call_id=call_id, tool=tool, arguments=event.arguments or {})


def _note_call(call: Course, event: ModelChose, *, keeps_arguments: bool = True) -> str:
    call_id, name = call.tools.new_id(), event.tool[:_MOST_NAME_CHARACTERS]
    arguments = (event.arguments or {}) if keeps_arguments else {}
    call.talk.add_use(ToolUse(call_id=call_id, name=name, arguments=arguments))
    call.append(ToolCallEvent(call_id=call_id, name=name, arguments=arguments, node_id=call.talk.node.id))
    return call_id


def note_result(call: Course, call_id: str, status: ToolResultStatus, text: str, *, tool: str = "") -> None:
    """Write down what came of a call of a tool that nobody has answered, for the log and for the model."""
    call.append(ToolResultEvent(call_id=call_id, status=status, result=text, duration_ms=0))
    outcome = ToolOutcome(call_id=call_id, text=text, is_error=status is not ToolResultStatus.OK)
    call.talk.add_outcome(outcome, tool=tool)


def tool_is_done(call: Course, event: ToolAnswered) -> None:
    """Take note of what a tool has answered, though the model is not to be asked now."""
    answered = call.tools.answered(event.call_id)
    if answered is not None:
        status = ToolResultStatus.FAILED if event.is_error else ToolResultStatus.OK
        call.append(
            ToolResultEvent(
                call_id=event.call_id, status=status, result=event.text, duration_ms=event.duration_ms
            )
        )
        outcome = ToolOutcome(call_id=event.call_id, text=event.text, is_error=event.is_error)
        call.talk.add_outcome(outcome, tool=answered.tool.name)
        if answered.tool.call_back_zone and not event.is_error:
            call.append(promised_by_tool(answered, call.now_ms))


def tool_answers(call: Course, event: ToolAnswered) -> None:
    """Ask the model again once all tools have answered, unless the caller is about to say more."""
    tool_is_done(call, event)
    is_hearing = call.caller.is_awaited or call.answer_ms is not None
    if call.tools.owes_reply and not call.tools.are_running and not is_hearing:
        call.ask_model()


def tools_tarry(call: Course, _: object) -> None:
    """Tell a caller who waits for a tool that we are still at it."""
    call.move(Floor.THINKING)
    call.say(call.talk.sentences(call.settings.tool_wait))


def tools_are_lost(call: Course) -> None:
    """Wait no longer for tools that have not answered, and ask the model to go on without."""
    for lost in call.tools.give_up():
        note_result(call, lost.call_id, ToolResultStatus.UNKNOWN, _NO_ANSWER, tool=lost.tool.name)
    call.ask_model()


def settle_calls(call: Course, uses: Iterable[ToolUse]) -> None:
    """Call those tools again that were called by a process that is gone, and may be; of the others, tell what is known."""
    again = []
    for use in uses:
        tool = call.talk.ways.of(use.name)
        if not isinstance(tool, OfferedTool) or not call.talk.has_use(use.call_id):
            note_result(call, use.call_id, ToolResultStatus.UNKNOWN, _NO_ANSWER, tool=use.name)
        elif tool.kind is ToolKind.TRANSFER:
            note_result(call, use.call_id, ToolResultStatus.FAILED, NOBODY_REACHED)
        elif tool.kind is ToolKind.HANDOFF:
            note_result(call, use.call_id, ToolResultStatus.FAILED, NO_SUCCESSOR)
        elif tool.is_idempotent:
            again.append(CallTool(call_id=use.call_id, tool=tool, arguments=use.arguments, is_repeated=True))
        else:
            note_result(call, use.call_id, ToolResultStatus.UNKNOWN, _NO_ANSWER)
    if again:
        _send(call, again)
