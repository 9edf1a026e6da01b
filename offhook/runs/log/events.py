"""The events of a run's log: what happened, a class for each, named by its `type`; the log stores their fields as JSON.

A new event is a class here and a line in `KnownEvent`. A field whose name ends in `_ms` is in milliseconds; where a
moment of the call is meant, it is counted in call audio, from the media stream's first chunk. An event of a newer
release is an `UnknownEvent`: it stays in the log and is shown, and whatever reads the log passes over it.
"""

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias, get_args

from offhook.json_types import JsonObject
from offhook.runs.end_reasons import EndReason
from offhook.runs.log.reading import Open, Stored
from offhook.runs.model import RunStatus, TransferStatus
from offhook.vocabulary import AnswerAction, AnsweredBy, Happening, InjectRole, TransferMode


class Speaker(StrEnum):
    """Who spoke."""

    CALLER = "caller"
    AGENT = "agent"
    OPERATOR = "operator"


class SpeechState(StrEnum):
    """Whether somebody begins to speak, or falls silent."""

    STARTED = "started"
    STOPPED = "stopped"


class PlaybackState(StrEnum):
    """How far the caller is in hearing a segment."""

    STARTED = "started"
    FINISHED = "finished"


class InterruptedBy(StrEnum):
    """What cut the agent off: words, an operator, a key, or the agent's own doing."""

    CALLER = "caller"
    OPERATOR = "operator"
    DTMF = "dtmf"
    AGENT = "agent"


class NodeReason(StrEnum):
    """Why a node was entered, unless something happened that its edge waits for."""

    START = "start"
    PHRASE = "phrase"
    MODEL = "model"
    DTMF = "dtmf"
    HANDOFF = "handoff"


class HandoffState(StrEnum):
    """How far a handoff to another agent is."""

    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"


class AnswerSign(StrEnum):
    """What tells who has answered: words, a beep, or that somebody took part in the conversation as a person does."""

    WORDS = "words"
    BEEP = "beep"
    CONVERSATION = "conversation"


