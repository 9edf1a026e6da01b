"""The media stream as a transition table: which message may come when, and how ours are written.

    EXPECT_CONNECTED --connected--> EXPECT_START --start--> STREAMING --stop--> STOPPED

The carrier's messages move the stream on; both ends see the same states. The two ends can be wired back to back,
which is what the tests and the simulated carrier do.
"""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import ClassVar, TypeAlias

from offhook.errors import ProtocolError
from offhook.json_types import JsonObject
from streamer.media.events import (
    ClearRequested,
    Connected,
    Event,
    MarkReached,
    MarkRequested,
    Started,
    Stopped,
)
from streamer.media.messages import parse, read_audio, read_digit, read_mark_name, read_start


class Role(StrEnum):
    """Which end of the stream this is: the one that answers the call, or the one that carries it."""

    AGENT = "agent"
    CARRIER = "carrier"


class State(StrEnum):
    """How far the stream has come."""

    EXPECT_CONNECTED = "expect-connected"
    EXPECT_START = "expect-start"
    STREAMING = "streaming"
    STOPPED = "stopped"


_Receiver: TypeAlias = "Callable[[MediaStream, JsonObject], Event | None]"


class MediaStream:
    """One end of one media stream; it holds no socket and no clock."""

    def __init__(self, *, role: Role = Role.AGENT) -> None:
        self._role = role
        self._enter(State.EXPECT_CONNECTED)
        self._stream_sid = ""
        self._media_prefix = ""

    @property
    def stream_sid(self) -> str:
        """The stream's id; empty before `start`."""
        return self._stream_sid

    def receive(self, message: str | bytes) -> Event | None:
        """Take the peer's next message and return what it says, or None when it says nothing to us.

        Raises ProtocolError, with the state as it was, when the message is malformed or comes out of order.
        """
        if self._receiver is None:
            return None
        return self._receiver(self, parse(message))

    # What both ends write.

    def media(self, payload: str) -> str:
        """Write audio, given as base64 of mu-law."""
        if not self._media_prefix:
            raise ProtocolError("No media before start")
        return self._media_prefix + payload + _MEDIA_SUFFIX

    def mark(self, name: str) -> str:
        """Write a mark: the agent asks for it, the carrier says that it was reached."""
        return self._write("mark", {"mark": {"name": name}})

    # What the agent writes.

    def clear(self) -> str:
        """Write that the carrier shall drop all audio that has not been heard."""
        return self._write("clear", {})

    # What the carrier writes.

    def connected(self) -> str:
        """Write the first message."""
        self._expect(State.EXPECT_CONNECTED)
        self._enter(State.EXPECT_START)
        return _dump({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, started: Started) -> str:
        """Write the call's identifiers."""
        self._expect(State.EXPECT_START)
        self._begin(started.stream_sid)
        return self._write("start", {"start": _start_metadata(started)})

    def dtmf(self, digit: str) -> str:
        """Write that the caller pressed a key."""
        return self._write("dtmf", {"dtmf": {"digit": digit}})

    def stop(self) -> str:
        """Write the last message."""
        message = self._write("stop", {"stop": {}})
        self._enter(State.STOPPED)
        return message

    def _enter(self, state: State) -> None:
        # The table is consulted when the state changes, not per message: hashing an enum costs as much as all the rest.
        self.state = state
        self._receiver = self._RECEIVERS.get((self._role, state))

    def _expect(self, state: State) -> None:
        if self.state is not state or self._role is not Role.CARRIER:
            raise ProtocolError("The stream is not in the state for this message")

    def _begin(self, stream_sid: str) -> None:
        # One outgoing media message is one concatenation: everything but the payload is written here, once.
        self._stream_sid = stream_sid
        self._media_prefix = f'{{"event":"media","streamSid":{json.dumps(stream_sid)},"media":{{"payload":"'
        self._enter(State.STREAMING)

    def _write(self, event: str, fields: JsonObject) -> str:
        if self.state is not State.STREAMING:
            raise ProtocolError("The stream is not in the state for this message")
        return _dump({"event": event, "streamSid": self._stream_sid, **fields})

    def _receive_first(self, message: JsonObject) -> Event:
        if message.get("event") != "connected":
            raise ProtocolError("Expected connected event")
        self._enter(State.EXPECT_START)
        return Connected()

    def _receive_start(self, message: JsonObject) -> Event:
        if message.get("event") != "start":
            raise ProtocolError("Expected start event")
        started = read_start(message)
        self._begin(started.stream_sid)
        return started

    def _receive_from_carrier(self, message: JsonObject) -> Event | None:
        match message.get("event"):
            case "media":
                return read_audio(message)
            case "mark":
                return MarkReached(name=read_mark_name(message))
            case "dtmf":
                return read_digit(message)
            case "stop":
                self._enter(State.STOPPED)
                return Stopped()
            case "connected" | "start" as event:
                raise ProtocolError(f"Unexpected {event} event")
            case _:
                return None

    def _receive_from_agent(self, message: JsonObject) -> Event | None:
        match message.get("event"):
            case "media":
                return read_audio(message)
            case "mark":
                return MarkRequested(name=read_mark_name(message))
            case "clear":
                return ClearRequested()
            case _:
                return None

    def _receive_too_early(self, _message: JsonObject) -> Event:
        raise ProtocolError("The agent may not speak before start")

    # STOPPED is not in the table: what a peer sends after it hung up is dropped unread.
    _RECEIVERS: ClassVar[Mapping[tuple[Role, State], _Receiver]] = {
        (Role.AGENT, State.EXPECT_CONNECTED): _receive_first,
        (Role.AGENT, State.EXPECT_START): _receive_start,
        (Role.AGENT, State.STREAMING): _receive_from_carrier,
        (Role.CARRIER, State.EXPECT_CONNECTED): _receive_too_early,
        (Role.CARRIER, State.EXPECT_START): _receive_too_early,
        (Role.CARRIER, State.STREAMING): _receive_from_agent,
    }


_MEDIA_SUFFIX = '"}}'


def _dump(message: JsonObject) -> str:
    return json.dumps(message, separators=(",", ":"))


def _start_metadata(started: Started) -> JsonObject:
    metadata: JsonObject = {
        "streamSid": started.stream_sid,
        "callSid": started.call_sid,
        "accountSid": started.account_sid,
        "from": started.caller,
        "to": started.called,
        "context": started.context,
        "tracks": list(started.tracks),
        "mediaFormat": started.media_format,
        "customParameters": dict(started.custom_parameters),
    }
    return metadata if started.session is None else {**metadata, "session": started.session}
