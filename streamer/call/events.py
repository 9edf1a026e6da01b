"""What happens to a call: the rows of the call machine's table.

The conductor tells all but the last fifteen, which the machine finds out from the caller's sound and from its clock.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from offhook.json_types import JsonObject
from offhook.runs.end_reasons import EndReason
from offhook.vocabulary import InjectRole, TransferMode
from streamer.call.successor import Successor


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Anything that can happen."""


@dataclass(frozen=True, slots=True)
class Event(Occurrence):
    """What the conductor tells the machine, besides the caller's audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEvent(Event):
    """What the language model answers; `request` is that of the question."""

    request: int


@dataclass(frozen=True, slots=True)
class VoiceEvent(Occurrence):
    """What the machine hears in the caller's sound."""


@dataclass(frozen=True, slots=True)
class ClockEvent(Occurrence):
    """What is due by the machine's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised(Event):
    """The recogniser's final word on the utterance that was finished; empty when it understood nothing.

    `silent_ms` is for how long the caller was silent after the last word, where the recogniser tells when words end.
    """

    text: str
    result_id: str = ""
    silent_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartlyRecognised(Event):
    """What the recogniser makes so far of what the caller says; `stable_text` is how it begins in any case.

    `silent_ms` is for how long the caller was silent after the last word, where the recogniser tells when words end.
    """

    text: str
    stable_text: str = ""
    result_id: str = ""
    silent_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Event):
    """The recogniser has changed its final word of before; no result counts twice."""

    text: str
    result_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentStarted(Event):
    """The first audio of a segment was written to the carrier."""

    segment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentAnswered(Event):
    """A synthesiser's first audio of a segment is there; a clip, which is there already, has none of this.

    `answered_ms` is how long the service took once the request was sent, after a wait for a thread and for its quota.
    """

    segment_id: str
    answered_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentGrown(Event):
    """So much audio of a segment exists by now, and more is to come."""

    segment_id: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSynthesised(Event):
    """All audio of a segment exists; it lasts this long."""

    segment_id: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFailed(Event):
    """A segment could not be synthesised; no more of it than this will be heard."""

    segment_id: str
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class ReplyRefused(Event):
    """The last sentence that was to be said is one that no voice says, and voices say others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentHeard(Event):
    """The carrier says, by a mark, that the caller has heard a segment to its end."""

    segment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelText(ModelEvent):
    """The language model wants this said; `request` is that of the question."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChose(ModelEvent):
    """The language model takes an edge, or calls a tool, by the name that was offered.

    `arguments` is None where what it gave is no JSON object; `call_id` is the provider's name of this use.
    """

    tool: str
    call_id: str = ""
    arguments: JsonObject | None = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFinished(ModelEvent):
    """The language model's reply is complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolAnswered(Event):
    """A tool that was called has answered, or has failed to: `text` says so, in words for the model."""

    call_id: str
    text: str
    is_error: bool = False
    duration_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted(Event):
    """What a node gathers was looked for in the talk: the values that were found, and in sentences what went wrong."""

    node_id: str
    values: JsonObject
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFailed(Event):
    """An engine failed and nothing stands in for it; `engine` is recogniser, synthesiser or model."""

    engine: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStumbled(Event):
    """An engine failed and the call goes on: another stands in for it, or it is asked again; `code` in kebab case."""

    engine: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingLost(Event):
    """Nothing has heard the caller for a second; one recogniser or another is being opened all the while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingFound(Event):
    """The caller is heard again, and what they said meanwhile is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPressed(Event):
    """The caller pressed a key: one of `0-9`, `*`, `#`, `A-D`."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeepHeard(Event):
    """A tone has ended, as machines make one before they record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerGone(Event):
    """The caller hung up, or the carrier's stream ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRequested(Event):
    """Somebody on our side wants the call to end: an operator, or a task that must stop."""

    reason: EndReason


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainOver(Event):
    """The process must stop, and has let the call go on for as long as it could; told again until the call ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAnswered(Event):
    """The other person of a warm transfer waits for the caller, who is about to be moved to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLeft(Event):
    """The carrier has taken the caller away from our stream, to be put through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFailed(Event):
    """Nobody could be reached, and the caller is still with us; `reason` is a kebab-case word."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCompleted(Event):
    """The caller talks, or has talked, to the other person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffReady(Event):
    """The agent that is to go on with the call is at hand; with `hears_anew`, another recogniser begins to listen for it.

    `from_agent` is the name of the agent that hands the call on.
    """

    successor: Successor
    from_agent: str
    hears_anew: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffFailed(Event):
    """The agent that was to go on with the call can't; `reason` is a kebab-case word."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Injected(Event):
    """An operator adds a text to the call, as the `role`'s words; with `interrupt` it cuts the agent off."""

    inject_id: str
    role: InjectRole
    text: str
    interrupt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted(Event):
    """An operator cuts the agent off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered(Event):
    """An operator tells the agent what to heed, or mutes it; None leaves that as it is, no `instructions` are none any more."""

    instructions: str | None = None
    mute: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequested(Event):
    """An operator puts the caller through; `say` is what they hear before, None the agent's own words."""

    command_id: str
    to: str = field(repr=False)
    mode: TransferMode
    summary: str = field(default="", repr=False)
    say: str | None = None
    timeout_seconds: int = 30


OperatorEvent: TypeAlias = Injected | Interrupted | Steered | TransferRequested | KeyPressed
"""What an operator does to a call; it may be refused."""


@dataclass(frozen=True, slots=True)
class VoiceStarted(VoiceEvent):
    """The caller began to make a sound."""


@dataclass(frozen=True, slots=True)
class FloorTaken(VoiceEvent):
    """The caller's sound has lasted long enough to take the floor."""


@dataclass(frozen=True, slots=True)
class VoiceFinished(VoiceEvent):
    """The caller's sound has ended."""


@dataclass(frozen=True, slots=True)
class VoiceDiscarded(VoiceEvent):
    """The caller's sound has ended, and was too short to be a word."""


@dataclass(frozen=True, slots=True)
class MarkOverdue(ClockEvent):
    """A segment must have been heard by now, and the carrier has not said so."""


@dataclass(frozen=True, slots=True)
class PlaybackOver(Occurrence):
    """Everything that the agent was to say was heard, or there was nothing."""


@dataclass(frozen=True, slots=True)
class IdleOver(ClockEvent):
    """The caller has been silent for too long."""


@dataclass(frozen=True, slots=True)
class KeysOver(ClockEvent):
    """The caller presses no more keys."""


@dataclass(frozen=True, slots=True)
class PauseLasts(ClockEvent):
    """The caller, whose words ask for more, has been silent for so long that they may have said all."""


@dataclass(frozen=True, slots=True)
class TurnOver(ClockEvent):
    """The caller has said nothing more for as long as their last words ask for."""


@dataclass(frozen=True, slots=True)
class ThinkingOver(ClockEvent):
    """The recogniser or the language model has had its time."""


@dataclass(frozen=True, slots=True)
class DeafTooLong(ClockEvent):
    """Nothing has heard the caller for so long that there is no more hope, and no key leads on."""


@dataclass(frozen=True, slots=True)
class GreetingOver(ClockEvent):
    """A machine's greeting has ended, or lasts too long."""


@dataclass(frozen=True, slots=True)
class HoldOver(ClockEvent):
    """A caller who waits to be put through, or for a tool, has heard nothing for a while."""


@dataclass(frozen=True, slots=True)
class TimeOver(ClockEvent):
    """The call has lasted as long as it may."""
