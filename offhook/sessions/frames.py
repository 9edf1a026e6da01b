"""What the session socket sends: the events of the run's log, each with its seq, and what goes beside the log.

A text message is a frame: `{"v":1,"type":"transcript","seq":"7","ts":"…","session_id":"sess_…","data":{…}}`. A frame with
a `seq` never changes: sent again, it is the same text, byte for byte. Binary messages are audio.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self, TypeAlias, get_args

from offhook.clock import to_iso
from offhook.json_types import JsonObject
from offhook.runs.log.entry import LogEntry
from offhook.runs.log.events import EndEvent
from offhook.runs.log.reading import Open, Stored

VERSION = 1
PROTOCOL = f"streaming-frames/{VERSION}"


class AudioEncoding(StrEnum):
    """How audio is written: 8-bit mu-law (ITU G.711), or linear samples of 16 bits, little-endian."""

    MULAW = "audio/x-mulaw"
    PCM = "audio/pcm"

    @property
    def rate_hz(self) -> int:
        """The only rate that it is taken at."""
        return 8000 if self is AudioEncoding.MULAW else 16_000


class Track(StrEnum):
    """Whose voice it is."""

    CALLER = "caller"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFormat(Stored):
    """How the audio of one direction is written."""

    encoding: Open[AudioEncoding]
    """The encoding."""
    rate: int
    """Samples a second."""
    channels: int = 1
    """1 where left out; 2 for who listens in by binary messages: sample by sample, left the caller, right the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Stored):
    """Where the client stands in the log, as at the opening of its socket."""

    after: str
    """The seq after which frames follow."""
    oldest: str
    """The oldest seq that is kept; 0 where there is none yet."""
    newest: str
    """The newest seq when the socket was opened; 0 where there is none yet."""
    gap: bool
    """Whether frames after the client's cursor are not there to be sent: what it has gathered is incomplete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Stored):
    """The first frame of a socket, and again once a `start` was followed, or `live` has changed: what is sent here, to whom."""

    type: ClassVar = "ready"

    protocol: str
    """Always `streaming-frames/1`."""
    status: str
    """The session's status."""
    agent_uuid: str
    """The agent."""
    version: int
    """The version of its workflow."""
    scope: str
    """What the token allows: `operate`, or `observe` alone."""
    line: bool
    """Whether this client is the caller."""
    live: bool
    """Whether audio comes here: to the caller the agent's, to others both voices where they ask for them with `?audio`."""
    audio_in: AudioFormat | None
    """How this client's audio is to be written; null unless it is the caller."""
    audio_out: AudioFormat | None
    """How audio is written that comes here; null where none does."""
    resume: Resume
    """Where the client stands in the log."""
    disposition_schema_version: str | None
    """As the session was started with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clear(Stored):
    """The caller has the floor: drop what of the agent's audio has not been played."""

    type: ClassVar = "clear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Stored):
    """The audio before it ends a sentence: answer with `played` once that was played, or cleared."""

    type: ClassVar = "mark"

    name: str
    """What `played` is to name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFrame(Stored):
    """Audio in a text frame, for those who have opened the socket with `?audio=json`."""

    type: ClassVar = "audio"

    payload: str
    """The audio in base64, in the format that `ready` names."""
    track: Open[Track] = Track.AGENT
    """Whose voice it is; left out for the agent's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong(Stored):
    """The answer to a `ping`."""

    type: ClassVar = "pong"

    request_id: str | None
    """The `id` of the ping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack(Stored):
    """What the client has asked for was done, and the log says so."""

    type: ClassVar = "ack"

    request_id: str | None
    """The `id` of the frame that asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectAck(Stored):
    """The injection was taken, and stands in the log."""

    type: ClassVar = "inject-ack"

    request_id: str | None
    """The `id` of the frame that asked for it."""
    inject_id: str
    """Its name in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Error(Stored):
    """A frame of the client was not followed; the socket stays open. Without a seq: the run itself has not failed."""

    type: ClassVar = "error"

    code: str
    """Why, in kebab case."""
    message: str
    """A sentence that says what to do."""
    request_id: str | None
    """The `id` of the frame that it is about; null where that has none, or could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Stored):
    """The session is over, and its log has no `end` of a call; the socket is closed (1000)."""

    type: ClassVar = "end"

    reason: str | None
    """Why."""
    disposition: str | None
    """The outcome of the run, in one word."""


SentFrame: TypeAlias = Ready | Clear | Mark | AudioFrame | Pong | Ack | InjectAck | Error | End
"""What goes beside the log, without a seq."""

SENT_FRAMES: Sequence[type[SentFrame]] = get_args(SentFrame)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFrame:
    """An event of the log as it is sent."""

    seq: int
    text: str
    is_end: bool
    """Whether it is the end of the call."""

    @classmethod
    def of(cls, session_id: str, entry: LogEntry) -> Self:
        """Write an entry."""
        is_end = entry.event.type == EndEvent.type
        return cls(seq=entry.seq, text=logged_frame(session_id, entry), is_end=is_end)


def logged_frame(session_id: str, entry: LogEntry) -> str:
    """Write an event of the log as a frame: the same text whenever, and by whomever, it is written."""
    head = {"v": VERSION, "type": entry.event.type, "seq": str(entry.seq), "ts": to_iso(entry.at)}
    return _text({**head, "session_id": session_id, "data": entry.data})


def frame_text(session_id: str, frame: SentFrame, now: datetime) -> str:
    """Write a frame that goes beside the log."""
    head: JsonObject = {"v": VERSION, "type": frame.type, "ts": to_iso(now)}
    return _text({**head, "session_id": session_id, "data": frame.to_data()})


def _text(frame: dict[str, Any]) -> str:
    return json.dumps(frame, separators=(",", ":"))
