"""What a media message says, once it is read: the values that `MediaStream.receive` returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from offhook.json_types import JsonObject, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The carrier has opened the stream; `start` follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The call's identifiers, which are authoritative, and what the carrier says about the call.

    `session` is the provider's id of the call for its REST interface; carriers other than Cloudonix send none.
    """

    stream_sid: str
    call_sid: str
    account_sid: str
    session: str | None = None
    caller: str = ""
    called: str = ""
    context: str = ""
    custom_parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    tracks: tuple[str, ...] = ()
    media_format: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audio:
    """Audio that the peer sent: mu-law, 8000 Hz, mono, at most one second."""

    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Digit:
    """The caller pressed a key: one of `0-9`, `*`, `#`, `A-D`."""

    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReached:
    """All audio sent before this mark has been heard, or was dropped by a `clear`."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The carrier has ended the stream; nothing after it counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRequested:
    """To the carrier: tell us when all audio before this has been heard."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearRequested:
    """To the carrier: drop all audio that has not been heard."""


Event: TypeAlias = (
    Connected | Started | Audio | Digit | MarkReached | Stopped | MarkRequested | ClearRequested
)