class DispositionSource(StrEnum):
    """Who chose a disposition."""

    WORKFLOW = "workflow"
    AGENT = "agent"
    SYSTEM = "system"
    MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent(Stored):
    """The run has a new status."""

    type: ClassVar = "status"

    status: Open[RunStatus]
    """The status from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEvent(Stored):
    """Somebody begins to speak, or falls silent."""

    type: ClassVar = "speech"

    speaker: Open[Speaker]
    """Who."""
    state: Open[SpeechState]
    """Which of the two."""
    offset_ms: int
    """When, in milliseconds of call audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptEvent(Stored):
    """A segment of the transcript: a turn of the caller, or a sentence of the agent when it begins to sound."""

    type: ClassVar = "transcript"

    segment_id: str
    """The segment's name, unique in its run."""
    speaker: Open[Speaker]
    """Who spoke."""
    text: str
    """What was said."""
    start_ms: int
    """When it began, in milliseconds of call audio."""
    end_ms: int | None
    """When it ended, in milliseconds of call audio; null while it sounds, its `playback` tells."""
    turn: int
    """The caller's turns so far, this one included."""
    node_id: str | None
    """The workflow's node."""
    inject_id: str | None = None
    """The `inject` whose words these are, where an operator has put them into somebody's mouth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialEvent(Stored):
    """What the caller seems to be saying; two a second at most. What they have said is told by the `transcript`."""

    type: ClassVar = "partial"

    result_id: str
    """What it is a part of; a later one of the same takes its place."""
    text: str
    """The words so far, the last 500 characters of them; any may change."""
    offset_ms: int
    """When they were known, in milliseconds of call audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackEvent(Stored):
    """The caller begins to hear a segment of the agent, or has heard it to its end."""

    type: ClassVar = "playback"

    segment_id: str
    """Which segment."""
    state: Open[PlaybackState]
    """Which of the two."""
    offset_ms: int
    """When, in milliseconds of call audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterruptEvent(Stored):
    """The agent was cut off; a `correction` of the same segment follows."""

    type: ClassVar = "interrupt"

    by: Open[InterruptedBy]
    """What cut it off."""
    segment_id: str
    """Which segment."""
    heard_ms: int
    """How much of the segment the caller has heard, in milliseconds."""
    offset_ms: int
    """When, in milliseconds of call audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionEvent(Stored):
    """The caller did not hear a segment as it was said, or was not understood at first as they said it."""

    type: ClassVar = "correction"

    segment_id: str
    """Which segment: the agent's, or a turn of the caller."""
    original: str
    """What its transcript reads."""
    heard_text: str
    """What was heard in truth; empty when nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEvent(Stored):
    """The conversation enters a node of the workflow."""

    type: ClassVar = "node"

    from_: str | None
    """The node that it leaves; null for the start."""
    to: str
    """The node that it enters."""
    edge_id: str | None
    """The edge that it takes; null for the start."""
    reason: Open[NodeReason | Happening]
    """Why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextEvent(Stored):
    """The caller has told something that the workflow gathers."""

    type: ClassVar = "context"

    gathered: dict[str, Any]
    """The values by their names; of each name the latest counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureEvent(Stored):
    """A node that captures a value has understood more of it, or has been told that it is not right."""

    type: ClassVar = "capture"

    node_id: str
    """The workflow's node."""
    heard: str
    """What was heard of it, in the caller's words or written; empty when it is asked for anew."""
    refused: str
    """What the caller has said no to; empty when nothing was."""
    is_read_back: bool
    """Whether it was understood whole, and is said back to the caller."""
    misses: int
    """How often so far nothing was understood, or the value was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedEvent(Stored):
    """The organization's own system has told something of the call before its first word."""

    type: ClassVar = "fetched"

    values: dict[str, Any]
    """What it told, by name: it counts among what the call was started with."""
    duration_ms: int
    """How long it took, in milliseconds; the caller heard nothing meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredByEvent(Stored):
    """It was told who has taken an outbound call; another one follows when somebody else does."""

    type: ClassVar = "answered-by"

    answered_by: Open[AnsweredBy]
    """Who."""
    sign: Open[AnswerSign]
    """What tells it."""
    action: Open[AnswerAction]
    """What the agent does about it."""
    offset_ms: int
    """When it was told, in milliseconds of call audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DtmfEvent(Stored):
    """The caller has pressed a key."""

    type: ClassVar = "dtmf"

    digit: str
    """The key: 0 to 9, *, # or A to D."""
    offset_ms: int
    """When, in milliseconds of call audio."""


