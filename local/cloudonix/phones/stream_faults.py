"""What a carrier that does it wrong puts on a media socket."""

import json
from base64 import b64encode

from local.people.line_noise import NOISE
from offhook.json_types import JsonObject

DROP_AFTER_CHUNKS = 150
"""Three seconds of a call, then the socket is gone."""
SECOND_SOCKET_CHUNKS = 50
"""One second."""


def early_media(stream_sid: str) -> str:
    """Return audio of a stream that has not started."""
    return _message({"streamSid": stream_sid, "event": "media", "media": {"payload": _payload()}})


def _message(message: JsonObject) -> str:
    return json.dumps(message, separators=(",", ":"))


def _payload() -> str:
    return b64encode(NOISE[:160]).decode()


GARBAGE = (
    "this is not JSON",
    '{"event":"media","media":{"payload":"',
    "[]",
    '"media"',
    "{}",
    _message({"event": 5}),
    _message({"event": "media"}),
    _message({"event": "media", "media": [_payload()]}),
    _message({"event": "media", "media": {"payload": 160}}),
    _message({"event": "media", "media": {"payload": "***"}}),
    _message({"event": "mark", "mark": {"name": None}}),
    _message({"event": "dtmf", "dtmf": {"digit": "hash"}}),
    _message({"event": "dtmf", "dtmf": 5}),
    _message({"event": "connected", "protocol": "Call", "version": "1.0.0"}),
    _message({"event": "start", "start": None}),
    _message({"event": "weather"}),
)
"""Not JSON, not an object, wrong types, out of order, and an event that nobody knows."""
