"""Where a conversation stands: nothing for a new call, or folded from the log of a run that is taken over."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from offhook.json_types import JsonObject
from offhook.models.requests import ToolOutcome, ToolUse
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import (
    AnsweredByEvent,
    CaptureEvent,
    ContextEvent,
    CorrectionEvent,
    DispositionEvent,
    DtmfEvent,
    EndEvent,
    Event,
    HandoffEvent,
    HandoffState,
    InjectEvent,
    InterruptEvent,
    NodeEvent,
    PlaybackEvent,
    PlaybackState,
    Speaker,
    SteerEvent,
    TakeoverEvent,
    ToolCallEvent,
    ToolResultEvent,
    ToolResultStatus,
    TranscriptEvent,
    TransferEvent,
)
from offhook.runs.model import TransferStatus
from offhook.vocabulary import AnswerAction, AnsweredBy, InjectRole
from streamer.call.conversation.talk import Talk
from streamer.call.spoken.dialogue import Draft


@dataclass(slots=True, kw_only=True)
class WaitingText:
    """What an operator wants said, and how many sentences of it were; `segments` are those that it was said in."""

    text: str
    said: int = 0
    segments: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class ConversationState:
    """All that a task needs to go on talking where another left off.

    `unheard` are the agent's sentences, in order, of which no one can say that the caller heard them, by the names of their
    segments. `said_here` are those that began to sound in the present node; `was_cut_off` says that the
    caller then took the floor. `unanswered` counts the last lines that are the caller's and led nowhere yet; `keys` are
    those that were pressed since the agent last spoke. `draft` is how far the present node's capture is, and
    `draft_is_unsaid` says that the agent has not answered it yet. `met` is the machine that has the call, `machines_met` how often one
    was met that the agent does not just talk to. `transfers` counts transfers; `transfer` is the mode of one whose end is not told, and
    `transfer_reason` why it came to nothing, `transfer_command` that of the operator who asked for it, if one did;
    `transfer_commands` are those of all. `open_calls` are the calls of tools of which no answer is known, `calls` counts all; `owes_reply` says that the caller has heard nothing of the latest yet.
    `agent` is the handoff by which the present agent has the call, None for that of the run; `handoff` one whose end is not
    told, `handoffs` counts them.
    `injected` are the names of all that operators have added, `to_say` and `to_hear` the texts that wait; of one to say
    so many sentences are `said`, not counting those of `injected_unheard`, which sounded when the log ends.
    `instructions` are for the model, and `is_muted` says that the agent says nothing of its own.
    """

    node_id: str | None = None
    turn: int = 0
    segments: int = 0
    offset_ms: int = 0
    gathered: JsonObject = field(default_factory=dict)
    talk: Talk = field(default_factory=Talk)
    open_calls: dict[str, ToolUse] = field(default_factory=dict)
    calls: int = 0
    owes_reply: bool = False
    unheard: dict[str, str] = field(default_factory=dict)
    said_here: list[str] = field(default_factory=list)
    was_cut_off: bool = False
    unanswered: int = 0
    keys: str = ""
    draft: Draft = field(default_factory=Draft)
    draft_is_unsaid: bool = False
    met: AnsweredBy | None = None
    machines_met: int = 0
    transfers: int = 0
    transfer: str | None = None
    transfer_reason: str = "interrupted"
    transfer_command: str = ""
    transfer_commands: list[str] = field(default_factory=list)
    disposition: str | None = None
    has_ended: bool = False
    agent: HandoffEvent | None = None
    handoff: HandoffEvent | None = None
    handoffs: int = 0
    injected: list[str] = field(default_factory=list)
    to_say: dict[str, "WaitingText"] = field(default_factory=dict)
    to_hear: dict[str, str] = field(default_factory=dict)
    injected_unheard: dict[str, str] = field(default_factory=dict)
    instructions: str = ""
    is_muted: bool = False


def fold(log: Iterable[LogEntry]) -> ConversationState:
    """Read a run's log from its beginning into the state of its conversation."""
    state = ConversationState()
    spoken: dict[str, str] = {}
    began_at = None
    for entry in log:
        began_at = began_at or entry.at
        if isinstance(entry.event, TakeoverEvent):
            # Time passes for the caller while nobody has the call, and in its recording.
            passed_ms = round((entry.at - began_at).total_seconds() * 1000)
            state.offset_ms = max(state.offset_ms, passed_ms)
        state.offset_ms = max(state.offset_ms, entry.moment_ms)
        _apply(state, entry.event, spoken)
    for waiting in state.to_say.values():
        lost = {id_: spoken.pop(id_) for id_ in waiting.segments if id_ in spoken}
        state.injected_unheard |= lost
        waiting.said -= len(lost)
    state.unheard = spoken
    return state


def _apply(state: ConversationState, event: Event, spoken: dict[str, str]) -> None:
    match event:
        case NodeEvent():
            state.node_id = event.to
            state.said_here = []
            state.was_cut_off = state.draft_is_unsaid = False
            state.unanswered, state.keys = 0, ""
            state.owes_reply = False
            state.draft = Draft()
            state.talk.leave_tools()
        case ToolCallEvent():
            _apply_call(state, event)
        case ToolResultEvent():
            _apply_result(state, event)
        case ContextEvent():
            state.gathered |= event.gathered
        case TranscriptEvent():
            _apply_transcript(state, event, spoken)
        case DtmfEvent():
            state.keys += event.digit
        case CaptureEvent():
            state.draft = Draft(
                heard=event.heard, refused=event.refused, is_read_back=event.is_read_back, misses=event.misses
            )
            state.keys = ""
            state.unanswered, state.draft_is_unsaid = 0, True
        case TransferEvent():
            _apply_transfer(state, event)
        case HandoffEvent():
            _apply_handoff(state, event)
        case InjectEvent():
            _apply_inject(state, event)
        case SteerEvent():
            state.instructions, state.is_muted = event.instructions, event.is_muted
        case InterruptEvent():
            state.was_cut_off = True
        case CorrectionEvent():
            spoken.pop(event.segment_id, None)
            _correct(state, event)
        case PlaybackEvent(state=PlaybackState.FINISHED):
            spoken.pop(event.segment_id, None)
        case AnsweredByEvent():
            _apply_answered_by(state, event)
        case DispositionEvent():
            state.disposition = event.disposition
        case EndEvent():
            state.has_ended = True


