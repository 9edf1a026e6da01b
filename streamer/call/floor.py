"""Whose turn it is, and everything that can happen: the two axes of the call machine's table."""

from enum import Enum, StrEnum, auto


class Floor(StrEnum):
    """Whose turn it is."""

    NEW = "new"
    SILENT = "silent"
    AGENT = "agent"
    CALLER = "caller"
    THINKING = "thinking"
    ENDING = "ending"
    TRANSFER = "transfer"
    """The caller waits with us to be put through."""
    AWAY = "away"
    """The caller is being put through, and hears us no more."""
    ENDED = "ended"


class Trigger(Enum):
    """Everything that can happen to a call."""

    VOICE_STARTED = auto()
    FLOOR_TAKEN = auto()
    VOICE_FINISHED = auto()
    VOICE_DISCARDED = auto()
    PLAYBACK_OVER = auto()
    IDLE_OVER = auto()
    THINKING_OVER = auto()
    TIME_OVER = auto()
    RECOGNISED = auto()
    MODEL_TEXT = auto()
    MODEL_CHOSE = auto()
    MODEL_FINISHED = auto()
    ENGINE_FAILED = auto()
    DIGIT = auto()
    CALLER_GONE = auto()
    END_REQUESTED = auto()
    DIGITS_OVER = auto()
    HOLD_OVER = auto()
    TRANSFER_ANSWERED = auto()
    TRANSFER_LEFT = auto()
    TRANSFER_FAILED = auto()
    TRANSFER_COMPLETED = auto()
