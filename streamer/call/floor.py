"""Whose turn it is: the columns of the call machine's table."""

from enum import StrEnum
from typing import Self


class Floor(StrEnum):
    """Whose turn it is, and what that means."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        floor = str.__new__(cls, value)
        floor._value_ = value
        floor.meaning = meaning
        return floor

    NEW = "new", "The call has not begun."
    SILENT = "silent", "Nobody speaks; the caller is expected to."
    AGENT = "agent", "The agent speaks, or is about to."
    CALLER = "caller", "The caller speaks."
    THINKING = "thinking", "The caller has spoken, and waits for the recogniser or the language model."
    MACHINE = "machine", "A machine has taken the call; its beep, or the end of what it says, is awaited."
    CONNECTING = "connecting", "The machine fetches somebody, or will say that nobody comes."
    ENDING = "ending", "The agent says its last words, then hangs up."
    TRANSFER = (
        "transfer",
        "The caller waits with us to be put through, or for keys that are pressed on their line.",
    )
    MUTED = "muted", "An operator has muted the agent: it listens, and says what the operator adds."
    AWAY = "away", "The caller has left our stream for that, and hears us no more."
    ENDED = "ended", "The call is over."