class ToolResultStatus(StrEnum):
    """What became of a tool that the model has called."""

    OK = "ok"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallEvent(Stored):
    """The language model calls a tool: written before it is sent."""

    type: ClassVar = "tool-call"

    call_id: str
    """The name of this use of the tool, which its `tool-result` has too."""
    name: str
    """The tool."""
    arguments: dict[str, Any]
    """What it is called with."""
    node_id: str | None
    """The workflow's node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResultEvent(Stored):
    """A tool has answered, or has failed to."""

    type: ClassVar = "tool-result"

    call_id: str
    """Which use of the tool."""
    status: Open[ToolResultStatus]
    """How it ended: `refused` was never sent, of `unknown` nobody knows whether it was done."""
    result: Any
    """What the model was told of it."""
    duration_ms: int
    """How long it took, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsEvent(Stored):
    """How long the caller waited for a reply, from their last sound to the agent's first; null where not measured.

    Each stage counts from the end of the one before it: what was ready earlier than that took no time.
    """

    type: ClassVar = "metrics"

    turn: int
    """The caller's turn that was replied to."""
    endpointing_ms: float | None
    """Milliseconds until their turn was found to be over."""
    recognition_ms: float | None
    """Milliseconds from there until their words were stable."""
    model_ms: float | None
    """Milliseconds from there until the first sentence of the reply was known."""
    waiting_ms: float | None = None
    """Milliseconds from there until a thread, and the rate that calls share, were free for the synthesiser."""
    synthesis_ms: float | None
    """Milliseconds from there until the first audio of that sentence; where no `playout_ms` follows, until it sounded."""
    playout_ms: float | None = None
    """Milliseconds from there until its first chunk was written to the carrier."""
    voice_to_voice_ms: float | None
    """Milliseconds of all that together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTokens(Stored):
    """What language models were given, and what they wrote."""

    input_tokens: int
    """Tokens of the prompts, without those that are counted apart."""
    output_tokens: int
    """Tokens of the replies."""
    cached_tokens: int = 0
    """Tokens of the prompts that were read from a cache."""
    cache_write_tokens: int = 0
    """Tokens of the prompts that were written to a cache."""


class EnginePart(StrEnum):
    """What an engine does for a call."""

    RECOGNISER = "recogniser"
    SYNTHESISER = "synthesiser"
    MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineUse(Stored):
    """What one engine did; what it does not do is left out."""

    part: Open[EnginePart]
    """What it is there for."""
    engine: str
    """The engine, by its name in the price list: `transcribe`, `polly-neural`."""
    stream: int = 0
    """Which of the call's streams it recognised, from 1: each is billed by itself."""
    seconds: float = 0.0
    """Seconds of audio that it was given."""
    characters: int = 0
    """Characters that it was given."""
    input_tokens: int = 0
    """Tokens of the prompts, without those that are counted apart."""
    output_tokens: int = 0
    """Tokens of the replies."""
    cached_tokens: int = 0
    """Tokens of the prompts that were read from a cache."""
    cache_write_tokens: int = 0
    """Tokens of the prompts that were written to a cache."""

    def __add__(self, other: "EngineUse") -> "EngineUse":
        return replace(
            self, **{name: getattr(self, name) + getattr(other, name) for name in (*_MEASURES, *TOKENS)}
        )

    def __sub__(self, other: "EngineUse") -> "EngineUse":
        return replace(
            self, **{name: getattr(self, name) - getattr(other, name) for name in (*_MEASURES, *TOKENS)}
        )

    @property
    def tokens(self) -> ModelTokens:
        """Its tokens."""
        return ModelTokens(**{name: getattr(self, name) for name in TOKENS})


