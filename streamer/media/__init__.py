"""The media stream as a protocol without I/O: messages of the carrier to events and back."""

from streamer.media.events import (
    Audio,
    ClearRequested,
    Connected,
    Digit,
    Event,
    MarkReached,
    MarkRequested,
    Started,
    Stopped,
)
from streamer.media.stream import MediaStream, Role, State

__all__ = [
    "Audio",
    "ClearRequested",
    "Connected",
    "Digit",
    "Event",
    "MarkReached",
    "MarkRequested",
    "MediaStream",
    "Role",
    "Started",
    "State",
    "Stopped",
]
