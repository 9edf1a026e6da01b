"""What the conductor tells the call machine, besides the caller's audio."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """The recogniser's final word on the utterance that was finished; empty when it understood nothing."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentStarted:
    """The first audio of a segment was written to the carrier."""

    segment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSynthesised:
    """All audio of a segment exists; it lasts this long."""

    segment_id: str
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFailed:
    """A segment could not be synthesised; nothing more of it will be heard."""

    segment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReached:
    """The carrier says that the caller has heard a segment to its end."""

    segment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelText:
    """The language model wants this said; `request` is that of the question."""

    request: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChose:
    """The language model takes an edge, named by its tool."""

    request: int
    tool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFinished:
    """The language model's reply is complete."""

    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFailed:
    """An engine failed and nothing stands in for it; `engine` is recogniser, synthesiser or model."""

    engine: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digit:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerGone:
    """The caller hung up, or the carrier's stream ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRequested:
    """Somebody on our side wants the call to end: an operator, or a task that must stop."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAnswered:
    """The other person of a warm transfer waits for the caller, who is about to be moved to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferLeft:
    """The carrier has taken the caller away from our stream, to be put through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFailed:
    """Nobody could be reached, and the caller is still with us; `reason` is a kebab-case word."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCompleted:
    """The caller talks, or has talked, to the other person."""


Event: TypeAlias = (
    Recognised
    | SegmentStarted
    | SegmentSynthesised
    | SegmentFailed
    | MarkReached
    | ModelText
    | ModelChose
    | ModelFinished
    | EngineFailed
    | Digit
    | CallerGone
    | EndRequested
    | TransferAnswered
    | TransferLeft
    | TransferFailed
    | TransferCompleted
)