_MEASURES = ("seconds", "characters")
TOKENS = tuple(field.name for field in fields(ModelTokens))
"""What is counted of tokens, each apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEvent(Stored):
    """What engines did for the call since the `usage` before: to be added up."""

    type: ClassVar = "usage"

    stt_seconds: float
    """Seconds of audio that were recognised."""
    tts_characters: int
    """Characters that were synthesised."""
    llm: ModelTokens
    """Tokens of language models."""
    turn: int | None = None
    """The caller's turn that it was done for, from their first sound to that of the next turn; 0 before the first."""
    engines: tuple[EngineUse, ...] = ()
    """The same by engine; earlier releases had `embedded` ones only, and left it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionEvent(Stored):
    """The outcome of the run was chosen."""

    type: ClassVar = "disposition"

    disposition: str
    """The outcome, in one word."""
    source: Open[DispositionSource]
    """Who chose it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent(Stored):
    """Something failed."""

    type: ClassVar = "error"

    code: str
    """What, in kebab case."""
    message: str
    """A sentence about it."""
    node_id: str | None
    """The workflow's node."""
    recoverable: bool
    """Whether the call went on; if not, the run has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeoverEvent(Stored):
    """A process begins to hold the call: the first one, or one in the place of another."""

    type: ClassVar = "takeover"

    epoch: int
    """How many processes have held it so far, this one included."""
    owner: str
    """The process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferEvent(Stored):
    """A transfer has come so far."""

    type: ClassVar = "transfer"

    transfer_id: str
    """The transfer's name, unique in its run."""
    mode: Open[TransferMode]
    """Whether the agent talks to the other person first."""
    state: Open[TransferStatus]
    """How far it is."""
    reason: str | None
    """Why it failed, in kebab case."""
    command_id: str | None = None
    """The command by which an operator asked for it, unique in its run; it is not there where the agent did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectEvent(Stored):
    """An operator adds a text to the call; a `transcript` with the same `inject_id` follows when it is said."""

    type: ClassVar = "inject"

    inject_id: str
    """The injection's name, unique in its run."""
    role: Open[InjectRole]
    """As whose words it counts: instructions for the model, the caller's, or the agent's."""
    text: str
    """The text."""
    interrupt: bool
    """Whether it cuts the agent off."""
    offset_ms: int
    """When, in milliseconds of call audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteerEvent(Stored):
    """An operator steers the agent from now on, or no longer."""

    type: ClassVar = "steer"

    instructions: str
    """What the model is told beside the workflow's prompts; empty where that is nothing."""
    is_muted: bool
    """Whether the agent says nothing of its own."""
    offset_ms: int
    """When, in milliseconds of call audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffEvent(Stored):
    """A handoff to another agent of the organization has come so far; once completed, the call is that one's."""

    type: ClassVar = "handoff"

    handoff_id: str
    """The handoff's name, unique in its run."""
    state: Open[HandoffState]
    """How far it is."""
    from_agent_uuid: str
    """The agent that hands the call on."""
    from_agent: str
    """Its name; empty while that is not known."""
    to_agent_uuid: str
    """The agent that is to take it."""
    to_agent: str
    """Its name; empty while that is not known."""
    to_version: int | None
    """Its version that the call goes on with; null while that is not known."""
    reason: str
    """Why it is handed on, in the words of the workflow or of the model."""
    failure: str | None
    """Why that failed, in kebab case."""
    offset_ms: int
    """When, in milliseconds of call audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseEvent(Stored):
    """The agent promises to call back; of several promises the latest counts, and its call is ordered after this one."""

    type: ClassVar = "promise"

    day: str
    """The day, in ISO 8601; empty for the next such time."""
    time: str
    """The time of that day, such as `15:30`."""
    time_zone: str
    """Where it is that day and that time."""
    in_minutes: float | None
    """In place of these, in how many minutes from now."""
    reason: str
    """What for, in a few words."""
    offset_ms: int
    """When it is promised, in milliseconds of call audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndEvent(Stored):
    """The call is over."""

    type: ClassVar = "end"

    reason: Open[EndReason]
    """Why."""
    disposition: str | None
    """The outcome of the run, in one word."""
    duration_ms: int
    """How long the call was, in milliseconds of call audio."""


KnownEvent: TypeAlias = (
    StatusEvent
    | SpeechEvent
    | TranscriptEvent
    | PartialEvent
    | PlaybackEvent
    | InterruptEvent
    | CorrectionEvent
    | NodeEvent
    | ContextEvent
    | CaptureEvent
    | FetchedEvent
    | AnsweredByEvent
    | DtmfEvent
    | ToolCallEvent
    | ToolResultEvent
    | MetricsEvent
    | UsageEvent
    | DispositionEvent
    | ErrorEvent
    | TakeoverEvent
    | TransferEvent
    | InjectEvent
    | SteerEvent
    | HandoffEvent
    | PromiseEvent
    | EndEvent
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent:
    """An event that a newer release has written: kept and shown as it is."""

    type: str
    data: JsonObject

    def to_data(self) -> JsonObject:
        """Return what is stored."""
        return self.data


Event: TypeAlias = KnownEvent | UnknownEvent

KINDS: dict[str, type[KnownEvent]] = {kind.type: kind for kind in get_args(KnownEvent)}


def read_event(type_: str, data: JsonObject) -> Event:
    """Read an event of any release; this fails for none."""
    kind = KINDS.get(type_)
    return UnknownEvent(type=type_, data=data) if kind is None else kind.from_data(data)