def _apply_call(state: ConversationState, called: ToolCallEvent) -> None:
    use = ToolUse(call_id=called.call_id, name=called.name, arguments=called.arguments)
    state.talk.add_use(use)
    state.open_calls[use.call_id] = use
    state.calls += 1
    state.owes_reply = True


def _apply_result(state: ConversationState, answered: ToolResultEvent) -> None:
    use = state.open_calls.pop(answered.call_id, None)
    if use is None:
        return
    text, is_error = str(answered.result), answered.status != ToolResultStatus.OK
    state.talk.add_outcome(ToolOutcome(call_id=use.call_id, text=text, is_error=is_error), tool=use.name)


def _apply_answered_by(state: ConversationState, told: AnsweredByEvent) -> None:
    is_machine = isinstance(told.answered_by, AnsweredBy) and told.action != AnswerAction.TALK
    state.met = AnsweredBy(told.answered_by) if is_machine else None
    state.machines_met += is_machine


def _apply_handoff(state: ConversationState, event: HandoffEvent) -> None:
    is_open = event.state == HandoffState.STARTED
    state.handoffs += is_open
    state.handoff = event if is_open else None
    if event.state == HandoffState.COMPLETED:
        # It stands in no node of that agent before the next event says so.
        state.agent, state.node_id = event, None


def _apply_inject(state: ConversationState, event: InjectEvent) -> None:
    state.injected.append(event.inject_id)
    match event.role:
        case InjectRole.SYSTEM:
            state.talk.heed(event.text)
        case InjectRole.ASSISTANT:
            state.to_say[event.inject_id] = WaitingText(text=event.text)
        case InjectRole.USER:
            state.to_hear[event.inject_id] = event.text


def _correct(state: ConversationState, event: CorrectionEvent) -> None:
    from_caller = event.segment_id.startswith("c")
    state.talk.correct_line(event.original, event.heard_text, from_caller=from_caller)
    if from_caller and not event.heard_text:
        state.unanswered = max(0, state.unanswered - 1)
    for waiting in state.to_say.values():
        if event.segment_id in waiting.segments and not event.heard_text:
            # Of an operator's sentence of which nobody has heard a word, nothing was said.
            waiting.segments.remove(event.segment_id)
            waiting.said -= 1
            return
    is_unsaid = not from_caller and not event.heard_text and not state.was_cut_off
    if is_unsaid and event.original in state.said_here:
        # Nobody wanted the agent to be silent: it was to be said again.
        state.said_here.remove(event.original)


def _apply_transcript(state: ConversationState, said: TranscriptEvent, spoken: dict[str, str]) -> None:
    from_caller = said.speaker == Speaker.CALLER
    state.talk.add_line(said.text, from_caller=from_caller)
    state.turn = max(state.turn, said.turn)
    if said.inject_id and not from_caller:
        _apply_injected(state, said, said.inject_id, spoken)
        return
    if state.transfer_command and not from_caller:
        # What is said before an operator's transfer, and meanwhile, is no reply, and is not said again.
        _count_segment(state, said)
        return
    state.to_hear.pop(said.inject_id or "", None)
    state.unanswered = _unanswered(state) if from_caller else 0
    state.owes_reply = state.owes_reply and not from_caller and bool(state.open_calls)
    if from_caller:
        # The caller has answered: whatever the agent said before was heard, or given up.
        spoken.clear()
    else:
        _count_segment(state, said)
        state.said_here.append(said.text)
        state.keys = ""
        state.was_cut_off = state.draft_is_unsaid = False
        spoken[said.segment_id] = said.text


def _unanswered(state: ConversationState) -> int:
    """Return how many lines wait for an answer with one more: who may not answer, or puts through, owes it to all."""
    return state.unanswered + 1 if state.is_muted or state.transfer_command else 1


def _apply_injected(
    state: ConversationState, said: TranscriptEvent, inject_id: str, spoken: dict[str, str]
) -> None:
    """Take note of an operator's words in the agent's mouth: they are no reply, unless a muted agent's begin with them."""
    _count_segment(state, said)
    spoken[said.segment_id] = said.text
    waiting = state.to_say.get(inject_id)
    if state.is_muted and not (waiting and waiting.said):
        state.unanswered = 0
    if waiting is not None:
        waiting.said += 1
        waiting.segments.append(said.segment_id)


def _count_segment(state: ConversationState, said: TranscriptEvent) -> None:
    # Sentences that were given up before they sounded have numbers too.
    number = said.segment_id.removeprefix("s")
    state.segments = max(state.segments, int(number) if number.isdecimal() else 0)


def _apply_transfer(state: ConversationState, transfer: TransferEvent) -> None:
    if transfer.state == TransferStatus.STARTED:
        state.transfers += 1
        state.transfer_commands += [transfer.command_id] if transfer.command_id else []
    is_open = transfer.state in (TransferStatus.STARTED, TransferStatus.ANSWERED)
    state.transfer = transfer.mode if is_open else None
    state.transfer_command = (transfer.command_id or "") if is_open else ""
