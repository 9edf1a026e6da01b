"""Where a conversation stands: nothing for a new call, or folded from the log of a run that is taken over."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from offhook.json_types import JsonObject
from offhook.runs.events import EventType, RunEvent, Speaker
from streamer.call.commands import ModelLine


@dataclass(slots=True, kw_only=True)
class ConversationState:
    """All that a task needs to go on talking where another left off.

    `unheard` are the agent's sentences, in order, of which no one can say that the caller heard them.
    """

    node_id: str | None = None
    turn: int = 0
    segments: int = 0
    offset_ms: int = 0
    gathered: JsonObject = field(default_factory=dict)
    lines: list[ModelLine] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    disposition: str | None = None
    has_ended: bool = False


def fold(events: Iterable[RunEvent]) -> ConversationState:
    """Read a run's log from its beginning into the state of its conversation."""
    state = ConversationState()
    spoken: dict[str, str] = {}
    for event in events:
        _apply(state, event, spoken)
    state.unheard = list(spoken.values())
    return state


def _apply(state: ConversationState, event: RunEvent, spoken: dict[str, str]) -> None:
    data = event.data
    for key in ("offset_ms", "start_ms", "end_ms"):
        at_ms = data.get(key)
        if isinstance(at_ms, int):
            state.offset_ms = max(state.offset_ms, at_ms)
    match event.type:
        case EventType.NODE:
            state.node_id = str(data["to"])
        case EventType.CONTEXT:
            gathered = data["gathered"]
            state.gathered |= gathered if isinstance(gathered, dict) else {}
        case EventType.TRANSCRIPT:
            _apply_transcript(state, data, spoken)
        case EventType.CORRECTION:
            spoken.pop(str(data["segment_id"]), None)
            correct_line(state.lines, str(data["original"]), str(data["heard_text"]))
        case EventType.PLAYBACK if data["state"] == "finished":
            spoken.pop(str(data["segment_id"]), None)
        case EventType.DISPOSITION:
            state.disposition = str(data["disposition"])
        case EventType.END:
            state.has_ended = True


def _apply_transcript(state: ConversationState, data: JsonObject, spoken: dict[str, str]) -> None:
    from_caller = data["speaker"] == Speaker.CALLER
    text = str(data["text"])
    turn = data["turn"]
    state.lines.append(ModelLine(from_caller=from_caller, text=text))
    state.turn = max(state.turn, turn if isinstance(turn, int) else 0)
    if from_caller:
        # The caller has answered: whatever the agent said before was heard, or given up.
        spoken.clear()
    else:
        state.segments += 1
        spoken[str(data["segment_id"])] = text


def correct_line(lines: list[ModelLine], original: str, heard: str) -> None:
    """Put what was heard in the place of the agent's latest line that reads `original`; nothing heard, no line."""
    for index in range(len(lines) - 1, -1, -1):
        if not lines[index].from_caller and lines[index].text == original:
            lines[index : index + 1] = [ModelLine(from_caller=False, text=heard)] if heard else []
            return
