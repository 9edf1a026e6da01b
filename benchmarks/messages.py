"""Both directions of a simulated carrier's socket, cheap enough for hundreds of calls in one process."""

import json
from base64 import b64encode
from functools import cache

from websockets.frames import Frame, Opcode

from streamer.media import MediaStream, Role, Started

_UPGRADE = (
    "GET {} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: b2ZmaG9vayBvZmZob29rIQ==\r\n\r\n"
)
UPGRADE = _UPGRADE.format("/bench").encode()
REFUSED_UPGRADE = _UPGRADE.format("/refused").encode()
ANNOUNCED_UPGRADE = _UPGRADE.format("/announced?provider=cloudonix&Domain=demo").encode()
HEALTH_REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

# All carriers share one stream, so that each chunk of speech is one frame, encoded and masked once for all calls.
_stream = MediaStream(role=Role.CARRIER)
_CONNECTED = _stream.connected()
_START = _stream.start(
    Started(stream_sid="MZ-bench", call_sid="CA-bench", account_sid="bench.cloudonix.net", session="bench")
)


def connected() -> bytes:
    """Return `connected`, with which a handshake begins."""
    return frame(Opcode.TEXT, _CONNECTED.encode())


def opening() -> bytes:
    """Return `connected` and `start`."""
    return connected() + frame(Opcode.TEXT, _START.encode())


@cache
def media(chunk: bytes) -> bytes:
    """Return the frame of 20 ms of audio."""
    return frame(Opcode.TEXT, _stream.media(b64encode(chunk).decode()).encode())


def mark(name: str) -> bytes:
    """Return the frame that says a mark was reached."""
    return frame(Opcode.TEXT, _stream.mark(name).encode())


def frame(opcode: Opcode, payload: bytes) -> bytes:
    """Return a masked frame."""
    return Frame(opcode, payload).serialize(mask=True)


def split(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Cut a server's bytes into (first byte, payload) of whole frames; return them and the rest."""
    frames, start = [], 0
    while len(data) - start >= 2:
        length, body = data[start + 1], start + 2
        if length == 126:
            length, body = int.from_bytes(data[start + 2 : start + 4], "big"), start + 4
        elif length == 127:
            length, body = int.from_bytes(data[start + 2 : start + 10], "big"), start + 10
        if body + length > len(data):
            break
        frames.append((data[start], data[body : body + length]))
        start = body + length
    return frames, data[start:]


def audio_ms(payload: bytes) -> float | None:
    """Return how much audio a message of the agent holds; None for any other message."""
    at = payload.find(b'"payload"')
    if at < 0:
        return None
    start = payload.index(b'"', at + 9) + 1
    end = payload.index(b'"', start)
    return ((end - start) * 3 // 4 - payload.count(b"=", end - 2, end)) / 8


def event_of(payload: bytes) -> tuple[str, str]:
    """Return the event's name and, of a mark, its name."""
    message = json.loads(payload)
    return message.get("event", ""), message.get("mark", {}).get("name", "")
