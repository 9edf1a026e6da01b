"""The CXML verbs that the simulated carrier carries out, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.sax.saxutils import escape

DEFAULT_DIAL_TIMEOUT_SECONDS = 30.0
DEFAULT_GATHER_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectStream:
    """Open a media stream and wait for its end; a stream whose name was used before is not opened again."""

    url: str
    name: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    status_callback: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """Ask this address for the document to go on with."""

    url: str
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Wait, with the line open."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Speak a text, so many times."""

    text: str
    loop: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Play a recording, of which the simulated carrier knows only that it is a sound, or keys."""

    digits: str = ""
    loop: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather:
    """Take keys while the prompts are played, and after them; then tell them to `action`."""

    prompts: tuple[Say | Pause | Play, ...] = ()
    num_digits: int | None = None
    finish_on_key: str = "#"
    timeout_seconds: float = DEFAULT_GATHER_TIMEOUT_SECONDS
    action: Redirect | None = None
    tells_nothing_too: bool = False
    """Whether `action` is asked although no key was pressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialNumber:
    """Call a number or a SIP address and join it with the call."""

    number: str
    caller_id: str | None = None
    timeout_seconds: float = DEFAULT_DIAL_TIMEOUT_SECONDS
    time_limit_seconds: float | None = None
    action: Redirect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DialConference:
    """Join a room, and stay until it ends; whoever is in it hears all the others."""

    room: str
    ends_on_exit: bool = False
    status_callback: str | None = None
    status_events: frozenset[str] = frozenset()
    time_limit_seconds: float | None = None
    action: Redirect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """End a call that nobody has answered yet."""

    reason: str = "rejected"


Prompt: TypeAlias = Say | Pause | Play
Verb: TypeAlias = ConnectStream | Redirect | Prompt | Gather | DialNumber | DialConference | Hangup | Reject


def redirect_to(url: str) -> str:
    """Write the document that leads to another one."""
    return f"<Response><Redirect>{escape(url)}</Redirect></Response>"
